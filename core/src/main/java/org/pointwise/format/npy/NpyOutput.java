package org.pointwise.format.npy;

import java.util.List;
import java.util.stream.Stream;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.Storage;
import org.pointwise.format.WriteMemory;
import org.pointwise.store.Assembly;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;

/** {@code .npy} files, one for each file or image of the input. */
public final class NpyOutput implements OutputFormat {
  /** What is written at once of a larger file. */
  private static final long STEP_BYTES = 16L << 20;

  private static final long MOST_STEP_BYTES = 64L << 20;

  private static final long HEADER_BYTES = 1 << 10;

  @Override
  public String toString() {
    return name();
  }

  @Override
  public String name() {
    return NpyFormat.NAME;
  }

  @Override
  public boolean perFile() {
    return true;
  }

  @Override
  public boolean compresses() {
    return false;
  }

  @Override
  public OutputArray layout(OutputRequest request) {
    if (request.type().numpyCode() == null) {
      throw new InvalidInputException(
          "Cannot store %s as %s: NumPy has no such type; use --dtype float32 or float16"
              .formatted(request.type(), name()));
    }
    ArrayInfo input = request.input();
    Extent file =
        new Extent(
            input.storage() == Storage.FILE ? Math.toIntExact(input.shape().n()) : 1,
            Math.toIntExact(input.shape().y()),
            Math.toIntExact(input.shape().x()));
    return new OutputArray(
        request.type(), request.axes(), request.dimensionNames(), file, file, false);
  }

  /**
   * The whole file, or as much of its slowest axis as is worth a write. Of whole cells, that may be
   * more; a further axis is cut only where it is much more, since the parts of the file then come
   * in another order than its bytes.
   */
  @Override
  public Extent chunkStep(OutputArray array, int channels, Extent object, Extent cell) {
    Extent step = object;
    for (Axis axis : array.axes().order()) {
      long bytes = bytes(array, channels, step);
      if (axis != Axis.C && bytes > (step.equals(object) ? STEP_BYTES : MOST_STEP_BYTES)) {
        int length = (int) Math.max(1, STEP_BYTES / (bytes / step.length(axis)));
        int cells = Math.max(1, length / cell.length(axis)) * cell.length(axis);
        step =
            step.with(
                axis, Math.min(step.length(axis), oneCell(step, cell, axis) ? length : cells));
      }
    }
    return step;
  }

  /**
   * Whether parts of one cell follow each other when an axis is cut: it is read once all the same.
   */
  private static boolean oneCell(Extent step, Extent cell, Axis cut) {
    return Stream.of(Axis.N, Axis.Y, Axis.X)
        .allMatch(axis -> axis == cut || cell.length(axis) >= step.length(axis));
  }

  @Override
  public WriteMemory memory(OutputArray array, int channels, Extent step) {
    long file = Math.addExact(bytes(array, channels, array.shard()), HEADER_BYTES);
    long chunk = bytes(array, channels, step);
    long held = Assembly.held(file, chunk + HEADER_BYTES);
    return new WriteMemory(step.equals(array.shard()) ? file : held + Assembly.HELD, held * 5 / 4);
  }

  private static long bytes(OutputArray array, int channels, Extent extent) {
    return Math.multiplyExact(extent.pixels(), (long) channels * array.type().bytes());
  }

  @Override
  public List<String> fileNames(InputFiles files, long image) {
    return List.of(files.stem(image) + NpyFormat.ENDING);
  }

  @Override
  public FeatureSink sink(ByteStore store, OutputTarget target) {
    Axes axes = target.layout().axes();
    boolean oneImageAFile = target.files().storage() != Storage.FILE && axes.rank() > 1;
    return new NpySink(
        store,
        target.alone() ? "" : target.name(),
        image -> fileNames(target.files(), image).get(0),
        oneImageAFile
            ? new Axes(axes.order().stream().filter(axis -> axis != Axis.N).toList())
            : axes,
        target.shape().c(),
        target.layout().type());
  }
}
