package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.Seed;

/** The conversions of this JVM's kernel are bit-identical to the plain ones. */
class ElementConversionsTest {
  private static final List<ElementType> HALVES =
      List.of(ElementType.FLOAT16, ElementType.BFLOAT16);

  private final ElementConversions plain = KernelProvider.plain().conversions();
  private final ElementConversions numbers = KernelProvider.forThisJvm().conversions();

  @Test
  void decodesEverySixteenBitNumber() {
    byte[] stored = new byte[2 << 16];
    for (int i = 0; i < 1 << 16; i++) {
      stored[2 * i] = (byte) i;
      stored[2 * i + 1] = (byte) (i >> 8);
    }
    for (ElementType type :
        List.of(ElementType.FLOAT16, ElementType.BFLOAT16, ElementType.INT16, ElementType.UINT16)) {
      assertThat(decode(numbers, stored, type, 1 << 16))
          .as("%s", type)
          .isEqualTo(decode(plain, stored, type, 1 << 16));
    }
  }

  private static byte[] decode(
      ElementConversions numbers, byte[] stored, ElementType type, int count) {
    byte[] packed = new byte[4 * count];
    int bytes = type.bytes();
    numbers.decode(
        stored, 0, 0, 1, bytes, count, type, ByteOrder.LITTLE_ENDIAN, packed, 0, 4 * count);
    return packed;
  }

  @Test
  void encodesFloatsOfAllMagnitudes() {
    Random random = Seed.random("encode");
    float[] values = new float[100_003];
    for (int i = 0; i < values.length; i++) {
      int bits = random.nextInt();
      // Half of them are subnormal or normal in binary16, or close to its overflow.
      int magnitude = 0x33000000 + random.nextInt(0x48000000 - 0x33000000);
      values[i] = Float.intBitsToFloat(i % 2 == 0 ? bits : (bits & 0x80000000) | magnitude);
    }
    float[] edges = {0, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 65504};
    System.arraycopy(edges, 0, values, 1000, edges.length);
    for (ElementType type : HALVES) {
      for (Overflow overflow : Overflow.values()) {
        byte[] expected = new byte[2 * values.length];
        byte[] found = new byte[2 * values.length];
        int overflowed = encode(plain, values, type, overflow, expected);
        assertThat(encode(numbers, values, type, overflow, found)).isEqualTo(overflowed);
        assertThat(found).as("%s %s seed=%d", type, overflow, Seed.value()).isEqualTo(expected);
      }
    }
  }

  private static int encode(
      ElementConversions numbers, float[] values, ElementType type, Overflow overflow, byte[] out) {
    return numbers.encode(values, 0, 0, 1, values.length, overflow, type, out, 0, 0, 2);
  }

  @Test
  void marksScalesAndPacksOnlyGivenValues() {
    Random random = Seed.random("find");
    for (float nodata : new float[] {-9999, Float.NaN}) {
      for (int count : new int[] {1, 15, 16, 33, 100}) {
        byte[] packed = new byte[4 * (count + 2)];
        for (int i = 0; i < count + 2; i++) {
          ElementAccess.putFloat32(packed, 4 * i, random.nextInt(5) == 0 ? nodata : i);
        }
        boolean[] expected = new boolean[count + 2];
        boolean[] found = new boolean[count + 2];
        plain.mark(packed, 4, count, nodata, expected, 1);
        numbers.mark(packed, 4, count, nodata, found, 1);
        assertThat(found).isEqualTo(expected);
        assertThat(numbers.contains(packed, 4, count, nodata))
            .isEqualTo(plain.contains(packed, 4, count, nodata));
        byte[] scaled = packed.clone();
        numbers.scale(scaled, 4, count, 1.7f, -3);
        plain.scale(packed, 4, count, 1.7f, -3);
        assertThat(scaled).isEqualTo(packed);
        float[] plainPanels = new float[400];
        float[] panels = new float[400];
        int width = 2 * KernelProvider.forThisJvm().microkernel().lanes();
        plain.packPanels(packed, 4, count, plainPanels, 3, width, 3 * width);
        numbers.packPanels(packed, 4, count, panels, 3, width, 3 * width);
        assertThat(bits(panels)).isEqualTo(bits(plainPanels));
      }
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }
}
