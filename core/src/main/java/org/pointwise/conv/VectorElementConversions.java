package org.pointwise.conv;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ElementType;

/**
 * Converts adjacent numbers with the Vector API, for little-endian machines. Other layouts and
 * types, and the ends of runs, are converted one number at a time.
 */
final class VectorElementConversions implements ElementConversions {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();

  private final PlainElementConversions plain = new PlainElementConversions();

  @Override
  public void decode(
      byte[] stored,
      int at,
      int lineStep,
      int lines,
      int step,
      int count,
      ElementType type,
      ByteOrder order,
      byte[] packed,
      int packedAt,
      int packedLineStep) {
    boolean vectors = step == type.bytes() && VectorDecoding.possible(type, order);
    int whole = vectors ? FLOATS.loopBound(count) : 0;
    for (int line = 0; line < lines && whole > 0; line++) {
      int from = at + line * lineStep;
      int to = packedAt + line * packedLineStep;
      VectorDecoding.decode(type, stored, from, whole, packed, to);
    }
    if (whole < count) {
      plain.decode(
          stored,
          at + whole * step,
          lineStep,
          lines,
          step,
          count - whole,
          type,
          order,
          packed,
          packedAt + whole * Float.BYTES,
          packedLineStep);
    }
  }

  @Override
  public int encode(
      float[] values,
      int from,
      int lineStep,
      int lines,
      int count,
      Overflow overflow,
      ElementType type,
      byte[] stored,
      int at,
      int storedLineStep,
      int step) {
    boolean vectors = step == type.bytes() && VectorEncoding.possible(type);
    int whole = vectors ? FLOATS.loopBound(count) : 0;
    int overflowed = 0;
    for (int line = 0; line < lines && whole > 0; line++) {
      int line0 = from + line * lineStep;
      int to = at + line * storedLineStep;
      overflowed += VectorEncoding.encode(values, line0, whole, overflow, type, stored, to);
    }
    return whole == count
        ? overflowed
        : overflowed
            + plain.encode(
                values,
                from + whole,
                lineStep,
                lines,
                count - whole,
                overflow,
                type,
                stored,
                at + whole * step,
                storedLineStep,
                step);
  }

  private static FloatVector load(byte[] packed, int at) {
    return ByteVector.fromArray(BYTES, packed, at).reinterpretAsFloats();
  }

  @Override
  public void packPanels(
      byte[] packed, int at, int count, float[] values, int valuesAt, int width, int step) {
    int whole = count / width * width;
    int to = valuesAt;
    for (int run = 0; run < whole; run += width) {
      for (int i = 0; i < width; i += LANES) {
        load(packed, at + (run + i) * Float.BYTES).intoArray(values, to + i);
      }
      to += step;
    }
    plain.packPanels(packed, at + whole * Float.BYTES, count - whole, values, to, width, step);
  }

  @Override
  public void scale(byte[] packed, int at, int count, float scale, float offset) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      load(packed, at + Float.BYTES * i)
          .mul(scale)
          .add(offset)
          .reinterpretAsBytes()
          .intoArray(packed, at + Float.BYTES * i);
    }
    plain.scale(packed, at + Float.BYTES * whole, count - whole, scale, offset);
  }

  @Override
  public void scale(byte[] packed, int at, int count, float[] scales, float[] offsets, int first) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      load(packed, at + Float.BYTES * i)
          .mul(FloatVector.fromArray(FLOATS, scales, first + i))
          .add(FloatVector.fromArray(FLOATS, offsets, first + i))
          .reinterpretAsBytes()
          .intoArray(packed, at + Float.BYTES * i);
    }
    plain.scale(packed, at + Float.BYTES * whole, count - whole, scales, offsets, first + whole);
  }

  @Override
  public boolean contains(byte[] packed, int at, int count, float value) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      if (same(load(packed, at + Float.BYTES * i), value).anyTrue()) {
        return true;
      }
    }
    return plain.contains(packed, at + Float.BYTES * whole, count - whole, value);
  }

  @Override
  public void mark(byte[] packed, int at, int count, float value, boolean[] mask, int maskAt) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      VectorMask<Float> found = same(load(packed, at + Float.BYTES * i), value);
      if (found.anyTrue()) {
        found.or(VectorMask.fromArray(FLOATS, mask, maskAt + i)).intoArray(mask, maskAt + i);
      }
    }
    plain.mark(packed, at + Float.BYTES * whole, count - whole, value, mask, maskAt + whole);
  }

  private static VectorMask<Float> same(FloatVector elements, float value) {
    return Float.isNaN(value)
        ? elements.test(VectorOperators.IS_NAN)
        : elements.compare(VectorOperators.EQ, value);
  }

  @Override
  public boolean finite(byte[] packed, int at, int count) {
    int whole = FLOATS.loopBound(count);
    FloatVector worst = FloatVector.zero(FLOATS); // x · 0 is NaN unless x is finite
    for (int i = 0; i < whole; i += LANES) {
      worst =
          ByteVector.fromArray(BYTES, packed, at + i * Float.BYTES)
              .reinterpretAsFloats()
              .mul(0)
              .add(worst);
    }
    return !worst.compare(VectorOperators.NE, worst).anyTrue()
        && plain.finite(packed, at + whole * Float.BYTES, count - whole);
  }

  @Override
  public void packCentred(
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
    VectorPacking.packCentred(
        packed, at, step, count, width, shift, channel, panel, panelAt, statistics);
  }

  @Override
  public void transpose(
      float[] values,
      int at,
      int[] steps,
      int lines,
      int count,
      byte[] packed,
      int packedAt,
      int lineStep) {
    int whole = FLOATS.loopBound(count);
    VectorPacking.transpose(values, at, steps, lines, whole, packed, packedAt, lineStep);
    plain.transpose(
        values,
        at + whole * steps[1],
        steps,
        lines,
        count - whole,
        packed,
        packedAt + whole * Float.BYTES,
        lineStep);
  }
}
