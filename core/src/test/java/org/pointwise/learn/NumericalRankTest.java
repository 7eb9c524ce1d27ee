package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/** Tests ranks on moments with errors as large as those of float32 and of float64 sums. */
class NumericalRankTest {
  private final Random random = Seed.random("rank");

  /** Returns moments of pixels that depend on {@code rank} variables, by channels of any scale. */
  private Moments moments(int channels, int pixels, int rank, int constants) {
    Moments all = exact(channels, pixels, rank, constants, 0);
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

  /**
   * Returns the same without errors of sums.
   *
   * @param means the largest mean, in units of the scale
   */
  private Moments exact(int channels, int pixels, int rank, int constants, double means) {
    double[][] mixing = new double[channels][rank];
    double[] scale = new double[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = c < channels - constants ? Math.pow(10, random.nextDouble(-6, 6)) : 0;
      for (int r = 0; r < rank; r++) {
        mixing[c][r] = random.nextGaussian();
      }
    }
    double[] mean = random.doubles(channels, -1, 1).map(part -> part * means).toArray();
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
        x[c] += scale[c] == 0 ? 3 : scale[c] * mean[c];
      }
      all.add(new Moments(channels, 1, x, new double[UpperTriangle.length(channels)]));
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

  /**
   * Float64 products show every direction, even of 10⁻⁸ of the variance, and no others, for means
   * up to 10⁵ times the deviation.
   */
  @Test
  void float64ProductsShowDirectionsThatFloat32DoesNot() {
    for (int trial = 0; trial < 200; trial++) {
      int channels = random.nextInt(2, 24);
      int pixels = random.nextInt(2 * channels, 9 * channels);
      int rank = random.nextInt(1, channels + 1);
      double means = Math.pow(10, random.nextDouble(-1, 5));
      Moments moments = exact(channels, pixels, rank, 0, means);
      String description =
          "seed %d: %d × %d of %d, means %s".formatted(Seed.value(), pixels, channels, rank, means);
      assertThat(NumericalRank.of(moments, true).rank()).as(description).isEqualTo(rank);
    }
    // Two channels whose difference has 10⁻⁸ of their variance.
    Moments close = new Moments(2, 1000, new double[2], new double[] {1000, 1000, 1000 + 1e-5});
    assertThat(NumericalRank.of(close, true).rank()).isEqualTo(2);
    assertThat(NumericalRank.of(close).rank()).isOne();
    // Of such a direction, an output of unit variance would be the rounding errors of float32.
    FeatureMoments pixels = new FeatureMoments(2);
    pixels.groups().put(FeatureMoments.UNLABELLED, close);
    pixels.addInFloat64(close.count());
    Projections projections = new Projections(pixels);
    Projections.Target both = new Projections.Target(2, 1);
    assertThat(projections.pca(both).layer().outChannels()).isEqualTo(2);
    assertThatThrownBy(() -> projections.whiten(both, 0)).hasMessageContaining("have rank 1");
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
