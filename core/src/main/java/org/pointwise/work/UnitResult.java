package org.pointwise.work;

import org.jspecify.annotations.Nullable;

/**
 * The result of a unit.
 *
 * @param receipt receipt of a unit that stores objects; else null
 * @param numbers numbers to be added; empty where the unit returns none
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
