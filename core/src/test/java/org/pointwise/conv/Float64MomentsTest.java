package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Moments;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/**
 * Compares moments of types that float32 does not hold with exact sums, and kernels bit for bit.
 */
final class Float64MomentsTest {
  private static final MathContext DIGITS = new MathContext(60);
  private static final int PAIRS = 60;

  /** Not a whole number of blocks and chains. */
  private static final Box BOX = new Box(3, 5, 10, 27, 5, 24);

  /** Returns the moments of big-endian float64, channels last. */
  static MomentsKernel moments(KernelProvider provider, Box box, double[] x, int channels) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * x.length).order(ByteOrder.BIG_ENDIAN);
    bytes.asDoubleBuffer().put(x);
    long row = (long) box.x() * channels;
    ChannelBlock block =
        new ChannelBlock(
            bytes.array(),
            0,
            ElementType.FLOAT64,
            ByteOrder.BIG_ENDIAN,
            row * box.y(),
            row,
            channels,
            1,
            0,
            channels);
    return moments(
        provider,
        Quantisation.none(ElementType.FLOAT64),
        new Tile(box, List.of(block), 0),
        channels);
  }

  private static MomentsKernel moments(
      KernelProvider provider, Quantisation quantisation, Tile tile, int channels) {
    MomentsKernel kernel = new MomentsKernel(provider, channels, quantisation, PixelSample.ALL, 1);
    kernel.add(tile, null);
    return kernel;
  }

  /** Returns dependent channels of any scale, with means up to 10⁴ times the deviation. */
  private static double[] pixels(int pixels, int channels, Random random) {
    double[] scale = random.doubles(channels, -6, 6).map(e -> Math.pow(10, e)).toArray();
    double[] mean = random.doubles(channels, -1e4, 1e4).toArray();
    double[] x = new double[pixels * channels];
    for (int p = 0; p < pixels; p++) {
      double before = 0;
      for (int c = 0; c < channels; c++) {
        before = before / 2 + random.nextGaussian();
        x[p * channels + c] = scale[c] * (mean[c] + before);
      }
    }
    return x;
  }

  private static double[] triangle(MomentsKernel kernel, int channels) {
    double[] triangle = new double[UpperTriangle.length(channels)];
    kernel.coMoments(0, triangle);
    return triangle;
  }

  private static double[] mean(MomentsKernel kernel, int channels) {
    double[] mean = new double[channels];
    kernel.mean(0, mean);
    return mean;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 16, 17, 33, 100, 256})
  void matchesExactSums(int channels) {
    Random random = Seed.random("exact");
    int pixels = (int) BOX.pixels();
    double[] x = pixels(pixels, channels, random);
    for (KernelProvider provider : List.of(KernelProvider.plain(), KernelProvider.forThisJvm())) {
      MomentsKernel kernel = moments(provider, BOX, x, channels);
      assertThat(kernel.count(0)).isEqualTo(pixels);
      requireExact(
          x, channels, mean(kernel, channels), triangle(kernel, channels), random, "kernel");
    }
  }

  /** Compares the mean and some pairs of channels. */
  private static void requireExact(
      double[] x, int channels, double[] mean, double[] triangle, Random random, String what) {
    for (int pair = 0; pair < PAIRS; pair++) {
      int i = random.nextInt(channels);
      int j = random.nextInt(i, channels);
      BigDecimal[] a = centred(x, channels, i, mean[i]);
      BigDecimal[] b = centred(x, channels, j, mean[j]);
      double scale = Math.sqrt(product(a, a) * product(b, b));
      String description = "%s, seed %d, channels %d and %d".formatted(what, Seed.value(), i, j);
      // The error bound of a float64 sum of 646 products is 646 · 2⁻⁵³ of their magnitudes; those
      // of pixels less the shift are larger than those of pixels less the mean.
      assertThat(triangle[UpperTriangle.index(i, j, channels)])
          .as(description)
          .isCloseTo(product(a, b), within(a.length * 0x1p-52 * scale));
    }
  }

  private static BigDecimal[] centred(double[] x, int channels, int channel, double found) {
    int pixels = x.length / channels;
    BigDecimal sum = BigDecimal.ZERO;
    for (int p = 0; p < pixels; p++) {
      sum = sum.add(new BigDecimal(x[p * channels + channel]));
    }
    BigDecimal mean = sum.divide(BigDecimal.valueOf(pixels), DIGITS);
    assertThat(found).isCloseTo(mean.doubleValue(), within(4 * Math.ulp(found)));
    BigDecimal[] centred = new BigDecimal[pixels];
    for (int p = 0; p < pixels; p++) {
      centred[p] = new BigDecimal(x[p * channels + channel]).subtract(mean, DIGITS);
    }
    return centred;
  }

  private static double product(BigDecimal[] a, BigDecimal[] b) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int p = 0; p < a.length; p++) {
      sum = sum.add(a[p].multiply(b[p], DIGITS), DIGITS);
    }
    return sum.doubleValue();
  }

  /** Tiles of one to 300 pixels are merged in two random orders. */
  @Test
  void mergesInAnyOrder() {
    Random random = Seed.random("merge");
    int channels = 19;
    double[] x = pixels(4000, channels, random);
    List<Moments> parts = new ArrayList<>();
    for (int from = 0; from < 4000; ) {
      int pixels = Math.min(4000 - from, 1 + random.nextInt(300));
      double[] part = Arrays.copyOfRange(x, from * channels, (from + pixels) * channels);
      FeatureMoments found = new FeatureMoments(channels);
      found.add(
          moments(KernelProvider.forThisJvm(), new Box(0, 1, 0, 1, 0, pixels), part, channels), 0);
      parts.add(found.overall());
      from += pixels;
    }
    for (int order = 0; order < 2; order++) {
      Collections.shuffle(parts, random);
      Moments sum = new Moments(channels);
      parts.forEach(sum::add);
      assertThat(sum.count()).isEqualTo(4000);
      requireExact(x, channels, sum.mean(), sum.coMoments(), random, "merged");
    }
  }

  @ParameterizedTest
  @EnumSource(TestTiles.Layout.class)
  void isBitIdenticalInEveryLayoutOrderAndKernel(TestTiles.Layout layout) {
    Random random = Seed.random("layouts");
    int channels = 45;
    float[] x = new float[(int) BOX.pixels() * channels];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(9) == 0 ? 0 : (float) random.nextGaussian() + i % channels;
    }
    x[3 * channels + 44] = Float.NaN;
    x[9 * channels] = Float.NEGATIVE_INFINITY;
    double[] wide = new double[x.length];
    Arrays.setAll(wide, i -> x[i]);
    MomentsKernel plain = moments(KernelProvider.plain(), BOX, wide, channels);
    assertThat(plain.nonFinitePixels()).isEqualTo(2);
    assertThat(plain.nonFinite()[0]).isEqualTo(1);
    assertThat(plain.nonFinite()[44]).isEqualTo(1);
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      Tile tile = TestTiles.tile(BOX, x, channels, layout, ElementType.FLOAT64, order);
      MomentsKernel kernel =
          new MomentsKernel(
              KernelProvider.forThisJvm(),
              channels,
              Quantisation.none(ElementType.FLOAT64),
              PixelSample.ALL,
              1);
      for (int again = 0; again < 2; again++) {
        kernel.begin();
        kernel.add(tile, null);
        requireSame(kernel, plain, channels);
      }
    }
  }

  private static void requireSame(MomentsKernel kernel, MomentsKernel expected, int channels) {
    assertThat(kernel.count(0)).isEqualTo(expected.count(0));
    assertThat(mean(kernel, channels)).isEqualTo(mean(expected, channels));
    assertThat(triangle(kernel, channels)).isEqualTo(triangle(expected, channels));
    assertThat(kernel.min()).isEqualTo(expected.min());
    assertThat(kernel.max()).isEqualTo(expected.max());
    assertThat(kernel.zeros()).isEqualTo(expected.zeros());
    assertThat(kernel.nonFinite()).isEqualTo(expected.nonFinite());
  }

  /** Wide integers are dequantised in float64, and nodata is recognised before. */
  @ParameterizedTest
  @EnumSource(TestTiles.Layout.class)
  void dequantisesWideIntegers(TestTiles.Layout layout) {
    Random random = Seed.random("integers");
    int channels = 21;
    float[] x = new float[(int) BOX.pixels() * channels];
    double[] features = new double[x.length];
    double[] scales = random.doubles(channels, 0.1, 3).toArray();
    double[] offsets = random.doubles(channels, -1e6, 1e6).toArray();
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(1 << 24);
      features[i] = x[i] * scales[i % channels] + offsets[i % channels];
    }
    x[channels + 20] = -7;
    features[channels + 20] = Double.NaN;
    Quantisation quantisation =
        new Quantisation(
            ElementType.INT32,
            Scaling.of(scales, offsets),
            Nodata.parse("-7", ElementType.INT32, "a test"));
    MomentsKernel expected = moments(KernelProvider.plain(), BOX, features, channels);
    MomentsKernel kernel =
        moments(
            KernelProvider.forThisJvm(),
            quantisation,
            TestTiles.tile(BOX, x, channels, layout, ElementType.INT32, ByteOrder.BIG_ENDIAN),
            channels);
    assertThat(kernel.masked()).isEqualTo(1);
    assertThat(kernel.count(0)).isEqualTo(BOX.pixels() - 1);
    assertThat(mean(kernel, channels)).isEqualTo(mean(expected, channels));
    assertThat(triangle(kernel, channels)).isEqualTo(triangle(expected, channels));
  }

  /** The largest number that rounds to a finite float32 is used, and the next is not. */
  @Test
  void usesWhatFloat32Holds() {
    double largest = Math.nextDown(0x1.ffffffp127);
    assertThat((float) largest).isEqualTo(Float.MAX_VALUE);
    for (KernelProvider provider : List.of(KernelProvider.plain(), KernelProvider.forThisJvm())) {
      for (int channel = 0; channel < 11; channel++) {
        double[] x = Seed.random("range").doubles(2 * 11).toArray();
        x[channel] = -largest;
        MomentsKernel used = moments(provider, new Box(0, 1, 0, 1, 0, 2), x, 11);
        assertThat(used.count(0)).isEqualTo(2);
        assertThat(used.min()[channel]).isEqualTo(-largest);
        x[channel] = Math.nextUp(largest);
        MomentsKernel left = moments(provider, new Box(0, 1, 0, 1, 0, 2), x, 11);
        assertThat(left.count(0)).isEqualTo(1);
        assertThat(left.nonFinite()[channel]).isEqualTo(1);
      }
    }
  }
}
