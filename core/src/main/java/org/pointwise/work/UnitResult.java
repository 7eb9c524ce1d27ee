package org.pointwise.work;

import org.jspecify.annotations.Nullable;

/**
 * What a unit gave.
 *
 * @param receipt of a unit that stores; else null
 * @param numbers to be added; of a unit that gives none, empty
 */
public record UnitResult(@Nullable Receipt receipt, double[] numbers) {
  private static final double[] NONE = {};

  public static UnitResult stored(Receipt receipt) {
    return new UnitResult(receipt, NONE);
  }

  public static UnitResult of(double... numbers) {
    return new UnitResult(null, numbers);
  }
}
