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

  boolean needsLabels() {
    return this == LDA || this == SCORE;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
