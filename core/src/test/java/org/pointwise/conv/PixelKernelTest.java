package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Box;
import org.pointwise.testing.Seed;

/**
 * Compares kernels of single pixels with the documented summation order and with the kernels of
 * tiles, bit for bit.
 */
class PixelKernelTest extends KernelFixture {
  private static final int LAYERS = 150;
  private static final float[] RARE = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -1e30f
  };

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void matchesDocumentedSumOrderAndTiles(Kernel kernel) {
    Random random = Seed.random("pixels");
    for (int i = 0; i < LAYERS; i++) {
      int in = 1 + random.nextInt(random.nextBoolean() ? 80 : 700);
      int out = 1 + random.nextInt(random.nextBoolean() ? 20 : 200);
      PointwiseLayer layer = layer(random, in, out, activation(random, out));
      int pixels = 1 + random.nextInt(4);
      float[] x = values(random, pixels * in);
      boolean finite = random.nextInt(3) > 0;
      for (int j = 0; j < x.length && !finite; j++) {
        x[j] = random.nextInt(2 * in) == 0 ? RARE[random.nextInt(RARE.length)] : x[j];
      }
      String description = "%s %d → %d %s seed=%d".formatted(kernel, in, out, layer, Seed.value());
      PixelKernel one = kernel.choice().pixelKernel(layer);
      float[] y = apply(one, x, in, out);
      if (finite) {
        assertThat(bits(y)).as(description).isEqualTo(bits(reference(layer, x)));
      }
      TileKernel tiles = kernel(kernel, List.of(layer), FLOAT32, Overflow.REFUSE);
      Box box = new Box(0, 1, 0, 1, 0, pixels);
      float[] expected =
          apply(tiles, TestTiles.tile(box, x, in, TestTiles.Layout.CHANNELS_LAST), List.of(layer))
              .get(0);
      assertThat(bits(y)).as(description).isEqualTo(bits(expected));
      assertThat(one.nonFinite()).as(description).isEqualTo(tiles.counts().nonFinite());
    }
  }

  private static float[] apply(PixelKernel kernel, float[] x, int in, int out) {
    float[] y = new float[x.length / in * out];
    float[] outputs = new float[out];
    for (int p = 0; p < x.length / in; p++) {
      for (int c = 0; c < in; c++) {
        kernel.set(c, x[p * in + c]);
      }
      kernel.apply(outputs);
      System.arraycopy(outputs, 0, y, p * out, out);
    }
    return y;
  }
}
