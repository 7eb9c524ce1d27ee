package org.pointwise.format.npy;

import java.util.List;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.RawOutput;
import org.pointwise.store.ByteStore;

/** Writes {@code .npy} files, one for each file or image of the input. */
public final class NpyOutput extends RawOutput {
  @Override
  public String name() {
    return NpyFormat.NAME;
  }

  @Override
  public OutputArray layout(OutputRequest request) {
    request.requireNumpyTypes(name());
    return files(request);
  }

  @Override
  public List<String> fileNames(InputFiles files, long image) {
    return List.of(files.stem(image) + NpyFormat.ENDING);
  }

  @Override
  public FeatureSink sink(ByteStore store, OutputTarget target) {
    return new NpySink(
        store,
        folder(target),
        image -> fileNames(target.files(), image).get(0),
        fileAxes(target),
        target.shape().c(),
        target.quantisation().type());
  }
}
