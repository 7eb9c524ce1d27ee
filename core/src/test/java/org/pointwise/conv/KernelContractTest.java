package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Seed;

/**
 * Compares both kernels with the documented summation order, bit for bit. The build runs this test
 * again with 128-bit vectors and without the vector module.
 */
class KernelContractTest extends KernelFixture {
  private static final int[] IN = {1, 2, 3, 7, 16, 17, 31, 63, 64, 65, 100, 255, 256, 257, 600};
  private static final int[] OUT = {1, 2, 3, 4, 5, 8, 15, 16, 17, 24, 31, 32, 33, 64, 70};
  private static final byte GUARD = 0x5a;

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

  /** The number of channels may exceed a block, so that a block starts within the scale list. */
  /** For every number of outputs, and for lines of pixels and of outputs. */
  /** The offset removes the common leading digits, and the scale removes values beyond float32. */
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
}
