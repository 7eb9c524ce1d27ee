package org.pointwise.run;

import org.jspecify.annotations.Nullable;

/**
 * What a unit gave.
 *
 * @param receipt of a unit that stores; else null
 * @param numbers to be added; of a unit that gives none, empty
 */
record UnitResult(@Nullable Receipt receipt, double[] numbers) {
  private static final double[] NONE = {};

  static UnitResult stored(Receipt receipt) {
    return new UnitResult(receipt, NONE);
  }

  static UnitResult of(double... numbers) {
    return new UnitResult(null, numbers);
  }
}
