package org.pointwise.conv;

import java.util.Locale;

/** What follows the affine map. NaN passes through each of them. */
public enum Activation {
  NONE,
  /** max(y, 0). */
  RELU,
  /** min(max(y, 0), 6): Krizhevsky 2010, as in MobileNet. */
  RELU6;

  public float apply(float y) {
    return switch (this) {
      case NONE -> y;
      case RELU -> y <= 0 ? 0 : y;
      case RELU6 -> y <= 0 ? 0 : y > 6 ? 6 : y;
    };
  }

  public double apply(double y) {
    return switch (this) {
      case NONE -> y;
      case RELU -> y <= 0 ? 0 : y;
      case RELU6 -> y <= 0 ? 0 : y > 6 ? 6 : y;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
