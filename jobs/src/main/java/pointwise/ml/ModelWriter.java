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
  private boolean local;

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
    qualified(path);
    super.save(path);
  }

  /**
   * Saves to the disk of the driver, as a server of Spark Connect does with models in its cache.
   */
  @Override
  public void saveToLocal(String path) throws IOException {
    local = true;
    super.saveToLocal(path);
  }

  private String qualified(String path) {
    return SparkStores.qualified(local ? "file:" + path : path);
  }

  @Override
  public void saveImpl(String path) {
    saved.write(SparkStores.open(), SavedLayer.inFolder(qualified(path)).uri());
    new DefaultParamsWriter(model).saveImpl(path);
  }
}
