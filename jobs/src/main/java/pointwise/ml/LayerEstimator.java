package pointwise.ml;

import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.spark.ml.Columns;
import org.pointwise.spark.ml.FeatureRows;
import org.pointwise.spark.ml.RowMoments;
import org.pointwise.tensor.ElementType;

/**
 * What all estimators of layers have in common: the columns, and a pass of moments over the rows.
 * Rows with null, and rows with a number that is not finite, or beyond the range of float32, are
 * left out of the fit.
 *
 * @param <E> the estimator, which setters return
 */
public abstract class LayerEstimator<E extends LayerEstimator<E>> extends Estimator<PointwiseModel>
    implements DefaultParamsWritable {
  private final String uid;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final Param<String> binaryType;
  private final BooleanParam nanIsNodata;

  LayerEstimator(String uid) {
    this.uid = uid;
    this.inputCol = new Param<>(uid, "inputCol", "column with features");
    this.outputCol = new Param<>(uid, "outputCol", "new column with the outputs of the layer");
    this.binaryType =
        new Param<>(uid, "binaryType", "numbers in a BINARY column: float32 or float16");
    this.nanIsNodata =
        new BooleanParam(uid, "nanIsNodata", "whether the output of a row with NaN is null");
    setDefault(inputCol, "features");
    setDefault(outputCol, uid + "__output");
    setDefault(binaryType, "float32");
    setDefault(nanIsNodata, false);
  }

  static String randomUid(String prefix) {
    return Identifiable$.MODULE$.randomUID(prefix);
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

  public Param<String> binaryType() {
    return binaryType;
  }

  public BooleanParam nanIsNodata() {
    return nanIsNodata;
  }

  @SuppressWarnings("unchecked")
  final E self() {
    return (E) this;
  }

  /** Sets the column with features; {@code features} by default. */
  public E setInputCol(String value) {
    set(inputCol, value);
    return self();
  }

  public String getInputCol() {
    return getOrDefault(inputCol);
  }

  /** Sets the new column with the outputs of the layer. */
  public E setOutputCol(String value) {
    set(outputCol, value);
    return self();
  }

  public String getOutputCol() {
    return getOrDefault(outputCol);
  }

  /** Sets the type of the numbers in a {@code BINARY} column: float32 (default) or float16. */
  public E setBinaryType(String value) {
    set(binaryType, value);
    return self();
  }

  public String getBinaryType() {
    return getOrDefault(binaryType);
  }

  /**
   * Sets whether the output of a row with NaN is null. By default its outputs are NaN, and Spark's
   * UI shows how many rows have an output that is not finite.
   */
  public E setNanIsNodata(boolean value) {
    set(nanIsNodata, value);
    return self();
  }

  public boolean getNanIsNodata() {
    return (Boolean) getOrDefault(nanIsNodata);
  }

  /** Returns the column with labels; null if the estimator reads none. */
  @Nullable String labels() {
    return null;
  }

  /** Returns the number of outputs; 0 if it is not known before the fit. */
  abstract int outputs();

  /** Checks the parameters before rows are read. */
  abstract void requireValid();

  /**
   * Learns the layer.
   *
   * @param rows those of the moments, for what moments do not suffice for
   */
  abstract LearnedLayer learn(FeatureMoments moments, FeatureRows rows);

  /**
   * Learns the layer, in one pass over the rows unless the class states another number.
   *
   * @throws InvalidInputException if a parameter is wrong, the column is missing, contains no
   *     features or rows of different lengths, the rows do not suffice, or their moments are more
   *     than Spark's driver takes
   */
  @Override
  public PointwiseModel fit(Dataset<?> data) {
    requireValid();
    transformSchema(data.schema());
    ElementType binary = ElementType.ofName(getBinaryType());
    if (binary != ElementType.FLOAT32 && binary != ElementType.FLOAT16) {
      throw new InvalidInputException(
          "Cannot fit %s: binaryType is %s but must be float32 or float16"
              .formatted(uid, getBinaryType()));
    }
    FeatureRows rows = FeatureRows.of(data, getInputCol(), labels(), binary);
    FeatureMoments moments = RowMoments.of(rows);
    SavedLayer learned = SavedLayer.of(learnNamed(moments, rows), moments);
    PointwiseModel model = new PointwiseModel(uid, learned);
    return copyValues(model.setParent(this), ParamMap.empty());
  }

  /** Learns, and names parameters in messages as Spark ML does. */
  private LearnedLayer learnNamed(FeatureMoments moments, FeatureRows rows) {
    try {
      return learn(moments, rows);
    } catch (InvalidInputException e) {
      throw Wording.ofSparkMl(e);
    }
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return Columns.withOutput(schema, getInputCol(), labels(), getOutputCol(), outputs());
  }
}
