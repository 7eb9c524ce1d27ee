package pointwise.ml;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Projections;
import org.pointwise.spark.ml.FeatureRows;

/**
 * Principal components scaled to unit variance: ÷ √(variance + epsilon). The variance is Σ(x −
 * mean)² ÷ n.
 */
public final class Whiten extends ProjectionEstimator<Whiten> {
  private final DoubleParam epsilon;

  public Whiten() {
    this(randomUid("Whiten"));
  }

  public Whiten(String uid) {
    super(uid);
    this.epsilon = new DoubleParam(uid, "epsilon", "number added to each variance");
    setDefault(epsilon, 0.0);
  }

  public DoubleParam epsilon() {
    return epsilon;
  }

  /** Sets the number that is added to each variance; 0 by default. */
  public Whiten setEpsilon(double value) {
    set(epsilon, value);
    return this;
  }

  public double getEpsilon() {
    return (Double) getOrDefault(epsilon);
  }

  @Override
  void requireValid() {
    super.requireValid();
    if (!(getEpsilon() >= 0)) {
      throw new InvalidInputException(
          "Cannot fit %s: epsilon is %s but must be at least 0".formatted(uid(), getEpsilon()));
    }
  }

  @Override
  LearnedLayer learn(FeatureMoments moments, FeatureRows rows) {
    return new Projections(moments).whiten(target(), getEpsilon());
  }

  @Override
  public Whiten copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<Whiten> read() {
    return new StageReader<>(Whiten.class);
  }

  /** Loads an estimator that {@link #save} saved. */
  public static Whiten load(String path) {
    return read().load(path);
  }
}
