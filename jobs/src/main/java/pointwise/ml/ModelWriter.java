package pointwise.ml;

import java.io.IOException;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLWriter;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.spark.SparkStores;

/** Saves a model: its parameters as Spark ML does, and its layer in a weights file. */
final class ModelWriter extends MLWriter {
  private static final String PATTERNS = "[]{}*?\\";

  private final PointwiseModel model;
  private final SavedLayer saved;

  ModelWriter(PointwiseModel model, SavedLayer saved) {
    this.model = model;
    this.saved = saved;
  }

  /** Checks the path before an existing model is deleted. */
  @Override
  public void save(String path) throws IOException {
    int pattern = path.chars().filter(c -> PATTERNS.indexOf(c) >= 0).findFirst().orElse(-1);
    if (pattern >= 0) {
      throw new InvalidInputException(
          "Cannot save a model to %s: Spark reads %c in a path as a pattern and would not find the model again; choose another path"
              .formatted(path, pattern));
    }
    SparkStores.qualified(path);
    super.save(path);
  }

  @Override
  public void saveImpl(String path) {
    saved.write(SparkStores.open(), SavedLayer.inFolder(SparkStores.qualified(path)).uri());
    new DefaultParamsWriter(model).saveImpl(path);
  }
}
