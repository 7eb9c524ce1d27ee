package pointwise.ml;

import java.util.Map;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.spark.SparkStores;
import org.pointwise.spark.ml.Columns;
import org.pointwise.spark.ml.LayerFunction;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.KernelLayout;

/**
 * A layer, applied to each value of a column: y = act(W·x + b), F → F′ channels, as float32. The
 * outputs are bit-identical to those of {@code pointwise reduce} with the same weights and pixels,
 * but a finite number beyond float32 is infinite, which {@code reduce} refuses or saturates.
 */
public final class PointwiseModel extends Model<PointwiseModel> implements MLWritable {
  private final String uid;
  private final @Nullable SavedLayer saved;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final BooleanParam nanIsNodata;
  private final BooleanParam describe;

  /** Makes a model without a layer, which Spark needs to read parameters. It cannot be used. */
  public PointwiseModel() {
    this(LayerEstimator.randomUid("PointwiseModel"));
  }

  /** Makes a model without a layer, which Spark needs to read parameters. It cannot be used. */
  public PointwiseModel(String uid) {
    this(uid, null);
  }

  PointwiseModel(String uid, @Nullable SavedLayer saved) {
    this.uid = uid;
    this.saved = saved;
    this.inputCol = new Param<>(uid, "inputCol", "column with features");
    this.outputCol = new Param<>(uid, "outputCol", "new column with the outputs of the layer");
    this.nanIsNodata =
        new BooleanParam(uid, "nanIsNodata", "whether the output of a row with NaN is null");
    this.describe =
        new BooleanParam(uid, "describe", "whether transform returns the layer, not outputs");
    setDefault(inputCol, "features");
    setDefault(outputCol, uid + "__output");
    setDefault(nanIsNodata, false);
    setDefault(describe, false);
  }

  /** Returns a model with the same parameters and a layer. */
  PointwiseModel withLayer(SavedLayer layer) {
    return copyValues(new PointwiseModel(uid, layer), ParamMap.empty());
  }

  private SavedLayer saved() {
    if (saved == null) {
      throw new InvalidInputException(
          "Cannot use %s: it has no layer; fit an estimator or load a model".formatted(uid));
    }
    return saved;
  }

  @Override
  public String uid() {
    return uid;
  }

  public Param<String> inputCol() {
    return inputCol;
  }

  public Param<String> outputCol() {
    return outputCol;
  }

  public BooleanParam nanIsNodata() {
    return nanIsNodata;
  }

  public BooleanParam describe() {
    return describe;
  }

  /** Sets the column with features; {@code features} by default. */
  public PointwiseModel setInputCol(String value) {
    set(inputCol, value);
    return this;
  }

  public String getInputCol() {
    return getOrDefault(inputCol);
  }

