package pointwise.ml;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Projections;

/**
 * What projections to principal components have in common: the number of components, either given
 * or found by the part of the variance to keep.
 *
 * @param <E> the estimator, which setters return
 */
public abstract class ProjectionEstimator<E extends ProjectionEstimator<E>>
    extends LayerEstimator<E> {
  private final IntParam k;
  private final DoubleParam keepVariance;

  ProjectionEstimator(String uid) {
    super(uid);
    this.k = new IntParam(uid, "k", "number of components");
    this.keepVariance =
        new DoubleParam(uid, "keepVariance", "part of the variance to keep, instead of k");
  }

  public IntParam k() {
    return k;
  }

  public DoubleParam keepVariance() {
    return keepVariance;
  }

  /** Sets the number of components. */
  public E setK(int value) {
    set(k, value);
    return self();
  }

  public int getK() {
    return (Integer) getOrDefault(k);
  }

  /** Sets the part of the variance to keep, 0 … 1, which determines the number of components. */
  public E setKeepVariance(double value) {
    set(keepVariance, value);
    return self();
  }

  public double getKeepVariance() {
    return (Double) getOrDefault(keepVariance);
  }

  @Override
  int outputs() {
    return isSet(k) ? getK() : 0;
  }

  @Override
  void requireValid() {
    if (isSet(k) == isSet(keepVariance)) {
      throw new InvalidInputException(
          "Cannot fit %s: %s; set one of k and keepVariance"
              .formatted(
                  uid(),
                  isSet(k)
                      ? "k and keepVariance contradict each other"
                      : "the number of components is not set"));
    }
    if (isSet(k) && getK() < 1) {
      throw new InvalidInputException(
          "Cannot fit %s: k is %d but must be at least 1".formatted(uid(), getK()));
    }
    if (isSet(keepVariance) && !(getKeepVariance() > 0 && getKeepVariance() <= 1)) {
      throw new InvalidInputException(
          "Cannot fit %s: keepVariance is %s but must be more than 0 and at most 1"
              .formatted(uid(), getKeepVariance()));
    }
  }

  Projections.Target target() {
    @Nullable Integer channels = isSet(k) ? getK() : null;
    return new Projections.Target(channels, isSet(keepVariance) ? getKeepVariance() : 1);
  }
}
