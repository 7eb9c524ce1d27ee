package pointwise.ml;

import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.MLReader;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.spark.SparkStores;
import org.pointwise.weights.WeightsRef;

/** Loads what {@link ModelWriter} saved, and weights files. */
final class ModelReader extends MLReader<PointwiseModel> {
  @Override
  public PointwiseModel load(String path) {
    if (isWeights(path)) {
      return PointwiseModel.loadWeights(path);
    }
    PointwiseModel parameters;
    try {
      parameters = new DefaultParamsReader<PointwiseModel>().load(path);
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      throw new InvalidInputException(
          "Cannot load a model from %s: it is neither a folder that PointwiseModel.save wrote nor a weights file (.safetensors, .npy, .onnx); check the path (%s)"
              .formatted(path, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    WeightsRef weights = WeightsRef.parse(SparkStores.qualified(path) + "/" + SavedLayer.FILE);
    return parameters.withLayer(SavedLayer.read(SparkStores.open(), weights));
  }

  private static boolean isWeights(String path) {
    try {
      WeightsRef.parse(path).format();
      return true;
    } catch (InvalidInputException e) {
      return false;
    }
  }
}
