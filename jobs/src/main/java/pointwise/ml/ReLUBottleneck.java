package pointwise.ml;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.jspecify.annotations.Nullable;
import org.pointwise.PixelsSpec;
import org.pointwise.TrainingSpec;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Network;
import org.pointwise.learn.Network.Objective;
import org.pointwise.learn.Projections;
import org.pointwise.learn.RectifiedDecoder;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.spark.ml.FeatureRows;
import org.pointwise.spark.ml.TrainingRows;

/**
 * A layer F → F′ that ends in a ReLU, trained by back-propagation: with {@link #setLabelCol} to
 * predict classes by a linear head after it, else to reconstruct the features by a linear decoder
 * after it. It is {@code pointwise fit --method bottleneck} over the rows of a table.
 *
 * <p>A pass over all rows computes their moments. A second one keeps a sample of about {@link
 * #setTrainPixels} rows on the executors, in memory or on their disks, until the fit ends. Each
 * step of L-BFGS is a pass over the sample. A row is chosen by the number of its partition, its
 * number within it and the seed, so that the result is the same for each fit of a table whose rows
 * Spark returns in the same partitions and order.
 *
 * <p>The summary of the model has {@code loss}, {@code iterations} and {@code converged}, and
 * {@code accuracy} and {@code meanIou} on the sample, or {@code explainedVariance}. What is saved
 * contains the decoder and, for classes, the head.
 */
public final class ReLUBottleneck extends LayerEstimator<ReLUBottleneck> {
  private final IntParam k;
  private final Param<String> labelCol;
  private final IntParam maxIter;
  private final DoubleParam weightDecay;
  private final LongParam seed;
  private final LongParam trainPixels;

  public ReLUBottleneck() {
    this(randomUid("ReLUBottleneck"));
  }

  public ReLUBottleneck(String uid) {
    super(uid);
    this.k = new IntParam(uid, "k", "number of outputs");
    this.labelCol =
        new Param<>(uid, "labelCol", "column with classes 0, 1, …; unset to reconstruct");
    this.maxIter = new IntParam(uid, "maxIter", "largest number of L-BFGS steps");
    this.weightDecay =
        new DoubleParam(uid, "weightDecay", "weight of the squared parameters in the loss");
    this.seed = new LongParam(uid, "seed", "random seed of the sample and of the first weights");
    this.trainPixels =
        new LongParam(uid, "trainPixels", "number of rows to train on, approximately");
    setDefault(maxIter, TrainingSpec.STANDARD.iterations());
    setDefault(weightDecay, TrainingSpec.STANDARD.ridge());
    setDefault(seed, PixelsSpec.ALL.seed());
    setDefault(trainPixels, TrainingSpec.STANDARD.pixels());
  }

  public IntParam k() {
    return k;
  }

  public Param<String> labelCol() {
    return labelCol;
  }

  public IntParam maxIter() {
    return maxIter;
  }

  public DoubleParam weightDecay() {
    return weightDecay;
  }

  public LongParam seed() {
    return seed;
  }

  public LongParam trainPixels() {
    return trainPixels;
  }

  /** Sets the number of outputs, F′. */
  public ReLUBottleneck setK(int value) {
    set(k, value);
    return this;
  }

  public int getK() {
    return (Integer) getOrDefault(k);
  }

  /** Sets the column with classes to predict; without it, the features are reconstructed. */
  public ReLUBottleneck setLabelCol(String value) {
    set(labelCol, value);
    return this;
  }

  public String getLabelCol() {
    return getOrDefault(labelCol);
  }

  /** Sets the largest number of L-BFGS steps; 300 by default. */
  public ReLUBottleneck setMaxIter(int value) {
    set(maxIter, value);
    return this;
  }

  public int getMaxIter() {
    return (Integer) getOrDefault(maxIter);
  }

  /** Sets the weight of the squared parameters in the loss; 10⁻⁴ by default. */
  public ReLUBottleneck setWeightDecay(double value) {
    set(weightDecay, value);
    return this;
  }

  public double getWeightDecay() {
    return (Double) getOrDefault(weightDecay);
  }

  /** Sets the random seed of the sample and of the first weights; 1 by default. */
  public ReLUBottleneck setSeed(long value) {
    set(seed, value);
    return this;
  }

  public long getSeed() {
    return (Long) getOrDefault(seed);
  }

  /** Sets the number of rows to train on, approximately; 200,000 by default. */
  public ReLUBottleneck setTrainPixels(long value) {
    set(trainPixels, value);
    return this;
  }

  public long getTrainPixels() {
    return (Long) getOrDefault(trainPixels);
  }

  @Override
  @Nullable String labels() {
    return isSet(labelCol) ? getLabelCol() : null;
  }

  @Override
  int outputs() {
    return isSet(k) ? getK() : 0;
  }

  @Override
  void requireValid() {
    require(isSet(k), "the number of outputs is not set; set k");
    require(getK() >= 1, "k is %d but must be at least 1".formatted(getK()));
    require(getMaxIter() >= 1, "maxIter is %d but must be at least 1".formatted(getMaxIter()));
    require(
        getTrainPixels() >= 1,
        "trainPixels is %d but must be at least 1".formatted(getTrainPixels()));
    require(
        getWeightDecay() >= 0 && getWeightDecay() < Double.POSITIVE_INFINITY,
        "weightDecay is %s but must be at least 0 and finite".formatted(getWeightDecay()));
  }

  private void require(boolean valid, String problem) {
    if (!valid) {
      throw new InvalidInputException("Cannot fit %s: %s".formatted(uid(), problem));
    }
  }

  @Override
  LearnedLayer learn(FeatureMoments moments, FeatureRows rows) {
    int in = moments.channels();
    require(
        getK() <= in,
        "k is %d but the column has %d channels; set k to 1 … %d".formatted(getK(), in, in));
    boolean classes = labels() != null;
    int rank = new Projections(moments).rank(); // refuses rows that are all the same
    if (classes) {
      moments.requireClasses("ReLUBottleneck");
    }
    List<Network> networks = new ArrayList<>();
    if (classes) {
      networks.add(new Network(in, getK(), moments.classes(), Objective.CROSS_ENTROPY));
    }
    networks.add(new Network(in, getK(), in, Objective.SQUARED_ERROR));
    Network network = networks.get(0);
    TrainingSpec spec = new TrainingSpec(getTrainPixels(), getMaxIter(), getWeightDecay());
    TrainingPlan.requireDriverFits(network);
    TrainingRows.requireFit(rows, networks);
    Trainer trainer = new Trainer(moments, network, spec.settings(getSeed()));
    try (TrainingRows sample =
        TrainingRows.of(rows, moments, spec.sample(1, moments.count(), getSeed()), networks)) {
      Trainer.Result result =
          trainer.train(parameters -> sample.sum(network, parameters), (step, loss) -> {});
      LearnedLayer learned = trainer.layer(result);
      learned.metadata().put("rank", String.valueOf(rank));
      learned.metadata().put("seed", String.valueOf(getSeed()));
      if (!classes) {
        return learned;
      }
      RectifiedDecoder decoder = new RectifiedDecoder(learned.layer(), moments.overall());
      return learned.withDecoder(
          decoder.fit(parameters -> sample.sum(decoder.network(), parameters)));
    }
  }

  @Override
  public ReLUBottleneck copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<ReLUBottleneck> read() {
    return new StageReader<>(ReLUBottleneck.class);
  }

  /** Loads an estimator that {@link #save} saved. */
  public static ReLUBottleneck load(String path) {
    return read().load(path);
  }
}
