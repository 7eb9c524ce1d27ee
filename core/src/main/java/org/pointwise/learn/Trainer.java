package org.pointwise.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import opennlp.tools.ml.maxent.quasinewton.QNMinimizer;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Network.Objective;

/**
 * Trains a {@link Network} by L-BFGS (Liu and Nocedal, "On the limited memory BFGS method for large
 * scale optimization", Mathematical Programming 45, 1989) on all its pixels at once. Who holds the
 * pixels computes gradients; here they are few numbers.
 *
 * <p>The first layer is sought in whitened channels, W = U·T with T·C·Tᵀ = I and b = a − W·mean:
 * directions of little variance would otherwise take a thousand steps. Directions without variance
 * get no weight. Where pixels are reconstructed, V and c are sought in units of their deviation, c
 * from their mean on, so that features of any scale are learned alike. {@code ridge}·(|U|² + |V|²)
 * ÷ 2 is added to the mean loss, which keeps classes that a plane parts from driving the weights to
 * infinity.
 */
public final class Trainer {
  /** A part of the variance below which a direction holds nothing but rounding. */
  private static final double NOTHING = 1e-7;

  private static final int MEMORY = 10;
  private final FeatureMoments found;
  private final Network network;
  private final Settings settings;
  private final Moments all;
  private final double[][] whitening; // [direction][in]
  private double scale = 1; // of the mean loss
  private double unit = 1; // of V and c
  private final double[] centre; // where c begins

  /**
   * How to train.
   *
   * @param iterations of L-BFGS, at most
   * @param ridge weight of the squared parameters
   * @param seed of the first weights
   */
  public record Settings(int iterations, double ridge, long seed) {}

