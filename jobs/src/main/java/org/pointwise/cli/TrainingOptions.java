package org.pointwise.cli;

import org.pointwise.TrainingSpec;
import picocli.CommandLine.Option;

/** The options for training what has no closed form. */
final class TrainingOptions {
  @Rare
  @Option(
      names = "--train-pixels",
      paramLabel = "N",
      description =
          "Number of pixels to train on, approximately (default: ${DEFAULT-VALUE}). They are chosen as by --sample and kept in memory.")
  long pixels = TrainingSpec.STANDARD.pixels();

  @Rare
  @Option(
      names = "--max-iter",
      paramLabel = "N",
      description = "Largest number of L-BFGS steps (default: ${DEFAULT-VALUE}).")
  int iterations = TrainingSpec.STANDARD.iterations();

  @Rare
  @Option(
      names = "--weight-decay",
      paramLabel = "R",
      description =
          "Weight of the squared parameters in the loss (default: ${DEFAULT-VALUE}). A larger weight fits the pixels less closely.")
  double ridge = TrainingSpec.STANDARD.ridge();

  TrainingSpec spec() {
    return new TrainingSpec(pixels, iterations, ridge);
  }
}
