package org.pointwise.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Finishes dot products whose partial sums are adjacent: {@link Microkernel#addPartials}. */
final class VectorPartials {
  private static final VectorSpecies<Float> DOT = VectorDots.DOT;

  /** Groups of partial sums that {@link #gather} processes at a time. */
  private static final int GATHERED = DOT.length();

  private static final VectorMask<Float> UPPER_8 = upper(8);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_1 = upper(1);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  /** Returns the lanes in the upper half of every {@code 2·distance} lanes. */
  private static VectorMask<Float> upper(int distance) {
    boolean[] lanes = new boolean[GATHERED];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(DOT, lanes, 0);
  }

  /** Returns the exchange of the two halves of every {@code 2·distance} lanes. */
  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(DOT, i -> (i ^ distance) % GATHERED);
  }

  private VectorPartials() {}

  /** Implements {@link Microkernel#addPartials}. */
  static void add(float[] partials, int groups, float[] sums, int sumsAt) {
    for (int g = 0; g < groups; g += GATHERED) {
      int at = g * PackedWeights.DOT_LANES;
      for (int i = at; i < at + GATHERED * PackedWeights.DOT_LANES; i += PackedWeights.DOT_LANES) {
        addWhole(partials, i);
      }
      gather(partials, at, sums, sumsAt + g);
    }
  }

  /** Reduces the 16 partial sums at {@code at} to one vector, if a vector is shorter. */
  private static void addWhole(float[] partials, int at) {
    for (int half = PackedWeights.DOT_LANES / 2; half >= GATHERED; half /= 2) {
      for (int i = at; i < at + half; i += GATHERED) {
        FloatVector.fromArray(DOT, partials, i)
            .add(FloatVector.fromArray(DOT, partials, i + half))
            .intoArray(partials, i);
      }
    }
  }

  /**
   * Computes the pairwise sums of as many groups as there are lanes. Each step merges two groups
   * into one vector: the lower part belongs to the first group and the upper part to the second.
   * After the last step, lane g holds the sum of group g.
   */
  private static void gather(float[] partials, int at, float[] sums, int sumsAt) {
    if (GATHERED > 8) {
      for (int i = at; i < at + 8 * PackedWeights.DOT_LANES; i += PackedWeights.DOT_LANES) {
        merge(partials, i, 8, UPPER_8, SWAP_8);
      }
    }
    if (GATHERED > 4) {
      for (int i = at; i < at + 4 * PackedWeights.DOT_LANES; i += PackedWeights.DOT_LANES) {
        merge(partials, i, 4, UPPER_4, SWAP_4);
      }
    }
    merge(partials, at, 2, UPPER_2, SWAP_2);
    merge(partials, at + PackedWeights.DOT_LANES, 2, UPPER_2, SWAP_2);
    merge(partials, at, 1, UPPER_1, SWAP_1);
    FloatVector.fromArray(DOT, partials, at).intoArray(sums, sumsAt);
  }

  private static void merge(
      float[] partials, int at, int distance, VectorMask<Float> upper, VectorShuffle<Float> swap) {
    FloatVector a = FloatVector.fromArray(DOT, partials, at);
    FloatVector b = FloatVector.fromArray(DOT, partials, at + distance * PackedWeights.DOT_LANES);
    a.blend(b, upper).add(b.blend(a, upper).rearrange(swap)).intoArray(partials, at);
  }
}
