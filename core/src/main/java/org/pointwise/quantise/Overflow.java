package org.pointwise.quantise;

import java.util.Locale;

/** What to do with a finite result that the output type cannot hold. */
public enum Overflow {
  /** Stop the run and name the shard. */
  REFUSE,
  /** Store the largest finite value of that sign, and count it. */
  SATURATE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
