package org.pointwise;

import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.PixelSelection;
import org.pointwise.tensor.PixelSample;

/**
 * How what has no closed form is trained.
 *
 * @param pixels about so many are kept in memory to train on
 * @param iterations steps of L-BFGS, at most
 * @param ridge weight of the squared parameters in the loss
 */
public record TrainingSpec(long pixels, int iterations, double ridge) {
  /** 200,000 pixels, 300 steps, a ridge of 10⁻⁴. */
  public static final TrainingSpec STANDARD = new TrainingSpec(200_000, 300, 1e-4);

  Trainer.Settings settings(long seed) {
    if (iterations < 1 || pixels < 1) {
      throw new InvalidInputException(
          "Cannot train: --max-iter and --train-pixels are at least 1");
    }
    if (!(ridge >= 0 && ridge < Double.POSITIVE_INFINITY)) {
      throw new InvalidInputException("Cannot train: --weight-decay is at least 0");
    }
    return new Trainer.Settings(iterations, ridge, seed);
  }

  /**
   * The pixels of a pass, thinned to about as many as are kept.
   *
   * @param found pixels of the pass
   */
  PixelSelection thinned(PixelSelection selection, long found, long seed) {
    double fraction = selection.sample().fraction() * Math.min(1, (double) pixels / found);
    PixelSample sample = fraction == 1 ? PixelSample.ALL : new PixelSample(fraction, seed);
    return selection.with(sample, selection.holdout());
  }
}
