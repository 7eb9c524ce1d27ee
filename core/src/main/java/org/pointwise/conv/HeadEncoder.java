package org.pointwise.conv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;

/** Finishes the sums of one head: bias, activation, output type and layout. */
final class HeadEncoder {
  /** The largest finite binary16 and bfloat16. */
  private static final float FLOAT16_MAX = 65504;

  private static final float BFLOAT16_MAX = Float.intBitsToFloat(0x7f7f0000);

  private final PackedHeads.Place place;
  private final PackedHeads heads;
  private final Overflow overflow;
  private final float[] bias;
  private final Activation activation;
  private final float[] row;
  private final float[] dots;
  private final Microkernel microkernel;
  private byte[] wrapped = {};
  private FloatBuffer floats = view(wrapped);

  HeadEncoder(
      PackedHeads.Place place, PackedHeads heads, Overflow overflow, Microkernel microkernel) {
    this.microkernel = microkernel;
    this.place = place;
    this.heads = heads;
    this.overflow = overflow;
    this.bias = place.layer().bias();
    this.activation = place.layer().activation();
    this.row = new float[bias.length];
    this.dots = new float[place.narrow() ? bias.length : 0];
  }

  void encode(
      float[] sums,
      float[] partials,
      boolean[] mask,
      PixelRun pixels,
      ChannelBlock out,
      TileCounts counts,
      boolean countNonFinite) {
    int step = (int) (out.strideC() * out.type().bytes());
    for (int p = 0; p < pixels.count(); p++) {
      int at = pixels.at(out, p, 0);
      if (mask[p]) {
        for (int o = 0; o < bias.length; o++) {
          Elements.putFloat(out.bytes(), at + o * step, out.type(), Float.NaN);
        }
        continue;
      }
      boolean finite = place.narrow() ? finishDots(partials, p) : finishSums(sums, p);
      if (countNonFinite && !finite) {
        counts.addNonFinite(1);
      }
      if (limit(out.type()) < Float.MAX_VALUE) {
        counts.addOverflowed(saturate(limit(out.type())));
      }
      write(out, at, step);
    }
  }

  private static FloatBuffer view(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  private static float limit(ElementType type) {
    return switch (type) {
      case FLOAT16 -> FLOAT16_MAX;
      case BFLOAT16 -> BFLOAT16_MAX;
      default -> Float.MAX_VALUE;
    };
  }

  /** Bias and activation into {@link #row}; whether the first sum is finite. */
  private boolean finishSums(float[] sums, int pixel) {
    int from = pixel * heads.paddedColumns() + place.firstColumn();
    microkernel.finish(sums, from, bias, activation, row);
    return Float.isFinite(sums[from]);
  }

  private boolean finishDots(float[] partials, int pixel) {
    boolean finite = true;
    for (int o = 0; o < row.length; o++) {
      int from = (pixel * heads.narrowRows() + place.firstColumn() + o) * PackedHeads.DOT_LANES;
      for (int half = PackedHeads.DOT_LANES / 2; half > 0; half /= 2) {
        for (int i = from; i < from + half; i++) {
          partials[i] += partials[i + half];
        }
      }
      finite &= Float.isFinite(partials[from]);
      dots[o] = partials[from];
    }
    microkernel.finish(dots, 0, bias, activation, row);
    return finite;
  }

  /** Finite values whose nearest narrow one would be infinite, clamped; their number. */
  private int saturate(float limit) {
    // From half a unit above the largest value on, the nearest is infinity.
    float rounds = limit == FLOAT16_MAX ? 65520 : Float.intBitsToFloat(0x7f7f8000);
    int overflowed = 0;
    for (int o = 0; o < row.length; o++) {
      float magnitude = Math.abs(row[o]);
      if (magnitude >= rounds && magnitude <= Float.MAX_VALUE) {
        overflowed++;
        if (overflow == Overflow.SATURATE) {
          row[o] = Math.copySign(limit, row[o]);
        }
      }
    }
    return overflowed;
  }

  private void write(ChannelBlock out, int at, int step) {
    byte[] bytes = out.bytes();
    if (out.type() == ElementType.FLOAT32 && step == Float.BYTES && at % Float.BYTES == 0) {
      if (wrapped != bytes) {
        wrapped = bytes;
        floats = view(bytes);
      }
      floats.put(at / Float.BYTES, row);
    } else if (out.type() == ElementType.FLOAT32) {
      for (int o = 0; o < row.length; o++) {
        Elements.putInt(bytes, at + o * step, Float.floatToRawIntBits(row[o]));
      }
    } else {
      for (int o = 0; o < row.length; o++) {
        Elements.putFloat(bytes, at + o * step, out.type(), row[o]);
      }
    }
  }
}
