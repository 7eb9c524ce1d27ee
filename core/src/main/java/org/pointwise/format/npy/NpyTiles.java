package org.pointwise.format.npy;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.RawFile;
import org.pointwise.format.RawTiles;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.FeatureShape;

/**
 * Reads boxes of {@code .npy} files, each as its own header describes it. Confined to one thread.
 */
final class NpyTiles extends RawTiles {
  private final ByteStore store;
  private final ArrayInfo info;
  private final Axes fileAxes;
  private final ElementType type;
  private @Nullable RawFile last;

  /**
   * @param type the element type of all files
   */
  NpyTiles(ByteStore store, ArrayInfo info, Axes fileAxes, ElementType type) {
    super(store, info.storage() == Storage.IMAGES);
    this.store = store;
    this.info = info;
    this.fileAxes = fileAxes;
    this.type = type;
  }

  @Override
  protected RawFile file(long image) throws IOException {
    String key =
        info.storage() == Storage.IMAGES
            ? info.images().get(Math.toIntExact(image)).name()
            : ByteStores.name(info.uri());
    RawFile file = last;
    if (file == null || !file.key().equals(key)) {
      file = NpySource.file(store, key, NpyHeader.read(store, key), fileAxes);
      requireUnchanged(file, image);
      last = file;
    }
    return file;
  }

  private void requireUnchanged(RawFile file, long image) {
    FeatureShape now = file.shape();
    boolean same =
        info.storage() == Storage.IMAGES
            ? now.y() == info.image(image).y()
                && now.x() == info.image(image).x()
                && now.c() == info.shape().c()
            : now.equals(info.shape());
    if (!same || file.type() != type) {
      throw new InvalidInputException(
          "Cannot read %s/%s: it changed since the run was planned; run again"
              .formatted(store.uri(), file.key()));
    }
  }
}
