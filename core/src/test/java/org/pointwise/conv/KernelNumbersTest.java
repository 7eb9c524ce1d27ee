package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Seed;

/**
 * Tests stored numbers before and after the sums of both kernels: types, scale and offset, nodata,
 * normalisation and overflow. The build runs this test again with 128-bit vectors and without the
 * vector module.
 */
class KernelNumbersTest extends KernelFixture {
  @ParameterizedTest
  @EnumSource(Kernel.class)
  void nodataInAnyChannelMasksThePixel(Kernel kernel) {
    Random random = Seed.random("nodata");
    PointwiseLayer layer = layer(random, 20, 3, Activation.RELU);
    Box box = new Box(0, 1, 0, 2, 0, 8);
    float[] x = values(random, 16 * 20);
    x[5 * 20 + 19] = -9999;
    for (TestTiles.Layout layout :
        List.of(TestTiles.Layout.CHANNELS_LAST, TestTiles.Layout.CHANNELS_FIRST)) {
      TileKernel tileKernel =
          kernel(
              kernel,
              List.of(layer),
              new Quantisation(ElementType.FLOAT32, Scaling.of(2, 1), TestTiles.nodata(-9999f)),
              Overflow.REFUSE);
      float[] y = apply(tileKernel, TestTiles.tile(box, x, 20, layout), List.of(layer)).get(0);
      assertThat(tileKernel.counts().masked()).isEqualTo(1);
      for (int p = 0; p < 16; p++) {
        assertThat(Float.isNaN(y[p * 3])).isEqualTo(p == 5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void readsEveryElementTypeInBothByteOrders(Kernel kernel) {
    Random random = Seed.random("types");
    PointwiseLayer layer = layer(random, 33, 18, Activation.NONE);
    Box box = new Box(0, 1, 0, 3, 0, 5);
    for (ElementType type : ElementType.values()) {
      for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
        float[] x = new float[15 * 33];
        for (int i = 0; i < x.length; i++) {
          int bits = random.nextInt(type.floating() ? 200 : 100);
          x[i] = type.floating() ? bits / 8f : bits;
        }
        byte[] bytes = TestTiles.encode(x, type, order);
        Tile tile =
            new Tile(
                box, List.of(new ChannelBlock(bytes, 0, type, order, 0, 5 * 33, 33, 1, 0, 33)), 0);
        assertThat(bits(reduce(kernel, List.of(layer), tile).get(0)))
            .as("%s %s", type, order)
            .isEqualTo(bits(reference(layer, x)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void appliesScaleAndOffsetPerChannel(Kernel kernel) {
    Random random = Seed.random("scales");
    int channels = 1 + random.nextInt(700);
    PointwiseLayer layer = layer(random, channels, 5, Activation.NONE);
    Box box = new Box(0, 1, 0, 3, 0, 5);
    float[] x = values(random, 15 * channels);
    float[] scales = values(random, channels);
    float[] offsets = values(random, channels);
    float[] scaled = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      scaled[i] = x[i] * scales[i % channels] + offsets[i % channels];
    }
    Quantisation quantisation =
        new Quantisation(ElementType.FLOAT32, Scaling.of(widened(scales), widened(offsets)), null);
    for (TestTiles.Layout layout :
        List.of(TestTiles.Layout.CHANNELS_LAST, TestTiles.Layout.CHANNELS_FIRST)) {
      TileKernel tileKernel = kernel(kernel, List.of(layer), quantisation, Overflow.REFUSE);
      Tile tile = TestTiles.tile(box, x, channels, layout);
      assertThat(bits(apply(tileKernel, tile, List.of(layer)).get(0)))
          .as("%d channels, %s", channels, layout)
          .isEqualTo(bits(reference(layer, scaled)));
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void normalisesEachPixelAndKeepsZerosAndNodata(Kernel kernel) {
    for (int out : new int[] {1, 7, 40}) {
      float[] weights = new float[out];
      Arrays.fill(weights, -2);
      PointwiseLayer layer =
          PointwiseLayer.of(weights, new float[out], Activation.RELU)
              .withNormalisation(Normalisation.L2);
      float[] x = {-3, 5, -9999, -1e-30f, -1e38f, Float.NEGATIVE_INFINITY, Float.NaN};
      float length = (float) (1 / Math.sqrt(out));
      float[] expected = {length, 0, Float.NaN, length, length, Float.NaN, Float.NaN};
      Box box = new Box(0, 1, 0, 1, 0, x.length);
      for (TestTiles.Layout layout :
          List.of(TestTiles.Layout.CHANNELS_LAST, TestTiles.Layout.CHANNELS_FIRST)) {
        Quantisation numbers =
            new Quantisation(ElementType.FLOAT32, Scaling.NONE, TestTiles.nodata(-9999f));
        TileKernel normalising = kernel(kernel, List.of(layer), numbers, Overflow.REFUSE);
        float[] y = apply(normalising, TestTiles.tile(box, x, 1, layout), List.of(layer)).get(0);
        for (int i = 0; i < y.length; i++) {
          assertThat(y[i])
              .as("%d outputs, %s, %s", out, layout, x[i / out])
              .isEqualTo(Float.valueOf(expected[i / out]));
        }
        assertThat(normalising.counts().nonFinite()).isEqualTo(2);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void typesInexactInFloat32AreDequantisedInFloat64(Kernel kernel) {
    Random random = Seed.random("wide");
    for (ElementType type : ElementType.values()) {
      if (type.exactAsFloat32()) {
        continue;
      }
      double scale = type == ElementType.FLOAT64 ? 1e-38 : 0.1;
      double common = type == ElementType.FLOAT64 ? 1e45 : 2e9;
      int channels = 1 + random.nextInt(40);
      int out = 1 + random.nextInt(20);
      byte[] stored = new byte[15 * channels * type.bytes()];
      float[] x = new float[15 * channels];
      for (int i = 0; i < x.length; i++) {
        double value = Math.rint(common * (1 + 1e-9 * random.nextInt(50)));
        ByteBuffer to = ByteBuffer.wrap(stored, i * type.bytes(), type.bytes());
        switch (type) {
          case FLOAT64 -> to.putDouble(value);
          case INT32, UINT32 -> to.putInt((int) value);
          default -> to.putLong((long) value);
        }
        x[i] = (float) (value * scale - common * scale);
      }
      PointwiseLayer layer = layer(random, channels, out, Activation.NONE);
      Box box = new Box(0, 1, 0, 3, 0, 5);
      Quantisation numbers = new Quantisation(type, Scaling.of(scale, -common * scale), null);
      for (long[] strides : new long[][] {{5L * channels, channels, 1}, {5, 1, 15}}) {
        byte[] bytes = stored;
        if (strides[2] == 15) { // one plane per channel
          bytes = new byte[stored.length];
          for (int i = 0; i < x.length; i++) {
            int to = (i % channels * 15 + i / channels) * type.bytes();
            System.arraycopy(stored, i * type.bytes(), bytes, to, type.bytes());
          }
        }
        ChannelBlock block =
            new ChannelBlock(
                bytes,
                0,
                type,
                ByteOrder.BIG_ENDIAN,
                0,
                strides[0],
                strides[1],
                strides[2],
                0,
                channels);
        TileKernel tileKernel = kernel(kernel, List.of(layer), numbers, Overflow.REFUSE);
        float[] y = apply(tileKernel, new Tile(box, List.of(block), 0), List.of(layer)).get(0);
        assertThat(bits(y))
            .as("%s %d → %d", type, channels, out)
            .isEqualTo(bits(reference(layer, x)));
        assertThat(tileKernel.counts().beyondFloat32()).isZero();
      }
    }
  }

  @Test
  void float16OverflowIsCountedAndRefusedOrSaturated() {
    PointwiseLayer layer = PointwiseLayer.of(new float[] {1, -1}, new float[2], Activation.NONE);
    float[] x = {1, 65519, 65520, 1e30f, Float.POSITIVE_INFINITY};
    Box box = new Box(0, 1, 0, 1, 0, 5);
    for (Overflow overflow : Overflow.values()) {
      TileKernel kernel =
          Kernel.JVM
              .choice()
              .kernel(
                  List.of(layer),
                  FLOAT32,
                  List.of(Quantisation.floating(ElementType.FLOAT16)),
                  overflow);
      byte[] out = new byte[5 * 2 * 2];
      kernel.apply(
          TestTiles.tile(box, x, 1, TestTiles.Layout.CHANNELS_LAST),
          List.of(
              new ChannelBlock(
                  out, 0, ElementType.FLOAT16, ByteOrder.LITTLE_ENDIAN, 0, 0, 2, 1, 0, 2)));
      assertThat(kernel.counts().overflowed()).isEqualTo(4);
      float saturated = overflow == Overflow.SATURATE ? 65504 : Float.POSITIVE_INFINITY;
      float[] expected = {1, -1, 65504, -65504, saturated, -saturated, saturated, -saturated};
      for (int i = 0; i < expected.length; i++) {
        assertThat(ElementAccess.floatAt(out, 2 * i, ElementType.FLOAT16, ByteOrder.LITTLE_ENDIAN))
            .isEqualTo(expected[i]);
      }
      assertThat(ElementAccess.floatAt(out, 16, ElementType.FLOAT16, ByteOrder.LITTLE_ENDIAN))
          .isEqualTo(Float.POSITIVE_INFINITY);
    }
  }

  @Test
  void refusesUnsupportedOutputs() {
    PointwiseLayer layer = PointwiseLayer.of(new float[1], new float[1], Activation.NONE);
    List<PointwiseLayer> heads = List.of(layer);
    for (Quantisation output :
        List.of(
            Quantisation.none(ElementType.INT8),
            FLOAT32, // no nodata value
            new Quantisation(ElementType.FLOAT32, Scaling.of(2, 0), TestTiles.nodata(Float.NaN)))) {
      assertThatThrownBy(
              () -> Kernel.JVM.choice().kernel(heads, FLOAT32, List.of(output), Overflow.REFUSE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("type=" + output.type());
    }
    Box box = new Box(0, 1, 0, 1, 0, 1);
    Tile tile = TestTiles.tile(box, new float[1], 1, TestTiles.Layout.CHANNELS_LAST);
    TileKernel kernel = kernel(Kernel.JVM, heads, FLOAT32, Overflow.REFUSE);
    ChannelBlock half =
        new ChannelBlock(
            new byte[8], 0, ElementType.FLOAT16, ByteOrder.LITTLE_ENDIAN, 0, 1, 1, 1, 0, 1);
    assertThatThrownBy(() -> kernel.apply(tile, List.of(half)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Quantisation(ElementType.INT16, Scaling.NONE, TestTiles.nodata(1f)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
