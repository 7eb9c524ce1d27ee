package org.pointwise.conv;

import java.util.List;

/**
 * Counts pixels with an output that is not finite. For most tiles, one pass over all sums shows
 * that there are none.
 */
final class NonFiniteCounter {
  private final List<PackedWeights.Place> places;
  private final Microkernel microkernel;
  private final boolean largeBias;

  /** Two numbers with magnitudes below the limit have a finite sum with a finite activation. */
  private final float limit;

  NonFiniteCounter(List<PackedWeights.Place> places, Microkernel microkernel) {
    this.places = places;
    this.microkernel = microkernel;
    double slope = 1;
    for (PackedWeights.Place place : places) {
      slope = Math.max(slope, place.layer().activation().lipschitz());
    }
    this.limit = (float) (0x1p126 / slope);
    this.largeBias = places.stream().anyMatch(this::hasLargeBias);
  }

  private boolean hasLargeBias(PackedWeights.Place place) {
    for (float bias : place.layer().bias()) {
      if (Math.abs(bias) >= limit) {
        return true;
      }
    }
    return false;
  }

  /**
   * Counts unmasked pixels for which a sum with its bias, or its activation, is not finite.
   *
   * @param sums of wide heads
   * @param dots of narrow heads
   * @param planes whether lines are outputs and columns are pixels; otherwise the opposite
   */
  long count(Accumulators sums, Accumulators dots, boolean planes, int pixels, boolean[] mask) {
    if (!largeBias && !anySuspect(sums) && !anySuspect(dots)) {
      return 0;
    }
    long nonFinite = 0;
    for (int p = 0; p < pixels; p++) {
      nonFinite += mask[p] || isFinite(sums, dots, planes, p) ? 0 : 1;
    }
    return nonFinite;
  }

  private boolean anySuspect(Accumulators sums) {
    int lanes = microkernel.lanes();
    int whole = sums.values().length / lanes * lanes;
    if (microkernel.anySuspect(sums.values(), 0, whole, limit)) {
      return true;
    }
    for (int i = whole; i < sums.values().length; i++) {
      if (!(Math.abs(sums.values()[i]) < limit)) {
        return true;
      }
    }
    return false;
  }

  private boolean isFinite(Accumulators sums, Accumulators dots, boolean planes, int pixel) {
    for (PackedWeights.Place place : places) {
      Accumulators of = place.narrow() ? dots : sums;
      for (int o = 0; o < place.layer().outChannels(); o++) {
        int output = place.first() + o;
        int at = planes ? of.index(output, pixel) : of.index(pixel, output);
        float y = of.values()[at] + place.layer().bias(o);
        if (!Float.isFinite(y) || !place.layer().activation().keepsFinite(y, o)) {
          return false;
        }
      }
    }
    return true;
  }
}
