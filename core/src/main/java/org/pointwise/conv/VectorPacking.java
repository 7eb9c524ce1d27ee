package org.pointwise.conv;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Packs panels and lines with vectors. */
final class VectorPacking {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();

  private VectorPacking() {}

  /** Implements {@link ElementConversions#packCentred}. */
  static void packCentred(
      byte[] packed,
      int at,
      int step,
      int count,
      int width,
      float[] shift,
      int channel,
      float[] panel,
      int panelAt,
      BlockStatistics statistics) {
    for (int i = 0; i < width; i += LANES) {
      FloatVector shifts = FloatVector.fromArray(FLOATS, shift, channel + i);
      DoubleVector low = DoubleVector.zero(DOUBLES);
      DoubleVector high = low;
      FloatVector min = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
      FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      FloatVector zeros = FloatVector.zero(FLOATS);
      for (int k = 0; k < count; k++) {
        FloatVector x =
            ByteVector.fromArray(BYTES, packed, at + k * step + i * Float.BYTES)
                .reinterpretAsFloats();
        FloatVector centred = x.sub(shifts);
        centred.intoArray(panel, panelAt + k * width + i);
        low = low.add(centred.convertShape(VectorOperators.F2D, DOUBLES, 0));
        high = high.add(centred.convertShape(VectorOperators.F2D, DOUBLES, 1));
        min = min.min(x);
        max = max.max(x);
        zeros = zeros.add(1, x.compare(VectorOperators.EQ, 0));
      }
      low.intoArray(statistics.sum(), channel + i);
      high.intoArray(statistics.sum(), channel + i + LANES / 2);
      min.intoArray(statistics.min(), channel + i);
      max.intoArray(statistics.max(), channel + i);
      zeros.intoArray(statistics.zeros(), channel + i);
    }
  }

  /**
   * Implements {@link ElementConversions#transpose}.
   *
   * @param count a whole number of vectors
   */
  static void transpose(
      float[] values,
      int at,
      int[] steps,
      int lines,
      int count,
      byte[] packed,
      int packedAt,
      int lineStep) {
    for (int k = 0; k < count; k += LANES) {
      for (int line = 0; line < lines; line++) {
        FloatVector.fromArray(FLOATS, values, at + k * steps[1] + line, steps, 0)
            .reinterpretAsBytes()
            .intoArray(packed, packedAt + line * lineStep + k * Float.BYTES);
      }
    }
  }
}
