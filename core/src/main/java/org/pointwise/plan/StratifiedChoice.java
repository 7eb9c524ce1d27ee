package org.pointwise.plan;

import org.pointwise.tensor.PixelSample;

/**
 * A seeded choice of a part of the numbers 0, 1, 2, … that is as even as it can be: of the first N
 * numbers it takes {@code N·fraction} where that is whole, and else one of the two whole numbers
 * beside it, whatever N. Whether a number is chosen does not depend on N, so that those chosen stay
 * so when more come.
 *
 * <p>With p = {@code fraction} ≤ ½, rounded to 10⁻⁹ (and at least that unless it is 0), the stratum
 * k is the numbers i with ⌊i·p⌋ = k, in exact arithmetic. Each stratum has one chosen number: the
 * one at place {@code mix(mix(seed) + k) mod size} of it, unsigned, with the {@code mix} of {@link
 * PixelSample}. With p > ½ the numbers that 1 − p would choose are the ones that are not chosen.
 *
 * @param fraction of all that is chosen, 0 … 1
 */
public record StratifiedChoice(double fraction, long seed) {
  private static final long UNIT = 1_000_000_000;

  public StratifiedChoice {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("A fraction is 0 … 1, not " + fraction);
    }
  }

  /** Whether a number is chosen. */
  public boolean contains(long number) {
    long part = billionths();
    return part <= UNIT / 2 ? isPicked(number, part) : !isPicked(number, UNIT - part);
  }

  /** How many of the numbers 0 … {@code numbers} − 1 are chosen. */
  public long count(long numbers) {
    long part = billionths();
    return part <= UNIT / 2 ? picked(numbers, part) : numbers - picked(numbers, UNIT - part);
  }

  private long billionths() {
    return fraction == 0 ? 0 : Math.max(1, Math.round(fraction * UNIT));
  }

  private boolean isPicked(long number, long part) {
    if (part == 0) {
      return false;
    }
    long before = remainder(number, part) / part; // numbers of the stratum that come first
    return before == pick(number, part);
  }

  private long picked(long numbers, long part) {
    if (part == 0 || numbers == 0) {
      return 0;
    }
    long last = numbers - 1;
    boolean reached = pick(last, part) <= remainder(last, part) / part;
    return stratum(last, part) + (reached ? 1 : 0);
  }

  /** The place of the chosen number in the stratum of {@code number}. */
  private long pick(long number, long part) {
    long remainder = remainder(number, part);
    long after = (UNIT - remainder + part - 1) / part; // of the stratum, the number included
    return Long.remainderUnsigned(
        PixelSample.mix(PixelSample.mix(seed) + stratum(number, part)), remainder / part + after);
  }

  /** ⌊number·part ÷ unit⌋, without overflow. */
  private static long stratum(long number, long part) {
    return number / UNIT * part + number % UNIT * part / UNIT;
  }

  private static long remainder(long number, long part) {
    return number % UNIT * part % UNIT;
  }
}
