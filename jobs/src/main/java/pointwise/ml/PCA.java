package pointwise.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Projections;
import org.pointwise.spark.ml.FeatureRows;

/**
 * Principal component analysis. Replaces {@code org.apache.spark.ml.feature.PCA} by a change of the
 * import: {@code k}, {@code inputCol} and {@code outputCol} have the same meaning, and {@link
 * PointwiseModel#pc} and {@link PointwiseModel#explainedVariance} the same result up to the sign of
 * components. The weight of largest magnitude of a component is positive.
 *
 * <p>The mean is subtracted from the pixels, unlike in Spark's PCA, unless {@link #setCentering} is
 * false.
 */
public final class PCA extends ProjectionEstimator<PCA> {
  private final BooleanParam centering;

  public PCA() {
    this(randomUid("PCA"));
  }

  public PCA(String uid) {
    super(uid);
    this.centering =
        new BooleanParam(uid, "centering", "whether transform subtracts the mean of the fit");
    setDefault(centering, true);
  }

  public BooleanParam centering() {
    return centering;
  }

  /**
   * Sets whether the model subtracts the mean of the pixels that it was fitted on; true by default.
   * Otherwise outputs are those of Spark's PCA, which removes the mean from the covariance but not
   * from the pixels that it transforms.
   */
  public PCA setCentering(boolean value) {
    set(centering, value);
    return this;
  }

  public boolean getCentering() {
    return (Boolean) getOrDefault(centering);
  }

  @Override
  LearnedLayer learn(FeatureMoments moments, FeatureRows rows) {
    Projections projections = new Projections(moments);
    LearnedLayer centred = projections.pca(target());
    if (getCentering()) {
      return centred;
    }
    int components = centred.layer().outChannels();
    PointwiseLayer layer =
        PointwiseLayer.of(centred.layer().weights(), new float[components], Activation.NONE);
    return new LearnedLayer(
        layer, projections.decoder(layer), null, centred.metadata(), centred.warnings());
  }

  @Override
  public PCA copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<PCA> read() {
    return new StageReader<>(PCA.class);
  }

  /** Loads an estimator that {@link #save} saved. */
  public static PCA load(String path) {
    return read().load(path);
  }
}
