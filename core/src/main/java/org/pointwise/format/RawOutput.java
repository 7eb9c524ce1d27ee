package org.pointwise.format;

import java.util.stream.Stream;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;

/**
 * A format of files, one for each file or image of the input, with contiguous uncompressed numbers.
 * {@link RawWriter} writes the files.
 */
public abstract class RawOutput implements OutputFormat {
  /** Target bytes of one write of a larger file. */
  private static final long STEP_BYTES = 16L << 20;

  private static final long MAX_STEP_BYTES = 64L << 20;

  /** Maximum bytes of a file in addition to its numbers. */
  private static final long HEADER_BYTES = 1 << 10;

  @Override
  public final String toString() {
    return name();
  }

  @Override
  public final boolean perFile() {
    return true;
  }

  @Override
  public final boolean compresses() {
    return false;
  }

  /** Returns the folder of an array's files within the output; empty if it is the only array. */
  protected static String folder(OutputTarget target) {
    return target.isOnly() ? "" : target.name();
  }

  /**
   * Returns the axes of one file: those of the array, without the images if each image has its own
   * file.
   */
  protected static Axes fileAxes(OutputTarget target) {
    Axes axes = target.layout().axes();
    boolean oneImageAFile = target.files().storage() != Storage.FILE && axes.rank() > 1;
    return oneImageAFile
        ? new Axes(axes.order().stream().filter(axis -> axis != Axis.N).toList())
        : axes;
  }

  /** Returns the layout in which each object is a whole file. */
  protected static OutputArray files(OutputRequest request) {
    ArrayInfo input = request.input();
    Extent file =
        new Extent(
            input.storage() == Storage.FILE ? Math.toIntExact(input.shape().n()) : 1,
            Math.toIntExact(input.shape().y()),
            Math.toIntExact(input.shape().x()));
    return new OutputArray(request.axes(), request.dimensionNames(), file, file, false);
  }

  /**
   * Returns the whole file, or as much of its slowest axis as makes a reasonable write. A step of
   * whole tiles may be larger. A further axis is cut only if the step is much larger, because the
   * parts of the file then come in an order other than that of its bytes.
   */
  @Override
  public final Extent chunkStep(OutputArray array, long pixelBytes, Extent object, Extent tile) {
    Extent step = object;
    for (Axis axis : array.axes().order()) {
      long bytes = bytes(pixelBytes, step);
      if (axis != Axis.C && bytes > (step.equals(object) ? STEP_BYTES : MAX_STEP_BYTES)) {
        int length = (int) Math.max(1, STEP_BYTES / (bytes / step.length(axis)));
        int tiles = Math.max(1, length / tile.length(axis)) * tile.length(axis);
        step =
            step.withLength(
                axis, Math.min(step.length(axis), oneTile(step, tile, axis) ? length : tiles));
      }
    }
    return step;
  }

  /**
   * Returns whether consecutive steps lie in one tile when an axis is cut. Such a tile is still
   * read once.
   */
  private static boolean oneTile(Extent step, Extent tile, Axis cut) {
    return Stream.of(Axis.N, Axis.Y, Axis.X)
        .allMatch(axis -> axis == cut || tile.length(axis) >= step.length(axis));
  }

  @Override
  public final WriteMemory memory(OutputArray array, long pixelBytes, Extent step) {
    long file = Math.addExact(bytes(pixelBytes, array.shard()), HEADER_BYTES);
    long chunk = bytes(pixelBytes, step);
    long bufferedBytes = ObjectAssembly.longestWriteBytes(file, chunk + HEADER_BYTES);
    return new WriteMemory(
        step.equals(array.shard()) ? file : bufferedBytes + ObjectAssembly.MAX_BUFFERED_BYTES,
        bufferedBytes * 5 / 4);
  }

  private static long bytes(long pixelBytes, Extent extent) {
    return Math.multiplyExact(extent.pixels(), pixelBytes);
  }
}
