package org.pointwise.format;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteSource;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/**
 * Reads boxes of {@link RawFile}s, each in as few contiguous runs as the order of the file allows.
 * Confined to one thread.
 */
public abstract class RawTiles implements FeatureSource.Reader {
  private final ByteSource store;
  private final boolean oneImageAFile;
  private final Bytes bytes = new Bytes();
  private final Bytes run = new Bytes();

  /**
   * @param oneImageAFile whether each file holds one image; otherwise one file holds all images
   */
  protected RawTiles(ByteSource store, boolean oneImageAFile) {
    this.store = store;
    this.oneImageAFile = oneImageAFile;
  }

  /** Returns a reader of one file that does not change. */
  public static RawTiles of(ByteSource store, RawFile file) {
    return new RawTiles(store, false) {
      @Override
      protected RawFile file(long image) {
        return file;
      }
    };
  }

  /**
   * Returns the file that holds an image, in its current state.
   *
   * @param image the index of the image in the array
   * @throws InvalidInputException if the file has changed since the run was planned
   */
  protected abstract RawFile file(long image) throws IOException;

  @Override
  public final Tile read(Box box) throws IOException {
    if (oneImageAFile && box.n() > 1) {
      throw new IllegalArgumentException(
          "Cannot read %s at once: a file holds one image".formatted(box));
    }
    RawFile file = file(box.n0());
    long numbers = Math.multiplyExact(box.pixels(), (long) file.shape().c());
    int size = Math.toIntExact(Math.multiplyExact(numbers, (long) file.type().bytes()));
    bytes.resize(size);
    bytes.resize(0);
    readRuns(file, box);
    return new Tile(box, List.of(block(file, box)), size);
  }

  @Override
  public final void close() {
    store.release();
  }

  /** Reads the box in as few contiguous runs of the file as possible and appends the runs. */
  private void readRuns(RawFile file, Box box) throws IOException {
    List<Axis> order = file.storageOrder();
    int rank = order.size();
    long[] lengths = new long[rank];
    long[] first = new long[rank];
    long[] counts = new long[rank];
    for (int i = 0; i < rank; i++) {
      Axis axis = order.get(i);
      lengths[i] = file.shape().length(axis);
      first[i] = first(box, axis);
      counts[i] = count(file, box, axis);
      if (first[i] + counts[i] > lengths[i]) {
        throw new IllegalArgumentException(
            "Cannot read %s of %s: it has %s".formatted(box, file.key(), file.shape()));
      }
    }
    int split = rank - 1;
    while (split > 0 && counts[split] == lengths[split]) {
      split--;
    }
    long together = counts[split];
    for (int i = split + 1; i < rank; i++) {
      together *= lengths[i];
    }
    long[] position = Arrays.copyOf(first, split);
    do {
      long element = 0;
      for (int i = 0; i < rank; i++) {
        element = element * lengths[i] + (i < split ? position[i] : first[i]);
      }
      readRun(file, file.dataOffset() + element * file.type().bytes(), together);
    } while (advance(position, first, counts));
  }

  private static boolean advance(long[] position, long[] first, long[] counts) {
    for (int i = position.length - 1; i >= 0; i--) {
      if (++position[i] < first[i] + counts[i]) {
        return true;
      }
      position[i] = first[i];
    }
    return false;
  }

  private void readRun(RawFile file, long offset, long count) throws IOException {
    try {
      int length = Math.toIntExact(count * file.type().bytes());
      if (!store.read(file.key(), offset, length, run)) {
        throw new InvalidInputException(
            "Cannot read %s/%s: it vanished during the run".formatted(store.uri(), file.key()));
      }
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read %s/%s: it is truncated (%s); restore the file"
              .formatted(store.uri(), file.key(), e.getMessage()),
          e);
    }
    bytes.append(run.array(), 0, run.length());
  }

  private long first(Box box, Axis axis) {
    return switch (axis) {
      case N -> oneImageAFile ? 0 : box.n0();
      case Y -> box.y0();
      case X -> box.x0();
      case C -> 0;
    };
  }

  private static long count(RawFile file, Box box, Axis axis) {
    return switch (axis) {
      case N -> box.n();
      case Y -> box.y();
      case X -> box.x();
      case C -> file.shape().c();
    };
  }

  private ChannelBlock block(RawFile file, Box box) {
    List<Axis> order = file.storageOrder();
    long[] strides = new long[order.size()];
    long step = 1;
    for (int i = order.size() - 1; i >= 0; i--) {
      strides[file.axes().indexOf(order.get(i))] = step;
      step *= count(file, box, order.get(i));
    }
    return ChannelBlock.of(
        bytes.array(), 0, file.type(), file.order(), file.axes(), strides, 0, file.shape().c());
  }
}