  /** Hears how a training goes on. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A step was taken.
     *
     * @param loss the mean over the pixels, with the ridge
     */
    void step(int number, double loss);
  }

  /**
   * What a training found.
   *
   * @param parameters the best
   * @param losses after each step, descending; the first is that of the first weights
   * @param gradient at the best parameters
   * @param converged false when the iterations were used up
   */
  public record Result(
      double[] parameters, List<Double> losses, Gradient gradient, boolean converged) {
    /** The part of the pixels that are taken for what they are. */
    public double accuracy() {
      return Confusion.accuracy(gradient.confusion());
    }
  }

  /**
   * @param found moments of the pixels that will be learned from, or of many like them
   */
  public Trainer(FeatureMoments found, Network network, Settings settings) {
    this.found = found;
    this.network = network;
    this.settings = settings;
    this.all = found.overall();
    LinearAlgebra.Eigen eigen =
        LinearAlgebra.symmetric(all.covarianceMatrix(), network.in(), network.in());
    int rank = 0;
    while (rank < network.in() && eigen.values()[rank] > NOTHING * eigen.values()[0]) {
      rank++;
    }
    this.whitening = Arrays.copyOf(eigen.vectors(), rank);
    for (int k = 0; k < rank; k++) {
      double unit = 1 / Math.sqrt(eigen.values()[k]);
      for (int c = 0; c < network.in(); c++) {
        whitening[k][c] *= unit;
      }
    }
    this.centre = new double[network.out()];
    if (network.objective() == Objective.SQUARED_ERROR) {
      scale = 1 / all.totalVariance();
      unit = Math.sqrt(all.totalVariance() / network.in());
      System.arraycopy(all.mean(), 0, centre, 0, network.in());
    }
  }

  /**
   * Trains.
   *
   * @param pixels the sums over all pixels for given parameters
   * @param listener called after each step
   */
  public Result train(Function<double[], Gradient> pixels, Listener listener) {
    Search search = new Search(pixels, listener);
    double[] at = start();
    double loss = search.at(at);
    if (!Double.isFinite(loss)) {
      throw new InvalidInputException(
          "Cannot train: the loss of the first weights is not a finite number; check the input for numbers too large, and --nodata");
    }
    search.accept(at);
    boolean converged = false;
    while (!converged && search.steps < settings.iterations()) {
      converged = search.round(search.best) && search.steps < settings.iterations();
    }
    search.at(search.best);
    return new Result(parameters(search.best), search.losses, search.last, converged);
  }

  /** Variables: U [rows][rank], a [rows], then V and c in units of the pixels. */
  private double[] start() {
    int rows = network.rows();
    int rank = whitening.length;
    double[] v = new double[variables()];
    if (network.hidden() == 0) {
      return v;
    }
    int second = rows * rank + rows;
    Random random = new Random(settings.seed());
    if (network.objective() == Objective.CROSS_ENTROPY) {
      for (int i = 0; i < rows * rank; i++) {
        v[i] = random.nextGaussian() / Math.sqrt(rank);
      }
      for (int i = 0; i < network.out() * rows; i++) {
        v[second + i] = random.nextGaussian() / Math.sqrt(rows);
      }
      return v;
    }
    // Principal components, shifted by three deviations so that the ReLU lets nearly all pass.
    for (int r = 0; r < Math.min(rows, rank); r++) {
      v[r * rank + r] = 1;
      v[rows * rank + r] = 3;
    }
    LearnedLayer pca = new Projections(found).pca(new Projections.Target(rows, 1));
    double[][] back = Affine.weights(pca.decoder());
    for (int c = 0; c < network.out(); c++) {
      double offset = 0;
      for (int r = 0; r < Math.min(rows, rank); r++) {
        double deviation = 1 / LinearAlgebra.norm(whitening[r]);
        double sign = LinearAlgebra.dot(Affine.weights(pca.layer())[r], whitening[r]) < 0 ? -1 : 1;
        v[second + c * rows + r] = back[c][r] * deviation * sign / unit;
        offset -= 3 * v[second + c * rows + r];
      }
      v[second + network.out() * rows + c] = offset;
    }
    return v;
  }

  /** What was learned, as a layer with its decoder and, behind a ReLU, its head. */
  public LearnedLayer layer(Result result) {
    boolean hidden = network.hidden() > 0;
    boolean classes = network.objective() == Objective.CROSS_ENTROPY;
    PointwiseLayer layer = first(result.parameters(), hidden ? Activation.RELU : Activation.NONE);
    PointwiseLayer head = hidden ? head(result.parameters()) : null;
    Gradient at = result.gradient();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("method", hidden ? "bottleneck" : "score");
    facts.put("inChannels", String.valueOf(network.in()));
    facts.put("outChannels", String.valueOf(network.rows()));
    facts.put("pixels", String.valueOf((long) at.count()));
    facts.put("loss", Projections.text(at.loss() / at.count()));
    facts.put("iterations", String.valueOf(result.losses().size() - 1));
    facts.put("converged", String.valueOf(result.converged()));
    if (classes) {
      facts.put("accuracy", Projections.text(result.accuracy()));
      facts.put("meanIou", Projections.text(Confusion.meanIou(at.confusion())));
    } else {
      double error = at.loss() / at.count();
      facts.put("explainedVariance", Projections.text(1 - error / all.totalVariance()));
    }
    PointwiseLayer decoder = head != null && !classes ? head : Affine.leastSquares(layer, all);
    if (!hidden) {
      facts.put("explainedVariance", Projections.text(Affine.explained(layer, decoder, all)));
    }
    List<String> warnings = new ArrayList<>();
    if (!result.converged()) {
      warnings.add(
          "training did not converge in %d iterations; the best is kept, allow more --iterations"
              .formatted(settings.iterations()));
    }
    return new LearnedLayer(layer, decoder, classes ? head : null, facts, warnings);
  }

  /**
   * The first layer as it is stored; its bias is that of the rounded weights.
   *
   * @param activation ReLU for hidden channels
   */
  public PointwiseLayer first(double[] parameters, Activation activation) {
    PointwiseLayer rounded = layer(parameters, 0, network.rows(), network.in(), activation);
    double[][] weights = Affine.weights(rounded);
    float[] bias = new float[network.rows()];
    for (int r = 0; r < bias.length; r++) {
      double shift = 0;
      for (int c = 0; c < network.in(); c++) {
        shift += (parameters[r * network.in() + c] - weights[r][c]) * all.mean()[c];
      }
      bias[r] = (float) (parameters[network.rows() * network.in() + r] + shift);
    }
    return PointwiseLayer.of(rounded.weights(), bias, activation);
  }

  /** The layer behind the hidden channels. */
  public PointwiseLayer head(double[] parameters) {
    int at = network.hidden() * network.in() + network.hidden();
    return layer(parameters, at, network.out(), network.hidden(), Activation.NONE);
  }

  private static PointwiseLayer layer(
      double[] parameters, int at, int rows, int columns, Activation activation) {
    float[] weights = new float[rows * columns];
    float[] bias = new float[rows];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) parameters[at + i];
    }
    for (int r = 0; r < rows; r++) {
      bias[r] = (float) parameters[at + weights.length + r];
    }
    return PointwiseLayer.of(weights, bias, activation);
  }

  private int variables() {
    return network.parameters() - network.rows() * (network.in() - whitening.length);
  }

  /** What the pixels are asked for. */
  private double[] parameters(double[] v) {
    int rows = network.rows();
    int rank = whitening.length;
    double[][] w =
        LinearAlgebra.multiply(LinearAlgebra.rows(Arrays.copyOf(v, rows * rank), rank), whitening);
    double[] parameters = new double[network.parameters()];
    System.arraycopy(LinearAlgebra.flat(w), 0, parameters, 0, rows * network.in());
    for (int r = 0; r < rows; r++) {
      parameters[rows * network.in() + r] =
          v[rows * rank + r] - LinearAlgebra.dot(w[r], all.mean());
    }
    int rest = rows * rank + rows;
    int to = rows * network.in() + rows;
    int offsets = v.length - network.out();
    for (int i = rest; i < v.length; i++) {
      parameters[to++] = unit * v[i] + (i >= offsets ? centre[i - offsets] : 0);
    }
    return parameters;
  }

  /** d loss ÷ d variables of d loss ÷ d parameters. */
  private double[] ofVariables(double[] gradient) {
    int rows = network.rows();
    int in = network.in();
    int rank = whitening.length;
    double[] result = new double[variables()];
    double[][] dw = LinearAlgebra.rows(Arrays.copyOf(gradient, rows * in), in);
    for (int r = 0; r < rows; r++) {
      double db = gradient[rows * in + r];
      for (int c = 0; c < in; c++) {
        dw[r][c] -= db * all.mean()[c];
      }
      result[rows * rank + r] = db;
    }
    double[][] du = LinearAlgebra.multiply(dw, LinearAlgebra.transpose(whitening));
    System.arraycopy(LinearAlgebra.flat(du), 0, result, 0, rows * rank);
    int rest = rows * rank + rows;
    int from = rows * in + rows;
    for (int i = rest; i < result.length; i++) {
      result[i] = unit * gradient[from++];
    }
    return result;
  }

  /** The objective, with the last point kept: value and gradient are asked for one by one. */
  private final class Search {
    private final Function<double[], Gradient> pixels;
    private final Listener listener;
    private double @Nullable [] at;
    private double value;
    private double[] slope = new double[0];
    private Gradient last = new Gradient(network);
    private double[] best = new double[0];
    private double bestLoss;
    private final List<Double> losses = new ArrayList<>();
    private int steps;

    Search(Function<double[], Gradient> pixels, Listener listener) {
      this.pixels = pixels;
      this.listener = listener;
    }

    double at(double[] v) {
      if (at != null && Arrays.equals(at, v)) {
        return value;
      }
      last = pixels.apply(parameters(v));
      if (last.count() == 0) {
        throw new InvalidInputException(
            "Cannot train: none of the pixels can be used; check --labels, --nodata and --sample");
      }
      double weight = scale / last.count();
      value = last.loss() * weight;
      slope = ofVariables(last.gradient());
      for (int i = 0; i < slope.length; i++) {
        slope[i] *= weight;
        if (decays(i)) {
          slope[i] += settings.ridge() * v[i];
          value += settings.ridge() * v[i] * v[i] / 2;
        }
      }
      if (Double.isNaN(value)) {
        value = Double.POSITIVE_INFINITY; // so that the line search steps back
      }
      at = v.clone();
      return value;
    }

    private boolean decays(int i) {
      int first = network.rows() * whitening.length;
      int second = first + network.rows();
      return i < first || (i >= second && i < second + network.out() * network.hidden());
    }

    void accept(double[] v) {
      best = v.clone();
      bestLoss = value;
      listener.step(losses.size(), value);
      losses.add(value);
    }

    /**
     * Steps until one changes the loss by less than 1e-4 of it, as the library does; it begins at
     * 0, so we move the origin.
     *
     * @return false when it has to begin again
     */
    boolean round(double[] origin) {
      QNMinimizer minimizer =
          new QNMinimizer(0, 0, settings.iterations() - steps, MEMORY, Integer.MAX_VALUE);
      steps++;
      try {
        minimizer.minimize(new FromOrigin(origin));
        return true;
      } catch (NotDescending e) {
        return false; // from the best point, without what was remembered of the way to it
      }
    }

    /** The objective as the library calls it: one gradient a step. */
    private final class FromOrigin implements opennlp.tools.ml.maxent.quasinewton.Function {
      private final double[] origin;

      FromOrigin(double[] origin) {
        this.origin = origin;
      }

      @Override
      public int getDimension() {
        return origin.length;
      }

      @Override
      public double valueAt(double[] x) {
        return at(sum(origin, x));
      }

      @Override
      public double[] gradientAt(double[] x) {
        double[] v = sum(origin, x);
        if (at(v) > bestLoss) {
          throw new NotDescending();
        }
        if (value < bestLoss) {
          steps++;
          accept(v);
        }
        return slope.clone();
      }
    }
  }

  /** Where the loss is not convex, remembered curvature may point uphill. */
  private static final class NotDescending extends RuntimeException {
    NotDescending() {
      super(null, null, false, false);
    }
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }
}
