package org.pointwise.format.npy;

import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;

/** {@code .npy} files, one for each file or image of the input. */
public final class NpyOutput implements OutputFormat {
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

  @Override
  public long writerHeap(OutputArray array, int channels) {
    return Math.multiplyExact(array.chunk().pixels(), (long) channels * array.type().bytes());
  }

  @Override
  public String fileName(InputFiles files, long image) {
    return files.stem(image) + NpyFormat.ENDING;
  }

  @Override
  public FeatureSink sink(ByteStore store, OutputTarget target) {
    Axes axes = target.layout().axes();
    boolean oneImageAFile = target.files().storage() != Storage.FILE && axes.rank() > 1;
    return new NpySink(
        store,
        target.alone() ? "" : target.name(),
        image -> fileName(target.files(), image),
        oneImageAFile
            ? new Axes(axes.order().stream().filter(axis -> axis != Axis.N).toList())
            : axes,
        target.shape().c(),
        target.layout().type());
  }
}
