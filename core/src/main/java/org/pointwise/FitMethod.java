package org.pointwise;

import java.util.Locale;

/** The methods by which a layer is learned. */
public enum FitMethod {
  /** Principal components. */
  PCA,
  /** Principal components, scaled to unit variance. */
  WHITEN,
  /** Linear discriminants between classes. */
  LDA,
  /** The channels with the largest variance. */
  SELECT,
  /** A random projection. */
  RANDOM,
  /** Logistic regression, one channel for each class. */
  SCORE,
  /** ReLU channels that predict labels or, without labels, the input itself. */
  BOTTLENECK;

  /** Returns whether the method learns from pixels, not from their moments alone. */
  boolean trained() {
    return this == SCORE || this == BOTTLENECK;
  }

  /**
   * Returns whether the method can learn from standardised channels. The others cannot: {@link
   * #LDA}, {@link #SCORE} and a {@link #BOTTLENECK} that predicts labels do not depend on the scale
   * of the channels, {@link #SELECT} has no order of channels of equal variance, and the loss of a
   * {@link #BOTTLENECK} that reconstructs is in the units of the channels.
   */
  boolean standardises() {
    return this == PCA || this == WHITEN || this == RANDOM;
  }

  boolean needsLabels() {
    return this == LDA || this == SCORE;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
