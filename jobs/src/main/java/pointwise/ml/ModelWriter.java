package pointwise.ml;

import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLWriter;
import org.pointwise.spark.SparkStores;

/** Saves a model: its parameters as Spark ML does, and its layer in a weights file. */
final class ModelWriter extends MLWriter {
  private final PointwiseModel model;
  private final SavedLayer saved;

  ModelWriter(PointwiseModel model, SavedLayer saved) {
    this.model = model;
    this.saved = saved;
  }

  @Override
  public void saveImpl(String path) {
    String folder = SparkStores.qualified(path);
    saved.write(SparkStores.open(), folder + "/" + SavedLayer.FILE);
    new DefaultParamsWriter(model).saveImpl(path);
  }
}