  /** Sets the new column with the outputs of the layer. */
  public PointwiseModel setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }

  public String getOutputCol() {
    return getOrDefault(outputCol);
  }

  /** Sets whether the output of a row with NaN is null; otherwise its outputs are NaN. */
  public PointwiseModel setNanIsNodata(boolean value) {
    set(nanIsNodata, value);
    return this;
  }

  public boolean getNanIsNodata() {
    return (Boolean) getOrDefault(nanIsNodata);
  }

  /**
   * Sets whether {@link #transform} returns the layer as a table, whatever the data: a row for each
   * output o with {@code output} (o, from 0), {@code weights} (F numbers), {@code bias}, {@code
   * explainedVariance} (null if the layer is not one of principal components) and {@code summary}
   * ({@link #fitSummary} in row 0, else null). A client of Spark Connect may only transform.
   */
  public PointwiseModel setDescribe(boolean value) {
    set(describe, value);
    return this;
  }

  public boolean getDescribe() {
    return (Boolean) getOrDefault(describe);
  }

  /** Returns the number of input channels, F. */
  public int inChannels() {
    return saved().layer().inChannels();
  }

  /** Returns the number of output channels, F′. */
  public int outChannels() {
    return saved().layer().outChannels();
  }

  /** Returns the weights as a matrix F×F′, one column per output: the principal components. */
  public DenseMatrix pc() {
    PointwiseLayer layer = saved().layer();
    double[] columns = new double[layer.inChannels() * layer.outChannels()];
    for (int o = 0; o < layer.outChannels(); o++) {
      for (int c = 0; c < layer.inChannels(); c++) {
        columns[o * layer.inChannels() + c] = layer.weight(o, c);
      }
    }
    return new DenseMatrix(layer.inChannels(), layer.outChannels(), columns);
  }

  /** Returns the bias of each output. */
  public DenseVector bias() {
    double[] bias = new double[outChannels()];
    for (int o = 0; o < bias.length; o++) {
      bias[o] = saved().layer().bias(o);
    }
    return new DenseVector(bias);
  }

  /**
   * Returns the part of the variance that each principal component holds.
   *
   * @throws InvalidInputException if the layer is not one of principal components
   */
  public DenseVector explainedVariance() {
    double[] explained = saved().explainedVariance();
    if (explained == null) {
      throw new InvalidInputException(
          "Cannot state the variance by component: the layer of %s was not fitted by PCA or Whiten"
              .formatted(uid));
    }
    return new DenseVector(explained);
  }

  /**
   * Returns the description of the fit, as weights files record it: the method, numbers of pixels
   * (rows), rows that were left out, the rank and the explained variance. Empty for layers that
   * were not learned by this software.
   */
  public Map<String, String> fitSummary() {
    return Map.copyOf(saved().metadata());
  }

  /**
   * Adds a column with the outputs. Nothing is computed before Spark reads the column.
   *
   * @throws InvalidInputException if the input column is missing or contains no features, or the
   *     output column exists
   */
  @Override
  public Dataset<Row> transform(Dataset<?> data) {
    if (getDescribe()) {
      return LayerTable.of(data.sparkSession(), saved());
    }
    transformSchema(data.schema());
    return LayerFunction.addColumn(
        data, getInputCol(), getOutputCol(), saved().layer(), getNanIsNodata());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    if (getDescribe()) {
      return LayerTable.SCHEMA;
    }
    return Columns.withOutput(
        schema, getInputCol(), null, getOutputCol(), saved == null ? 0 : outChannels());
  }

  @Override
  public PointwiseModel copy(ParamMap extra) {
    PointwiseModel copied = new PointwiseModel(uid, saved);
    return copyValues(copied, extra).setParent(parent());
  }

  /**
   * Writes the layer, its decoder and, if it was trained with one, its head to a weights file:
   * {@code .safetensors}, {@code .npy} or {@code .onnx}, as {@code pointwise fit} does.
   *
   * @throws InvalidInputException if the file exists, or is {@code .npy} and the layer has an
   *     activation, which npy cannot hold
   */
  public void writeWeights(String file) {
    String uri = SparkStores.qualified(file);
    SavedLayer.requireFree(SparkStores.open(), uri);
    saved().write(SparkStores.open(), uri);
  }

  /** Writes as {@link #writeWeights} does, and replaces existing files. */
  public void replaceWeights(String file) {
    saved().write(SparkStores.open(), SparkStores.qualified(file));
  }

  @Override
  public MLWriter write() {
    return new ModelWriter(this, saved());
  }

  public static MLReader<PointwiseModel> read() {
    return new ModelReader();
  }

  /**
   * Loads a model that {@link #save} saved, or a weights file, as {@link #loadWeights} does.
   *
   * @throws InvalidInputException if the path is neither
   */
  public static PointwiseModel load(String path) {
    return read().load(path);
  }

  /**
   * Loads a layer from a weights file, or from {@code FILE#NAME} if it contains several: any file
   * that {@code --weights} of the command line takes. A matrix of an npy file is F′×F.
   *
   * @throws InvalidInputException if it cannot be read, or is a square matrix of an npy file
   */
  public static PointwiseModel loadWeights(String file) {
    return loadWeights(file, (KernelLayout) null);
  }

  /**
   * Loads a layer as {@link #loadWeights(String)} does, also from a square matrix.
   *
   * @param kernelLayout of a matrix: {@code oi} for F′×F, {@code io} for F×F′
   */
  public static PointwiseModel loadWeights(String file, String kernelLayout) {
    for (KernelLayout layout : KernelLayout.values()) {
      if (layout.name().equalsIgnoreCase(kernelLayout)) {
        return loadWeights(file, layout);
      }
    }
    throw new InvalidInputException(
        "Cannot load %s: the kernel layout is %s but must be oi (F′×F) or io (F×F′)"
            .formatted(file, kernelLayout));
  }

  private static PointwiseModel loadWeights(String file, @Nullable KernelLayout layout) {
    String path = WeightsRef.file(file);
    String qualified = SparkStores.qualified(path) + file.substring(path.length());
    return new PointwiseModel(
        LayerEstimator.randomUid("PointwiseModel"),
        SavedLayer.read(SparkStores.open(), WeightsRef.parse(qualified, null, null, layout)));
  }
}
