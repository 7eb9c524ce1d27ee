package org.pointwise.format.npy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Tile;

/**
 * Reads boxes of .npy files, each as few contiguous runs as its order allows. Confined to one
 * thread.
 */
final class NpyTiles implements FeatureSource.Reader {
  private final ByteStore store;
  private final ArrayInfo info;
  private final Axes fileAxes;
  private final ElementType type;
  private final boolean folder; // of files with one image each
  private final Bytes bytes = new Bytes();
  private final Bytes run = new Bytes();
  private String headerKey = "";
  private @Nullable NpyHeader last; // of headerKey
  private List<Axis> storageOrder = List.of();

  /**
   * @param type of all files
   */
  NpyTiles(ByteStore store, ArrayInfo info, Axes fileAxes, ElementType type) {
    this.store = store;
    this.info = info;
    this.fileAxes = fileAxes;
    this.type = type;
    this.folder = info.storage() == Storage.IMAGES;
  }

  @Override
  public Tile read(Box cell) throws IOException {
    List<ImageFile> images = info.images();
    if (folder && cell.n() > 1) {
      throw new IllegalArgumentException(
          "Cannot read %s at once: a file holds one image".formatted(cell));
    }
    String key = folder ? images.get((int) cell.n0()).name() : ByteStores.name(info.uri());
    NpyHeader header = last;
    if (header == null || !headerKey.equals(key)) {
      header = NpyHeader.read(store, key);
      requireUnchanged(key, header, cell);
      storageOrder = NpySource.storageOrder(fileAxes, header.fortran());
      headerKey = key;
      last = header;
    }
    int size = Math.multiplyExact(Math.toIntExact(cell.pixels() * info.shape().c()), type.bytes());
    bytes.resize(size);
    bytes.resize(0);
    readRuns(key, header, cell);
    return new Tile(cell, List.of(block(cell, header.order())), size);
  }

  private void requireUnchanged(String key, NpyHeader header, Box cell) {
    FeatureShape now = ArrayInfo.shape(ByteStore.join(store.uri(), key), header.shape(), fileAxes);
    List<ImageFile> images = info.images();
    boolean same =
        !folder
            ? now.equals(info.shape())
            : now.y() == images.get((int) cell.n0()).y()
                && now.x() == images.get((int) cell.n0()).x()
                && now.c() == info.shape().c();
    if (!same || header.type() != type) {
      throw new InvalidInputException(
          "Cannot read %s/%s: it changed since the run was planned; run again"
              .formatted(store.uri(), key));
    }
  }

  /** Reads the box as few contiguous runs of the file, one behind another. */
  private void readRuns(String key, NpyHeader header, Box cell) throws IOException {
    FeatureShape file = ArrayInfo.shape(ByteStore.join(store.uri(), key), header.shape(), fileAxes);
    int rank = storageOrder.size();
    long[] lengths = new long[rank];
    long[] first = new long[rank];
    long[] counts = new long[rank];
    for (int i = 0; i < rank; i++) {
      Axis axis = storageOrder.get(i);
      lengths[i] = file.length(axis);
      first[i] = first(cell, axis);
      counts[i] = count(cell, axis);
      if (first[i] + counts[i] > lengths[i]) {
        throw new IllegalArgumentException(
            "Cannot read %s of %s: it has %s".formatted(cell, key, file));
      }
    }
    int split = rank - 1;
    while (split > 0 && counts[split] == lengths[split]) {
      split--;
    }
    long run = counts[split];
    for (int i = split + 1; i < rank; i++) {
      run *= lengths[i];
    }
    long[] position = Arrays.copyOf(first, split);
    do {
      long element = 0;
      for (int i = 0; i < rank; i++) {
        element = element * lengths[i] + (i < split ? position[i] : first[i]);
      }
      readRun(key, header.dataOffset() + element * type.bytes(), run);
    } while (advance(position, first, counts));
  }

  private boolean advance(long[] position, long[] first, long[] counts) {
    for (int i = position.length - 1; i >= 0; i--) {
      if (++position[i] < first[i] + counts[i]) {
        return true;
      }
      position[i] = first[i];
    }
    return false;
  }

  private void readRun(String key, long offset, long count) throws IOException {
    try {
      boolean found = store.read(key, offset, Math.toIntExact(count * type.bytes()), run);
      if (!found) {
        throw new InvalidInputException(
            "Cannot read %s/%s: it vanished during the run".formatted(store.uri(), key));
      }
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read %s/%s: it is truncated (%s); restore the file"
              .formatted(store.uri(), key, e.getMessage()),
          e);
    }
    bytes.append(run.array(), 0, run.length());
  }

  private long first(Box cell, Axis axis) {
    return switch (axis) {
      case N -> folder ? 0 : cell.n0();
      case Y -> cell.y0();
      case X -> cell.x0();
      case C -> 0;
    };
  }

  private long count(Box cell, Axis axis) {
    return switch (axis) {
      case N -> cell.n();
      case Y -> cell.y();
      case X -> cell.x();
      case C -> info.shape().c();
    };
  }

  private ChannelBlock block(Box cell, ByteOrder order) {
    long[] strides = new long[fileAxes.rank()];
    long step = 1;
    for (int i = storageOrder.size() - 1; i >= 0; i--) {
      strides[fileAxes.indexOf(storageOrder.get(i))] = step;
      step *= count(cell, storageOrder.get(i));
    }
    return ChannelBlock.of(bytes.array(), 0, type, order, fileAxes, strides, 0, info.shape().c());
  }
}
