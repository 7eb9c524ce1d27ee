package org.pointwise.cli;

import org.pointwise.TrainingSpec;
import picocli.CommandLine.Option;

/** The options for training what has no closed form. */
final class TrainingOptions {
  @Option(
      names = "--train-pixels",
      paramLabel = "N",
      description =
          "Keep about so many pixels in memory to train on, chosen as by --sample (default: ${DEFAULT-VALUE}).")
  long pixels = TrainingSpec.STANDARD.pixels();

  @Option(
      names = "--max-iter",
      paramLabel = "N",
      description = "Steps of L-BFGS, at most (default: ${DEFAULT-VALUE}).")
  int iterations = TrainingSpec.STANDARD.iterations();

  @Option(
      names = "--weight-decay",
      paramLabel = "R",
      description =
          "Weight of the squared parameters in the loss; more of it fits less closely (default: ${DEFAULT-VALUE}).")
  double ridge = TrainingSpec.STANDARD.ridge();

  TrainingSpec spec() {
    return new TrainingSpec(pixels, iterations, ridge);
  }
}
