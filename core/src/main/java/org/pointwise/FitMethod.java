package org.pointwise;

import java.util.Locale;

/** How a layer is learned. */
public enum FitMethod {
  /** Principal components. */
  PCA,
  /** Principal components, scaled to unit variance. */
  WHITEN,
  /** Linear discriminants between classes. */
  LDA,
  /** The channels of most variance. */
  SELECT,
  /** A random projection. */
  RANDOM,
  /** Logistic regression, a channel a class. */
  SCORE,
  /** ReLU channels that predict labels, or the input itself. */
  BOTTLENECK;

  /** Whether it learns from pixels and not from their moments alone. */
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
