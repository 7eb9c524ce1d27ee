package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Tile;
import org.pointwise.work.InputVersion;

/** Reads the pixels of a stored reduced array as float32 numbers. Confined to one thread. */
final class StoredPixels implements AutoCloseable {
  private final ArrayInfo info;
  private final ByteStores stores;
  private final PixelReader pixels;
  private final MeteredReader reader;
  private final ObservedObjects observed = new ObservedObjects();
  private FeatureSource source;

  StoredPixels(ArrayInfo info, ByteStores stores) {
    this.info = info;
    this.stores = stores;
    this.pixels = new PixelReader(info.quantisation(), info.shape().c());
    try {
      this.source = Formats.reopen(stores, info);
      this.reader = new MeteredReader(source.reader());
    } catch (IOException e) {
      throw Formats.failedOnWorker(info.uri(), e);
    }
  }

  /** Returns the state of the objects that hold these boxes, and reads changed objects anew. */
  InputVersion renew(List<Box> boxes) throws IOException {
    InputVersion objects = InputVersion.of(source, List.of(boxes));
    if (observed.changed(objects)) {
      source = Formats.reopen(stores, info);
      reader.use(source.reader());
    }
    return objects;
  }

  /**
   * Reads the pixels of a box of one image.
   *
   * @param to receives float32 numbers, [pixel][channel]; NaN in all channels of nodata pixels
   */
  void read(Box box, byte[] to) {
    try {
      info.split(box, part -> read(part, box, to));
    } catch (UncheckedIOException e) {
      throw new IncompleteRunException(
          "Cannot evaluate %s: %s".formatted(info.uri(), e.getCause()), e);
    }
  }

  private void read(Box part, Box box, byte[] to) {
    Tile tile;
    try {
      tile = reader.read(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int channels = info.shape().c();
    for (int p = 0; p < part.pixels(); p++) {
      double[] pixel = pixels.read(tile, p);
      long row = part.y0() - box.y0() + p / part.x();
      long at = (row * box.x() + part.x0() - box.x0() + p % part.x()) * channels;
      for (int c = 0; c < channels; c++) {
        float value = tile.nodata() ? Float.NaN : (float) pixel[c];
        ElementAccess.putFloat32(to, (int) (at + c) * Float.BYTES, value);
      }
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
