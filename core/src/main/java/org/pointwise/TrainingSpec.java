package org.pointwise;

import org.pointwise.learn.Trainer;
import org.pointwise.plan.PixelSelection;
import org.pointwise.tensor.PixelSample;

/**
 * Settings for training what has no closed form. Immutable.
 *
 * @param pixels approximate number of pixels to keep in memory for training
 * @param iterations largest number of L-BFGS steps
 * @param ridge weight of the squared parameters in the loss
 */
public record TrainingSpec(long pixels, int iterations, double ridge) {
  /** The default settings: 200,000 pixels, 300 steps, a ridge of 10⁻⁴. */
  public static final TrainingSpec STANDARD = new TrainingSpec(200_000, 300, 1e-4);

  /**
   * @throws IllegalArgumentException if a number is outside its range
   */
  public TrainingSpec {
    if (iterations < 1 || pixels < 1) {
      throw new IllegalArgumentException("--max-iter and --train-pixels must be at least 1");
    }
    if (!(ridge >= 0 && ridge < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("--weight-decay must be at least 0 and finite");
    }
  }

  /** Returns the settings of a training. */
  public Trainer.Settings settings(long seed) {
    return new Trainer.Settings(iterations, ridge, seed);
  }

  /**
   * Returns a random sample of the pixels of a pass, of about as many pixels as are kept.
   *
   * @param pixelCount number of pixels of the pass
   */
  PixelSelection thinned(PixelSelection selection, long pixelCount, long seed) {
    return selection.withSampling(
        sample(selection.sample().fraction(), pixelCount, seed), selection.holdout());
  }

  /**
   * Returns a random sample of about as many pixels as are kept.
   *
   * @param fraction the part of all pixels from which the pass took its own
   * @param pixelCount number of pixels of the pass
   */
  public PixelSample sample(double fraction, long pixelCount, long seed) {
    double kept = fraction * Math.min(1, (double) pixels / pixelCount);
    return kept == 1 ? PixelSample.ALL : new PixelSample(kept, seed);
  }
}
