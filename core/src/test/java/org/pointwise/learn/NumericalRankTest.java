package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/** Tests ranks on moments with errors as large as those of float32 sums. */
class NumericalRankTest {
  private final Random random = Seed.random("rank");

  /** Returns moments of pixels that depend on {@code rank} variables, by channels of any scale. */
  private Moments moments(int channels, int pixels, int rank, int constants) {
    double[][] mixing = new double[channels][rank];
    double[] scale = new double[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = c < channels - constants ? Math.pow(10, random.nextDouble(-6, 6)) : 0;
      for (int r = 0; r < rank; r++) {
        mixing[c][r] = random.nextGaussian();
      }
    }
    Moments all = new Moments(channels);
    for (int p = 0; p < pixels; p++) {
      double[] x = new double[channels];
      for (int r = 0; r < rank; r++) {
        double variable = random.nextGaussian();
        for (int c = 0; c < channels; c++) {
          x[c] += scale[c] * mixing[c][r] * variable;
        }
      }
      for (int c = 0; c < channels; c++) {
        x[c] += scale[c] == 0 ? 3 : 0;
      }
      all.add(new Moments(channels, 1, x, new double[UpperTriangle.length(channels)]));
    }
    double[] errors = all.coMoments();
    double error = 0x1p-24 * Math.sqrt(Math.min(pixels, 1024)) / 2;
    for (int i = 0; i < channels; i++) {
      for (int j = i; j < channels; j++) {
        double size = Math.sqrt(all.covariance(i, i) * all.covariance(j, j)) * pixels;
        errors[UpperTriangle.index(i, j, channels)] += size * error * random.nextGaussian();
      }
    }
    return all;
  }

  @Test
  void rankIsThatOfPixelsAndVaryingChannelsAtAnyScale() {
    for (int trial = 0; trial < 200; trial++) {
      int channels = random.nextInt(2, 24);
      int constants = random.nextInt(channels - 1);
      int pixels = random.nextInt(2, 3 * channels);
      int rank = random.nextInt(1, channels - constants + 1);
      Moments moments = moments(channels, pixels, rank, constants);
      NumericalRank found = NumericalRank.of(moments);
      String description = "seed %d: %d × %d of %d".formatted(Seed.value(), pixels, channels, rank);
      int exact = Math.min(rank, pixels - 1);
      // A random mixture may come near to a dependent one.
      assertThat(found.rank()).as(description).isLessThanOrEqualTo(exact);
      assertThat(exact - found.rank()).as(description).isLessThanOrEqualTo(exact > 1 ? 1 : 0);
      for (int i = 0; i < channels; i++) {
        for (int j = i; j < channels; j++) {
          double size = Math.sqrt(moments.covariance(i, i) * moments.covariance(j, j));
          assertThat(found.moments().covariance(i, j))
              .as(description)
              .isCloseTo(moments.covariance(i, j), within(2e-4 * size));
        }
      }
    }
  }

  @Test
  void onePixelAndConstantPixelsHaveRankZero() {
    assertThat(NumericalRank.of(moments(5, 1, 3, 0)).rank()).isZero();
    Moments same = new Moments(2, 9, new double[] {3, 4}, new double[3]);
    assertThat(NumericalRank.of(same).rank()).isZero();
    // The variance is within what rounding of the mean causes, as in scikit-learn's StandardScaler.
    Moments constant = new Moments(2, 100, new double[] {3e6, 1}, new double[] {1e-15, 0, 4});
    assertThat(NumericalRank.of(constant).rank()).isOne();
    assertThat(NumericalRank.of(constant).deviations()).containsExactly(0, 0.2);
  }
}
