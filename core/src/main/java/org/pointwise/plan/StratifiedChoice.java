package org.pointwise.plan;

import org.pointwise.tensor.PixelSample;

/**
 * A seeded choice from the numbers 0, 1, 2, … that is as even as possible. Of the first N numbers,
 * for any N, it chooses exactly {@code N·fraction} where that is an integer, and otherwise one of
 * the two nearest integers. Whether a number is chosen does not depend on N, so chosen numbers stay
 * chosen when N grows.
 *
 * <p>Let p = {@code fraction} ≤ ½, rounded to a multiple of 10⁻⁹ (at least 10⁻⁹ unless {@code
 * fraction} is 0). Stratum k contains the numbers i with ⌊i·p⌋ = k, in exact arithmetic. Each
 * stratum has one chosen number: the one at index {@code mix(mix(seed) + k) mod size} of the
 * stratum, unsigned, with the {@code mix} of {@link PixelSample}. For p > ½, the chosen numbers are
 * those that 1 − p does not choose.
 *
 * @param fraction fraction of the numbers that is chosen, 0 … 1
 * @param seed random seed
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
    long before = remainder(number, part) / part; // index within the stratum
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

  /** The index of the chosen number within the stratum of {@code number}. */
  private long pick(long number, long part) {
    long remainder = remainder(number, part);
    long after = (UNIT - remainder + part - 1) / part; // numbers of the stratum from this one on
    return Long.remainderUnsigned(
        PixelSample.mix(PixelSample.mix(seed) + stratum(number, part)), remainder / part + after);
  }

  /** ⌊number·part ÷ UNIT⌋, without overflow. */
  private static long stratum(long number, long part) {
    return number / UNIT * part + number % UNIT * part / UNIT;
  }

  private static long remainder(long number, long part) {
    return number % UNIT * part % UNIT;
  }
}
