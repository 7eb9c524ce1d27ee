package pointwise.ml;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Projections;
import org.pointwise.spark.ml.FeatureRows;

/**
 * Fisher's linear discriminants: the directions with the largest scatter between the means of
 * classes relative to the scatter within classes. Labels are whole numbers from 0, without gaps;
 * rows whose label is null or NaN are not used. Not to be confused with {@code
 * org.apache.spark.ml.clustering.LDA}, a model of topics.
 */
public final class LDA extends LayerEstimator<LDA> {
  private final IntParam k;
  private final Param<String> labelCol;

  public LDA() {
    this(randomUid("LDA"));
  }

  public LDA(String uid) {
    super(uid);
    this.k = new IntParam(uid, "k", "number of discriminants; by default as many as there are");
    this.labelCol = new Param<>(uid, "labelCol", "column with classes 0, 1, …");
    setDefault(labelCol, "label");
  }

  public IntParam k() {
    return k;
  }

  public Param<String> labelCol() {
    return labelCol;
  }

  /** Sets the number of discriminants: at most one fewer than classes. */
  public LDA setK(int value) {
    set(k, value);
    return this;
  }

  public int getK() {
    return (Integer) getOrDefault(k);
  }

  /** Sets the column with classes; {@code label} by default. */
  public LDA setLabelCol(String value) {
    set(labelCol, value);
    return this;
  }

  public String getLabelCol() {
    return getOrDefault(labelCol);
  }

  @Override
  String labels() {
    return getLabelCol();
  }

  @Override
  int outputs() {
    return isSet(k) ? getK() : 0;
  }

  @Override
  void requireValid() {
    if (isSet(k) && getK() < 1) {
      throw new InvalidInputException(
          "Cannot fit %s: k is %d but must be at least 1".formatted(uid(), getK()));
    }
  }

  @Override
  LearnedLayer learn(FeatureMoments moments, FeatureRows rows) {
    return new Projections(moments).lda(isSet(k) ? (Integer) getK() : null);
  }

  @Override
  public LDA copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<LDA> read() {
    return new StageReader<>(LDA.class);
  }

  /** Loads an estimator that {@link #save} saved. */
  public static LDA load(String path) {
    return read().load(path);
  }
}
