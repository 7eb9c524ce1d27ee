package org.pointwise.cli;

import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.tensor.PixelSample;
import picocli.CommandLine.Option;

/** How what has no closed form is trained. */
final class TrainingOptions {
  @Option(
      names = "--train-pixels",
      paramLabel = "N",
      description =
          "Keep about so many pixels in memory to train on, chosen as by --sample (default: ${DEFAULT-VALUE}).")
  long pixels = 200_000;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "Steps of L-BFGS, at most (default: ${DEFAULT-VALUE}).")
  int iterations = 300;

  @Option(
      names = "--ridge",
      paramLabel = "R",
      description =
          "Weight of the squared parameters in the loss; more of it fits less closely (default: ${DEFAULT-VALUE}).")
  double ridge = 1e-4;

  Trainer.Settings settings(long seed) {
    if (iterations < 1 || pixels < 1) {
      throw new InvalidInputException(
          "Cannot train: --iterations and --train-pixels are at least 1");
    }
    if (!(ridge >= 0 && ridge < Double.POSITIVE_INFINITY)) {
      throw new InvalidInputException("Cannot train: --ridge is at least 0");
    }
    return new Trainer.Settings(iterations, ridge, seed);
  }

  /**
   * The pixels of a pass, thinned to about as many as are kept.
   *
   * @param found pixels of the pass
   */
  MomentsSpec thinned(MomentsSpec spec, long found, long seed) {
    double fraction = spec.sample().fraction() * Math.min(1, (double) pixels / found);
    PixelSample sample = fraction == 1 ? PixelSample.ALL : new PixelSample(fraction, seed);
    return spec.with(sample, spec.tiles());
  }
}
