package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/** Compares every kernel with two passes in float64, and with the plain kernel bit for bit. */
final class MomentsKernelTest {
  private static final Box BOX = new Box(3, 5, 10, 27, 5, 24);

  private static MomentsKernel kernel(
      KernelProvider choice, int channels, Float nodata, int groups) {
    Quantisation quantisation =
        new Quantisation(
            ElementType.FLOAT32, Scaling.NONE, nodata == null ? null : TestTiles.nodata(nodata));
    return new MomentsKernel(choice, channels, quantisation, PixelSample.ALL, groups);
  }

  private static float[] pixels(int channels, Random random) {
    float[] x = new float[(int) BOX.pixels() * channels];
    for (int i = 0; i < x.length; i++) {
      float noise = (float) random.nextGaussian();
      x[i] = random.nextInt(5) == 0 ? 0 : noise + (i % channels) % 7 + (i > 0 ? x[i - 1] / 2 : 0);
    }
    return x;
  }

  private static double[] triangle(MomentsKernel kernel, int group, int channels) {
    double[] triangle = new double[UpperTriangle.length(channels)];
    kernel.coMoments(group, triangle);
    return triangle;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16, 33, 100, 256})
  void matchesTwoPassesInFloat64(int channels) {
    Random random = Seed.random("agreesWithTwoPassesInFloat64");
    float[] x = pixels(channels, random);
    Tile tile = TestTiles.tile(BOX, x, channels, TestTiles.Layout.CHANNELS_LAST);
    MomentsKernel kernel = kernel(KernelProvider.forThisJvm(), channels, null, 1);
    kernel.add(tile, null);
    assertThat(kernel.count(0)).isEqualTo(BOX.pixels());
    double[] mean = new double[channels];
    double[] exact = exact(x, channels, mean);
    double[] found = new double[channels];
    kernel.mean(0, found);
    assertThat(found).containsExactly(mean, within(1e-5));
    double[] triangle = triangle(kernel, 0, channels);
    for (int i = 0; i < channels; i++) {
      for (int j = i; j < channels; j++) {
        int at = UpperTriangle.index(j, i, channels);
        double scale =
            Math.sqrt(
                exact[UpperTriangle.index(i, i, channels)]
                    * exact[UpperTriangle.index(j, j, channels)]);
        // The error bound of a float32 sum of 646 products is 646 · 2⁻²⁴ of their magnitudes.
        assertThat(triangle[at]).isCloseTo(exact[at], within(4e-5 * scale));
      }
    }
  }

  private static double[] exact(float[] x, int channels, double[] mean) {
    int count = x.length / channels;
    for (int i = 0; i < x.length; i++) {
      mean[i % channels] += x[i];
    }
    for (int c = 0; c < channels; c++) {
      mean[c] /= count;
    }
    double[] triangle = new double[UpperTriangle.length(channels)];
    for (int p = 0; p < count; p++) {
      for (int i = 0; i < channels; i++) {
        for (int j = i; j < channels; j++) {
          triangle[UpperTriangle.index(i, j, channels)] +=
              (x[p * channels + i] - mean[i]) * (x[p * channels + j] - mean[j]);
        }
      }
    }
    return triangle;
  }

  @ParameterizedTest
  @EnumSource(TestTiles.Layout.class)
  void isBitIdenticalInEveryLayoutAndKernel(TestTiles.Layout layout) {
    int channels = 45;
    float[] x = pixels(channels, Seed.random("isTheSameToTheBitInEveryLayoutAndKernel"));
    MomentsKernel plain = kernel(KernelProvider.plain(), channels, null, 1);
    plain.add(TestTiles.tile(BOX, x, channels, TestTiles.Layout.CHANNELS_LAST), null);
    MomentsKernel here = kernel(KernelProvider.forThisJvm(), channels, null, 1);
    for (int again = 0; again < 2; again++) {
      here.begin();
      here.add(TestTiles.tile(BOX, x, channels, layout), null);
      assertThat(triangle(here, 0, channels)).isEqualTo(triangle(plain, 0, channels));
      assertThat(here.min()).isEqualTo(plain.min());
      assertThat(here.max()).isEqualTo(plain.max());
      assertThat(here.zeros()).isEqualTo(plain.zeros());
    }
  }

  /** Moments files of the same float32 pixels have the same bytes in all versions. */
  @Test
  void bytesOfFloat32AreFixed() {
    int channels = 37;
    Tile tile =
        TestTiles.tile(
            BOX, pixels(channels, new Random(5)), channels, TestTiles.Layout.CHANNELS_FIRST);
    int[] labels = new Random(6).ints(BOX.pixels(), 0, 2).toArray();
    MomentsKernel kernel = kernel(KernelProvider.forThisJvm(), channels, null, 2);
    kernel.add(tile, labels);
    CRC32 crc = new CRC32();
    for (int group = 0; group < 2; group++) {
      double[] mean = new double[channels];
      kernel.mean(group, mean);
      add(crc, mean);
      add(crc, triangle(kernel, group, channels));
    }
    add(crc, kernel.min());
    add(crc, kernel.max());
    assertThat(crc.getValue()).isEqualTo(2784043569L);
  }

  private static void add(CRC32 crc, double[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Double.BYTES);
    bytes.asDoubleBuffer().put(numbers);
    crc.update(bytes.array());
  }

  @Test
  void keepsPrecisionWithLargeMean() {
    int channels = 12;
    Random random = Seed.random("keepsDigitsWhereTheMeanIsLarge");
    float[] x = new float[(int) BOX.pixels() * channels];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (1e6 + random.nextGaussian());
    }
    MomentsKernel kernel = kernel(KernelProvider.forThisJvm(), channels, null, 1);
    kernel.add(TestTiles.tile(BOX, x, channels, TestTiles.Layout.CHANNELS_LAST), null);
    double[] exact = exact(x, channels, new double[channels]);
    double[] found = triangle(kernel, 0, channels);
    for (int i = 0; i < exact.length; i++) {
      assertThat(found[i] / BOX.pixels()).isCloseTo(exact[i] / BOX.pixels(), within(5e-6));
    }
  }

  @Test
  void keepsFloat64PrecisionOfInput() {
    Random random = Seed.random("keepsDigitsOfFloat64ThatFloat32HasNot");
    int pixels = (int) BOX.pixels();
    double[] x = random.doubles(2L * pixels).map(v -> 1e9 + v).toArray();
    MomentsKernel kernel = wide(x);
    double mean = 0;
    for (int p = 0; p < pixels; p++) {
      mean += (x[2 * p] - 1e9) / pixels;
    }
    double variance = 0;
    for (int p = 0; p < pixels; p++) {
      variance += (x[2 * p] - 1e9 - mean) * (x[2 * p] - 1e9 - mean);
    }
    assertThat(triangle(kernel, 0, 2)[0]).isCloseTo(variance, within(1e-12 * variance));
  }

  /** A float64 beyond float32 excludes its pixel alone, wherever it is, and not the others. */
  @Test
  void excludesNumbersBeyondFloat32() {
    int pixels = (int) BOX.pixels();
    double[] x = Seed.random("beyond").doubles(2L * pixels).toArray();
    x[1] = Double.MAX_VALUE;
    x[2 * 7] = -1e39;
    x[2 * 9] = 0;
    x[2 * 400] = 4e38;
    x[2 * 400 + 1] = 0;
    MomentsKernel kernel = wide(x);
    assertThat(kernel.count(0)).isEqualTo(pixels - 3);
    assertThat(kernel.nonFinitePixels()).isEqualTo(3);
    assertThat(kernel.nonFinite()).containsExactly(2, 1);
    assertThat(kernel.zeros()).containsExactly(1, 0);
    assertThat(kernel.max()[0]).isBetween(0.5, 1.0);
    for (int p : new int[] {0, 7, 400}) {
      x[2 * p] = Double.NaN;
    }
    assertThat(triangle(kernel, 0, 2)).isEqualTo(triangle(wide(x), 0, 2));
    x[0] = 3e38;
    x[1] = 0;
    x[2 * 2] = 3.5e38; // its distance to the first is within float32
    MomentsKernel near = wide(x);
    assertThat(near.nonFinite()[0]).isEqualTo(3);
  }

  /** Returns the moments of pixels with two channels. */
  private static MomentsKernel wide(double[] x) {
    return Float64MomentsTest.moments(KernelProvider.forThisJvm(), BOX, x, 2);
  }

  @Test
  void excludesNodataAndNonFinitePixels() {
    int channels = 20;
    float[] x = pixels(channels, Seed.random("leavesOutNodataAndWhatIsNotFinite"));
    x[3 * channels + 5] = Float.NaN;
    x[9 * channels + 19] = Float.NEGATIVE_INFINITY;
    x[9 * channels + 2] = Float.NaN;
    x[11 * channels] = -99;
    MomentsKernel kernel = kernel(KernelProvider.forThisJvm(), channels, -99f, 1);
    kernel.add(TestTiles.tile(BOX, x, channels, TestTiles.Layout.CHANNELS_FIRST), null);
    assertThat(kernel.count(0)).isEqualTo(BOX.pixels() - 3);
    assertThat(kernel.masked()).isEqualTo(1);
    assertThat(kernel.nonFinitePixels()).isEqualTo(2);
    assertThat(kernel.nonFinite()[5]).isEqualTo(1);
    assertThat(kernel.nonFinite()[2]).isEqualTo(1);
    assertThat(kernel.nonFinite()[19]).isEqualTo(1);
  }

  @Test
  void groupsPixelsByLabel() {
    int channels = 10;
    float[] x = pixels(channels, Seed.random("groupsPixelsByLabel"));
    int pixels = (int) BOX.pixels();
    int[] labels = Seed.random("groupsPixelsByLabel").ints(pixels, 0, 3).toArray();
    MomentsKernel all = kernel(KernelProvider.forThisJvm(), channels, null, 3);
    all.add(TestTiles.tile(BOX, x, channels, TestTiles.Layout.CHANNELS_LAST), labels);
    for (int label = 0; label < 3; label++) {
      float[] only = x.clone();
      for (int p = 0; p < pixels; p++) {
        if (labels[p] != label) {
          only[p * channels] = Float.NaN;
        }
      }
      MomentsKernel one = kernel(KernelProvider.forThisJvm(), channels, null, 1);
      one.add(TestTiles.tile(BOX, only, channels, TestTiles.Layout.CHANNELS_LAST), null);
      assertThat(all.count(label)).isEqualTo(one.count(0));
      assertThat(triangle(all, label, channels))
          .containsExactly(triangle(one, 0, channels), within(1e-2));
    }
  }

  @Test
  void sampleDependsOnlyOnCoordinates() {
    int channels = 4;
    float[] x = pixels(channels, Seed.random("samplesByCoordinatesAlone"));
    PixelSample sample = new PixelSample(0.3, 7);
    MomentsKernel sampled =
        new MomentsKernel(
            KernelProvider.forThisJvm(),
            channels,
            Quantisation.none(ElementType.FLOAT32),
            sample,
            1);
    sampled.add(TestTiles.tile(BOX, x, channels, TestTiles.Layout.CHANNELS_LAST), null);
    float[] rest = x.clone();
    int p = 0;
    for (long n = BOX.n0(); n < BOX.n1(); n++) {
      for (long y = BOX.y0(); y < BOX.y1(); y++) {
        for (long column = BOX.x0(); column < BOX.x1(); column++, p++) {
          if (!sample.contains(n, y, column)) {
            rest[p * channels] = Float.NaN;
          }
        }
      }
    }
    MomentsKernel kept = kernel(KernelProvider.forThisJvm(), channels, null, 1);
    kept.add(TestTiles.tile(BOX, rest, channels, TestTiles.Layout.CHANNELS_LAST), null);
    assertThat(sampled.count(0)).isEqualTo(kept.count(0)).isBetween(120L, 270L);
    assertThat(triangle(sampled, 0, channels)).isEqualTo(triangle(kept, 0, channels));
  }
}
