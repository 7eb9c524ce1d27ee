package pointwise.ml;

import java.io.IOException;
import org.apache.spark.ml.util.MLReader;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.spark.SparkStores;
import org.pointwise.weights.WeightsRef;

/** Loads what {@link ModelWriter} saved, and weights files. */
final class ModelReader extends MLReader<PointwiseModel> {
  private static final StageReader<PointwiseModel> PARAMETERS =
      new StageReader<>(
          PointwiseModel.class,
          "neither a folder that PointwiseModel.save wrote nor a weights file (.safetensors, .npy, .onnx)");

  private boolean local;

  /** Loads from the disk of the driver what {@link ModelWriter#saveToLocal} saved. */
  @Override
  public PointwiseModel loadFromLocal(String path) {
    local = true;
    return super.loadFromLocal(path);
  }

  @Override
  public PointwiseModel load(String path) {
    if (WeightsRef.FileFormat.isKnown(WeightsRef.file(path)) && !isSaved(path)) {
      return PointwiseModel.loadWeights(path);
    }
    PointwiseModel parameters = PARAMETERS.load(path);
    return parameters.withLayer(
        SavedLayer.read(SparkStores.open(), SavedLayer.inFolder(qualified(path))));
  }

  /** Returns whether a path is a folder with parameters; its name may be that of a weights file. */
  private boolean isSaved(String path) {
    try {
      return !SparkStores.open().open(qualified(path)).list("metadata").isEmpty();
    } catch (InvalidInputException | IOException e) {
      return false; // FILE#NAME may be no path
    }
  }

  private String qualified(String path) {
    return SparkStores.qualified(local ? "file:" + path : path);
  }
}
