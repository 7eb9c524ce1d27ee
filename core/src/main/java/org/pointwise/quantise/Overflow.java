package org.pointwise.quantise;

import java.util.Locale;

/** Defines how a finite result that the output type cannot hold is handled. */
public enum Overflow {
  /** Stop the run and name the shard. */
  REFUSE,
  /** Store the largest finite value of the same sign, and count it. */
  SATURATE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
