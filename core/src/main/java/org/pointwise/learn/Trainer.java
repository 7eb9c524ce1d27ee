package org.pointwise.learn;

import java.util.List;
import java.util.function.Function;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Network.Objective;

/**
 * Trains a {@link Network} by L-BFGS on all its pixels at once. The caller holds the pixels and
 * computes their gradients; this class receives only the sums. The objective is the mean loss,
 * relative to the total variance where pixels are reconstructed, plus {@code ridge} ÷ 2 times the
 * sum of the squared weights. The ridge keeps the weights finite where classes are linearly
 * separable.
 */
public final class Trainer {
  /** Training ends when five steps together reduce the loss by less than this part of it. */
  private static final double TOLERANCE = 5e-4;

  private final Network network;
  private final Settings settings;
  private final Moments all;
  private final TrainingVariables variables;
  private final double scale; // factor of the mean loss

  /**
   * The settings of a training.
   *
   * @param iterations the largest number of L-BFGS steps
   * @param ridge factor of the squared weights
   * @param seed random seed of the initial weights
   */
  public record Settings(int iterations, double ridge, long seed) {}

  /** Receives the progress of a training. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Reports a step.
     *
     * @param number 0 for the initial weights
     * @param loss the mean over the pixels, with the ridge
     */
    void step(int number, double loss);
  }

  /**
   * The result of a training.
   *
   * @param parameters the best parameters
   * @param losses after each step, descending; the first is that of the initial weights
   * @param gradient at the best parameters
   * @param converged false when the iterations were exhausted
   */
  public record Result(
      double[] parameters, List<Double> losses, Gradient gradient, boolean converged) {
    /** Returns the fraction of the pixels that are classified correctly. */
    public double accuracy() {
      return ConfusionMatrix.accuracy(gradient.confusion());
    }
  }

  /**
   * @param moments moments of the pixels to learn from, or of many similar pixels
   */
  public Trainer(FeatureMoments moments, Network network, Settings settings) {
    this.network = network;
    this.settings = settings;
    this.all = moments.overall();
    this.variables = new TrainingVariables(moments, network);
    this.scale = network.objective() == Objective.SQUARED_ERROR ? 1 / all.totalVariance() : 1;
  }

  /**
   * Trains the network.
   *
   * @param pixels returns the sums over all pixels for given parameters
   * @param listener called at the start and after each step
   */
  public Result train(Function<double[], Gradient> pixels, Listener listener) {
    Lbfgs.Point<Gradient> start = evaluate(variables.start(settings.seed()), pixels);
    if (!Double.isFinite(start.value())) {
      throw new InvalidInputException(
          "Cannot train: the loss of the first weights is not a finite number; check the input for numbers too large, and --nodata");
    }
    int[] step = {0};
    Lbfgs.Result<Gradient> result =
        new Lbfgs<Gradient>(
                v -> evaluate(v, pixels),
                point -> listener.step(step[0]++, point.value()),
                TOLERANCE)
            .minimize(start, settings.iterations());
    Lbfgs.Point<Gradient> best = result.best();
    return new Result(
        variables.parameters(best.x()), result.values(), best.auxiliary(), result.converged());
  }

  /** Returns the trained layer with its decoder and, for classes after a ReLU, its head. */
  public LearnedLayer layer(Result result) {
    return new TrainedLayers(network, all).of(result, settings.iterations());
  }

  private Lbfgs.Point<Gradient> evaluate(double[] v, Function<double[], Gradient> pixels) {
    Gradient sums = pixels.apply(variables.parameters(v));
    if (sums.count() == 0) {
      throw new InvalidInputException(
          "Cannot train: none of the pixels can be used; check --labels, --nodata and --sample");
    }
    double weight = scale / sums.count();
    double value = sums.loss() * weight;
    double[] slope = variables.gradient(sums.gradient());
    for (int i = 0; i < slope.length; i++) {
      slope[i] *= weight;
      if (variables.isWeight(i)) {
        slope[i] += settings.ridge() * v[i];
        value += settings.ridge() * v[i] * v[i] / 2;
      }
    }
    return new Lbfgs.Point<>(v, value, slope, sums);
  }
}
