package org.pointwise.conv;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ElementType;

/**
 * SIMD by the Vector API, for little-endian machines: what lies side by side and has a short form;
 * the rest, and the ends of runs, one number after another.
 *
 * <p>binary16 is converted in integers, since JDK 17 has no conversion of its own (see {@link
 * org.pointwise.tensor.Half} for the cases).
 */
final class VectorNumberRuns implements NumberRuns {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();

  /** As many shorts, and the bytes they lie in, as there are lanes. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(BYTES.vectorBitSize() / 2));

  private static final VectorSpecies<Byte> SHORT_BYTES = SHORTS.withLanes(byte.class);

  /** The same for bytes, where so short a vector exists. */
  private static final VectorSpecies<Byte> SINGLE_BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, BYTES.vectorBitSize() / 4)));

  /** The longest vector in which every machine reorders bytes with one instruction. */
  private static final VectorSpecies<Byte> FOUR_FLOATS = ByteVector.SPECIES_128;

  /** The bytes of each float in reverse. */
  private static final VectorShuffle<Byte> REVERSED =
      VectorShuffle.fromOp(FOUR_FLOATS, i -> i ^ (Float.BYTES - 1));

  private static final int SIGN_16 = 0x8000;
  private static final int EXPONENT_BIAS_DIFFERENCE = (127 - 15) << 23;

  private final PlainNumberRuns plain = new PlainNumberRuns();

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
    int whole = vectors(type, order) && step == type.bytes() ? FLOATS.loopBound(count) : 0;
    for (int line = 0; line < lines && whole > 0; line++) {
      int from = at + line * lineStep;
      int to = packedAt + line * packedLineStep;
      switch (type) {
        case FLOAT32 -> reverse(stored, from, whole, packed, to);
        case FLOAT16 -> float16(stored, from, whole, packed, to);
        case BFLOAT16 -> bfloat16(stored, from, whole, packed, to);
        case UINT16 -> shorts(stored, from, whole, 0xffff, packed, to);
        case INT16 -> shorts(stored, from, whole, -1, packed, to);
        case UINT8 -> bytes(stored, from, whole, 0xff, packed, to);
        default -> bytes(stored, from, whole, -1, packed, to);
      }
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

  private static boolean vectors(ElementType type, ByteOrder order) {
    boolean little = order == ByteOrder.LITTLE_ENDIAN;
    return switch (type) {
      case FLOAT32 -> !little;
      case FLOAT16, BFLOAT16, INT16, UINT16 -> little;
      case INT8, UINT8 -> SINGLE_BYTES.length() == LANES;
      default -> false;
    };
  }

  private static void reverse(byte[] in, int at, int count, byte[] out, int to) {
    for (int i = 0; i < count * Float.BYTES; i += FOUR_FLOATS.length()) {
      ByteVector.fromArray(FOUR_FLOATS, in, at + i).rearrange(REVERSED).intoArray(out, to + i);
    }
  }

  private static IntVector widened(byte[] in, int at) {
    ShortVector narrow = ByteVector.fromArray(SHORT_BYTES, in, at).reinterpretAsShorts();
    return (IntVector) narrow.convertShape(VectorOperators.S2I, INTS, 0);
  }

  private static void float16(byte[] in, int at, int count, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      IntVector half = widened(in, at + Short.BYTES * i);
      IntVector sign = half.and(SIGN_16).lanewise(VectorOperators.LSHL, 16);
      IntVector magnitude = half.and(0x7fff);
      IntVector normal = magnitude.lanewise(VectorOperators.LSHL, 13).add(EXPONENT_BIAS_DIFFERENCE);
      normal =
          normal.blend(
              normal.add(EXPONENT_BIAS_DIFFERENCE),
              magnitude.compare(VectorOperators.GT, 0x7bff)); // infinite or NaN
      FloatVector subnormal =
          ((FloatVector) magnitude.convert(VectorOperators.I2F, 0)).mul(0x1p-24f);
      normal
          .blend(subnormal.reinterpretAsInts(), magnitude.compare(VectorOperators.LT, 0x400))
          .or(sign)
          .reinterpretAsBytes()
          .intoArray(out, to + Float.BYTES * i);
    }
  }

  private static void bfloat16(byte[] in, int at, int count, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      widened(in, at + Short.BYTES * i)
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsBytes()
          .intoArray(out, to + Float.BYTES * i);
    }
  }

  private static void shorts(byte[] in, int at, int count, int bits, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      floats(widened(in, at + Short.BYTES * i).and(bits), out, to + Float.BYTES * i);
    }
  }

  private static void bytes(byte[] in, int at, int count, int bits, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      ByteVector narrow = ByteVector.fromArray(SINGLE_BYTES, in, at + i);
      IntVector wide = (IntVector) narrow.convertShape(VectorOperators.B2I, INTS, 0);
      floats(wide.and(bits), out, to + Float.BYTES * i);
    }
  }

  private static void floats(IntVector v, byte[] out, int at) {
    ((FloatVector) v.convert(VectorOperators.I2F, 0)).reinterpretAsBytes().intoArray(out, at);
  }

  private static FloatVector load(byte[] packed, int at) {
    return ByteVector.fromArray(BYTES, packed, at).reinterpretAsFloats();
  }

  @Override
  public void spread(
      byte[] packed, int at, int count, float[] values, int valuesAt, int width, int step) {
    int whole = count / width * width;
    int to = valuesAt;
    for (int run = 0; run < whole; run += width) {
      for (int i = 0; i < width; i += LANES) {
        load(packed, at + (run + i) * Float.BYTES).intoArray(values, to + i);
      }
      to += step;
    }
    plain.spread(packed, at + whole * Float.BYTES, count - whole, values, to, width, step);
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

  private static VectorMask<Float> same(FloatVector found, float value) {
    return Float.isNaN(value)
        ? found.test(VectorOperators.IS_NAN)
        : found.compare(VectorOperators.EQ, value);
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
  public void centre(
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
      FloatVector least = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
      FloatVector most = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      FloatVector zeros = FloatVector.zero(FLOATS);
      for (int k = 0; k < count; k++) {
        FloatVector x =
            ByteVector.fromArray(BYTES, packed, at + k * step + i * Float.BYTES)
                .reinterpretAsFloats();
        FloatVector centred = x.sub(shifts);
        centred.intoArray(panel, panelAt + k * width + i);
        low = low.add(centred.convertShape(VectorOperators.F2D, DOUBLES, 0));
        high = high.add(centred.convertShape(VectorOperators.F2D, DOUBLES, 1));
        least = least.min(x);
        most = most.max(x);
        zeros = zeros.add(1, x.compare(VectorOperators.EQ, 0));
      }
      low.intoArray(statistics.sum(), channel + i);
      high.intoArray(statistics.sum(), channel + i + LANES / 2);
      least.intoArray(statistics.least(), channel + i);
      most.intoArray(statistics.most(), channel + i);
      zeros.intoArray(statistics.zeros(), channel + i);
    }
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
    for (int k = 0; k < whole; k += LANES) {
      for (int line = 0; line < lines; line++) {
        FloatVector.fromArray(FLOATS, values, at + k * steps[1] + line, steps, 0)
            .reinterpretAsBytes()
            .intoArray(packed, packedAt + line * lineStep + k * Float.BYTES);
      }
    }
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
    boolean vectors =
        type == ElementType.FLOAT32 || type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
    int whole = vectors && step == type.bytes() ? FLOATS.loopBound(count) : 0;
    int overflowed = 0;
    for (int line = 0; line < lines && whole > 0; line++) {
      int line0 = from + line * lineStep;
      int to = at + line * storedLineStep;
      switch (type) {
        case FLOAT32 -> copy(values, line0, whole, stored, to);
        case FLOAT16 -> overflowed += toFloat16(values, line0, whole, overflow, stored, to);
        default -> overflowed += toBfloat16(values, line0, whole, overflow, stored, to);
      }
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

  private static void copy(float[] values, int from, int count, byte[] out, int at) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector.fromArray(FLOATS, values, from + i)
          .reinterpretAsBytes()
          .intoArray(out, at + Float.BYTES * i);
    }
  }

  private static int toFloat16(
      float[] values, int from, int count, Overflow overflow, byte[] out, int at) {
    int overflowed = 0;
    for (int i = 0; i < count; i += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, values, from + i).reinterpretAsInts();
      IntVector sign = bits.lanewise(VectorOperators.LSHR, 16).and(SIGN_16);
      IntVector magnitude = bits.and(0x7fffffff);
      IntVector odd = magnitude.lanewise(VectorOperators.LSHR, 13).and(1);
      IntVector half =
          magnitude
              .add(odd)
              .add(0xfff - EXPONENT_BIAS_DIFFERENCE)
              .lanewise(VectorOperators.LSHR, 13);
      VectorMask<Integer> small = magnitude.compare(VectorOperators.LT, 0x38800000);
      if (small.anyTrue()) { // below 2^-14: adding 0.5 lets the FPU round to 2^-24
        IntVector rounded = magnitude.reinterpretAsFloats().add(0.5f).reinterpretAsInts();
        half = half.blend(rounded.sub(0x3f000000), small);
      }
      VectorMask<Integer> large = magnitude.compare(VectorOperators.GE, 0x477ff000);
      if (large.anyTrue()) { // 65520 and above
        VectorMask<Integer> finite = large.and(magnitude.compare(VectorOperators.LT, 0x7f800000));
        overflowed += finite.trueCount();
        half = half.blend(0x7c00, large);
        half = half.blend(0x7e00, magnitude.compare(VectorOperators.GT, 0x7f800000));
        half = overflow == Overflow.SATURATE ? half.blend(0x7bff, finite) : half;
      }
      store(half.or(sign), out, at + Short.BYTES * i);
    }
    return overflowed;
  }

  private static int toBfloat16(
      float[] values, int from, int count, Overflow overflow, byte[] out, int at) {
    int overflowed = 0;
    for (int i = 0; i < count; i += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, values, from + i).reinterpretAsInts();
      IntVector sign = bits.lanewise(VectorOperators.LSHR, 16).and(SIGN_16);
      IntVector magnitude = bits.and(0x7fffffff);
      IntVector odd = magnitude.lanewise(VectorOperators.LSHR, 16).and(1);
      IntVector half = magnitude.add(odd).add(0x7fff).lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> large = magnitude.compare(VectorOperators.GE, 0x7f7f8000);
      if (large.anyTrue()) { // infinity is the nearest, or a NaN
        VectorMask<Integer> finite = large.and(magnitude.compare(VectorOperators.LT, 0x7f800000));
        overflowed += finite.trueCount();
        half = half.blend(0x7fc0, magnitude.compare(VectorOperators.GT, 0x7f800000));
        half = overflow == Overflow.SATURATE ? half.blend(0x7f7f, finite) : half;
      }
      store(half.or(sign), out, at + Short.BYTES * i);
    }
    return overflowed;
  }

  private static void store(IntVector halves, byte[] out, int at) {
    ((ShortVector) halves.convertShape(VectorOperators.I2S, SHORTS, 0))
        .reinterpretAsBytes()
        .intoArray(out, at);
  }
}
