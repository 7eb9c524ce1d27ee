package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
import org.pointwise.testing.Activations;
import org.pointwise.testing.Seed;

/**
 * Compares both kernels with the documented summation order, bit for bit. The build runs this test
 * again with 128-bit vectors and without the vector module.
 */
class KernelContractTest {
  private static final Quantisation FLOAT32 = Quantisation.none(ElementType.FLOAT32);
  private static final int[] IN = {1, 2, 3, 7, 16, 17, 31, 63, 64, 65, 100, 255, 256, 257, 600};
  private static final int[] OUT = {1, 2, 3, 4, 5, 8, 15, 16, 17, 24, 31, 32, 33, 64, 70};
  private static final byte GUARD = 0x5a;

  enum Kernel {
    JVM,
    PLAIN;

    KernelProvider choice() {
      return this == JVM ? KernelProvider.forThisJvm() : KernelProvider.plain();
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void matchesDocumentedSumOrderBitForBit(Kernel kernel) {
    Random random = Seed.random("order");
    for (int in : IN) {
      for (int out : OUT) {
        PointwiseLayer layer = layer(random, in, out, activation(random, out));
        TestTiles.Layout layout =
            TestTiles.Layout.values()[random.nextInt(TestTiles.Layout.values().length)];
        Box box =
            new Box(0, 1 + random.nextInt(2), 0, 1 + random.nextInt(9), 0, 1 + random.nextInt(40));
        float[] x = values(random, (int) box.pixels() * in);
        float[] y = reduce(kernel, List.of(layer), TestTiles.tile(box, x, in, layout)).get(0);
        float[] expected = reference(layer, x);
        assertThat(bits(y))
            .as("%s in=%d out=%d %s %s seed=%d", kernel, in, out, layout, box, Seed.value())
            .isEqualTo(bits(expected));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void multiBlockTilesMatchInEveryInputAndOutputLayout(Kernel kernel) {
    Random random = Seed.random("blocks");
    int in = 96;
    Box box = new Box(0, 1, 0, 40, 0, 33);
    int pixels = (int) box.pixels();
    float[] x = values(random, pixels * in);
    for (int out : new int[] {1, 8, 40}) {
      PointwiseLayer layer = layer(random, in, out, Activation.RELU);
      int[] expected = bits(reference(layer, x));
      int[] planes = new int[expected.length];
      for (int i = 0; i < planes.length; i++) {
        planes[i] = expected[i % pixels * out + i / pixels];
      }
      for (TestTiles.Layout layout : TestTiles.Layout.values()) {
        Tile tile = TestTiles.tile(box, x, in, layout);
        assertThat(bits(reduce(kernel, List.of(layer), tile).get(0)))
            .as("%s out=%d %s seed=%d", kernel, out, layout, Seed.value())
            .isEqualTo(expected);
        byte[] bytes = new byte[4 * planes.length];
        ChannelBlock block =
            new ChannelBlock(
                bytes, 0, ElementType.FLOAT32, ByteOrder.LITTLE_ENDIAN, 0, 33, 1, pixels, 0, out);
        kernel(kernel, List.of(layer), FLOAT32, Overflow.REFUSE).apply(tile, List.of(block));
        for (int i = 0; i < planes.length; i++) {
          assertThat(ElementAccess.intAt(bytes, 4 * i, ByteOrder.LITTLE_ENDIAN))
              .isEqualTo(planes[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void headsTogetherEqualSingleHeads(Kernel kernel) {
    Random random = Seed.random("heads");
    List<PointwiseLayer> heads = new ArrayList<>();
    for (int out : new int[] {64, 2, 96, 16, 4, 32, 1, 7}) { // Inception 3a and some scores
      heads.add(layer(random, 192, out, Activation.RELU));
    }
    Box box = new Box(0, 1, 0, 13, 0, 11);
    Tile tile =
        TestTiles.tile(
            box, values(random, (int) box.pixels() * 192), 192, TestTiles.Layout.CHANNELS_LAST);
    List<float[]> together = reduce(kernel, heads, tile);
    for (int h = 0; h < heads.size(); h++) {
      assertThat(bits(together.get(h)))
          .isEqualTo(bits(reduce(kernel, List.of(heads.get(h)), tile).get(0)));
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void nonFiniteInputAffectsOnlyItsPixelAndIsCounted(Kernel kernel) {
    Random random = Seed.random("nan");
    for (int out : new int[] {2, 20}) {
      PointwiseLayer layer = layer(random, 40, out, Activation.RELU6);
      Box box = new Box(0, 1, 0, 1, 0, 14);
      float[] x = values(random, 14 * 40);
      x[3 * 40 + 5] = Float.NaN;
      x[9 * 40 + 39] = Float.POSITIVE_INFINITY;
      float[] clean = x.clone();
      clean[3 * 40 + 5] = 0;
      clean[9 * 40 + 39] = 0;
      TileKernel tileKernel = kernel(kernel, List.of(layer), FLOAT32, Overflow.REFUSE);
      float[] y =
          apply(
                  tileKernel,
                  TestTiles.tile(box, x, 40, TestTiles.Layout.CHANNELS_LAST),
                  List.of(layer))
              .get(0);
      float[] untouched = reference(layer, clean);
      assertThat(tileKernel.counts().nonFinite()).isEqualTo(2);
      for (int p = 0; p < 14; p++) {
        for (int o = 0; o < out; o++) {
          if (p == 3) {
            assertThat(Float.floatToRawIntBits(y[p * out + o])).isEqualTo(0x7fc00000);
          } else if (p != 9) {
            assertThat(y[p * out + o]).isEqualTo(untouched[p * out + o]);
          }
        }
      }
    }
  }

  /** Overflow in the sum or by the bias counts once per pixel, before the activation. */
  @ParameterizedTest
  @EnumSource(Kernel.class)
  void overflowOfAnyOutputOfAnyHeadIsCounted(Kernel kernel) {
    float[] narrow = {0, 0, 0, 0, 0, 1};
    float[] wide = new float[20 * 2];
    wide[17 * 2] = -3e38f;
    wide[18 * 2] = -3e38f;
    List<PointwiseLayer> heads =
        List.of(
            PointwiseLayer.of(narrow, new float[] {0, 0, 3e38f}, Activation.RELU6),
            PointwiseLayer.of(wide, new float[20], Activation.RELU),
            PointwiseLayer.of(new float[] {0, 1}, new float[1], Activation.leakyRelu(-2.5f)));
    Box box = new Box(0, 1, 0, 1, 0, 130);
    float[] x = new float[130 * 2];
    x[4 * 2] = 2; // 6e38 in two outputs of the second head
    x[99 * 2 + 1] = 3e38f; // only with its bias, in the first head
    x[111 * 2] = 1; // large, but finite
    x[120 * 2] = -0.7f; // 2.1e38 in the second head, which is finite
    x[121 * 2 + 1] = -1.5e38f; // finite before the slope of a third head
    for (TestTiles.Layout layout :
        List.of(TestTiles.Layout.CHANNELS_LAST, TestTiles.Layout.CHANNELS_FIRST)) {
      TileKernel tileKernel = kernel(kernel, heads, FLOAT32, Overflow.REFUSE);
      apply(tileKernel, TestTiles.tile(box, x, 2, layout), heads);
      assertThat(tileKernel.counts().nonFinite()).as("%s", layout).isEqualTo(3);
    }
  }

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

  /** The number of channels may exceed a block, so that a block starts within the scale list. */
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

  /** For every number of outputs, and for lines of pixels and of outputs. */
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

  /** The offset removes the common leading digits, and the scale removes values beyond float32. */
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

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void writesNothingOutsideItsPixels(Kernel kernel) {
    Random random = Seed.random("guard");
    PointwiseLayer layer = layer(random, 9, 7, Activation.NONE);
    Box box = new Box(0, 1, 0, 3, 0, 4);
    Tile tile = TestTiles.tile(box, values(random, 12 * 9), 9, TestTiles.Layout.CHANNELS_LAST);
    int rowStride = 6 * 7; // two pixels more than the tile
    byte[] out = new byte[4 * (5 + 3 * rowStride)];
    Arrays.fill(out, GUARD);
    kernel(kernel, List.of(layer), FLOAT32, Overflow.REFUSE)
        .apply(
            tile,
            List.of(
                new ChannelBlock(
                    out,
                    20,
                    ElementType.FLOAT32,
                    ByteOrder.LITTLE_ENDIAN,
                    0,
                    rowStride,
                    7,
                    1,
                    0,
                    7)));
    float[] expected = reference(layer, TestTiles.floats(tile));
    for (int i = 0; i < out.length / 4; i++) {
      int at = i - 5;
      int inRow = Math.floorMod(at, rowStride);
      int bits = ElementAccess.intAt(out, 4 * i, ByteOrder.LITTLE_ENDIAN);
      if (at < 0 || inRow >= 4 * 7) {
        assertThat(bits).as("guard at float %d", i).isEqualTo(0x5a5a5a5a);
      } else {
        assertThat(bits).isEqualTo(Float.floatToRawIntBits(expected[at / rowStride * 28 + inRow]));
      }
    }
  }

  // The methods below make tiles and compute the reference that the package documentation defines.

  private static float[] reference(PointwiseLayer layer, float[] x) {
    int in = layer.inChannels();
    int out = layer.outChannels();
    float[] y = new float[x.length / in * out];
    for (int p = 0; p < x.length / in; p++) {
      for (int o = 0; o < out; o++) {
        float sum = out <= PackedWeights.NARROW ? dot(layer, x, p, o) : chain(layer, x, p, o);
        float value = sum + layer.bias(o);
        y[p * out + o] = PlainActivations.apply(value, layer.activation().ofChannel(o));
      }
      if (layer.normalisation() == Normalisation.L2) {
        normalise(y, p * out, out);
      }
    }
    return y;
  }

  private static void normalise(float[] y, int first, int out) {
    double[] squares = new double[4];
    for (int o = 0; o < out; o++) {
      squares[o % 4] += Math.pow(y[first + o], 2);
    }
    double length = Math.sqrt(squares[0] + squares[1] + (squares[2] + squares[3]));
    for (int o = 0; o < out && length != 0; o++) {
      y[first + o] = (float) (y[first + o] * (1 / length));
    }
  }

  private static float chain(PointwiseLayer layer, float[] x, int p, int o) {
    float sum = 0;
    for (int first = 0; first < layer.inChannels(); first += 64) {
      float chain = 0;
      for (int k = first; k < Math.min(first + 64, layer.inChannels()); k++) {
        chain = Math.fma(x[p * layer.inChannels() + k], layer.weight(o, k), chain);
      }
      sum += chain;
    }
    return sum;
  }

  private static float dot(PointwiseLayer layer, float[] x, int p, int o) {
    float[] partial = new float[16];
    for (int k = 0; k < layer.inChannels(); k++) {
      partial[k % 16] =
          Math.fma(x[p * layer.inChannels() + k], layer.weight(o, k), partial[k % 16]);
    }
    for (int half = 8; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        partial[i] += partial[i + half];
      }
    }
    return partial[0];
  }

  private static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** Half of the activations are of the kinds that kernels apply together with the bias. */
  private static Activation activation(Random random, int out) {
    List<Activation> all = Activations.all(random, out);
    return all.get(random.nextInt(random.nextBoolean() ? 3 : all.size()));
  }

  private static PointwiseLayer layer(Random random, int in, int out, Activation activation) {
    return PointwiseLayer.of(values(random, in * out), values(random, out), activation)
        .withNormalisation(random.nextInt(4) == 0 ? Normalisation.L2 : Normalisation.NONE);
  }

  private static float[] values(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(5) == 0 ? 0 : (float) random.nextGaussian();
    }
    return values;
  }

  private static TileKernel kernel(
      Kernel kernel, List<PointwiseLayer> heads, Quantisation quantisation, Overflow overflow) {
    List<Quantisation> outputs =
        Collections.nCopies(heads.size(), Quantisation.floating(ElementType.FLOAT32));
    return kernel.choice().kernel(heads, quantisation, outputs, overflow);
  }

  private static List<float[]> reduce(Kernel kernel, List<PointwiseLayer> heads, Tile tile) {
    return apply(kernel(kernel, heads, FLOAT32, Overflow.REFUSE), tile, heads);
  }

  private static List<float[]> apply(TileKernel kernel, Tile tile, List<PointwiseLayer> heads) {
    int pixels = (int) tile.box().pixels();
    List<ChannelBlock> blocks = new ArrayList<>();
    for (PointwiseLayer head : heads) {
      long out = head.outChannels();
      blocks.add(
          new ChannelBlock(
              new byte[(int) (4L * pixels * out)],
              0,
              ElementType.FLOAT32,
              ByteOrder.LITTLE_ENDIAN,
              out * tile.box().y() * tile.box().x(),
              tile.box().x() * out,
              out,
              1,
              0,
              (int) out));
    }
    kernel.apply(tile, blocks);
    List<float[]> results = new ArrayList<>();
    for (ChannelBlock block : blocks) {
      float[] y = new float[block.bytes().length / 4];
      for (int i = 0; i < y.length; i++) {
        y[i] = ElementAccess.floatAt(block.bytes(), 4 * i, block.type(), block.order());
      }
      results.add(y);
    }
    return results;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
