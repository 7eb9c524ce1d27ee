package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/** Tests the properties of each method's layer, on moments of synthetic pixels. */
class ProjectionsTest {
  private static final int CHANNELS = 12;

  /** Correlated pixels with a mean far from zero, by class. */
  private static FeatureMoments pixels(String seed, int count, int classes) {
    Random random = Seed.random(seed);
    double[][] mix = new double[CHANNELS][CHANNELS];
    double[][] means = new double[classes][CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
      for (int j = 0; j < CHANNELS; j++) {
        mix[i][j] = random.nextGaussian() * Math.pow(0.7, j);
      }
      for (double[] mean : means) {
        mean[i] = 5 + random.nextGaussian();
      }
    }
    FeatureMoments found = new FeatureMoments(CHANNELS);
    for (int p = 0; p < count; p++) {
      int label = random.nextInt(classes);
      double[] x = means[label].clone();
      for (int j = 0; j < CHANNELS; j++) {
        double noise = random.nextGaussian();
        for (int i = 0; i < CHANNELS; i++) {
          x[i] += mix[i][j] * noise;
        }
      }
      for (int i = 0; i < CHANNELS; i++) {
        x[i] += 0.05 * random.nextGaussian(); // so that every direction has scatter
      }
      Moments one = new Moments(CHANNELS, 1, x, new double[UpperTriangle.length(CHANNELS)]);
      int group = classes == 1 ? FeatureMoments.UNLABELLED : label;
      found.groups().computeIfAbsent(group, any -> new Moments(CHANNELS)).add(one);
    }
    return found;
  }

  private static Projections.Target channels(int count) {
    return new Projections.Target(count, 1);
  }

  /** Returns the covariance of a layer's outputs. */
  private static double[][] covariance(PointwiseLayer layer, Moments moments) {
    double[][] w = LinearDecoder.weights(layer);
    double[][] c = LinearAlgebra.rows(moments.covarianceMatrix(), CHANNELS);
    return LinearAlgebra.multiply(LinearAlgebra.multiply(w, c), LinearAlgebra.transpose(w));
  }

  private static double[] outputOfMean(PointwiseLayer layer, Moments moments) {
    double[] y = LinearAlgebra.multiply(LinearDecoder.weights(layer), moments.mean());
    for (int o = 0; o < y.length; o++) {
      y[o] += layer.bias(o);
    }
    return y;
  }

  @Test
  void pcaMakesUncorrelatedChannelsInDescendingOrder() {
    FeatureMoments found = pixels("pca", 500, 1);
    LearnedLayer learned = new Projections(found).pca(channels(5));
    double[][] covariance = covariance(learned.layer(), found.overall());
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(covariance[i][j]).isCloseTo(0, within(1e-5 * covariance[0][0]));
      }
      assertThat(i == 0 || covariance[i][i] <= covariance[i - 1][i - 1]).isTrue();
    }
    assertThat(outputOfMean(learned.layer(), found.overall()))
        .containsExactly(new double[5], within(1e-5));
    double[][] w = LinearDecoder.weights(learned.layer());
    double[][] unit = LinearAlgebra.multiply(w, LinearAlgebra.transpose(w));
    for (int i = 0; i < 5; i++) {
      assertThat(unit[i][i]).isCloseTo(1, within(1e-6));
      double largest = 0;
      for (double value : w[i]) {
        largest = Math.abs(value) > Math.abs(largest) ? value : largest;
      }
      assertThat(largest).isPositive();
    }
  }

  @Test
  void pcaKeepsRequestedVarianceAndBeatsBaselines() {
    FeatureMoments found = pixels("kept", 500, 1);
    Projections projections = new Projections(found);
    double pca = explained(projections.pca(channels(3)), found);
    assertThat(pca).isGreaterThan(explained(projections.select(3), found));
    assertThat(pca).isGreaterThan(explained(projections.random(3, 1), found));
    LearnedLayer whole = projections.pca(channels(CHANNELS));
    assertThat(explained(whole, found)).isCloseTo(1, within(1e-6));
    LearnedLayer max = projections.pca(new Projections.Target(null, 0.9));
    assertThat(explained(max, found)).isBetween(0.9, 1.0);
    LearnedLayer fewer = projections.pca(channels(max.layer().outChannels() - 1));
    assertThat(explained(fewer, found)).isLessThan(0.9);
  }

  private static double explained(LearnedLayer learned, FeatureMoments found) {
    double reported = Double.parseDouble(learned.metadata().get("explainedVariance"));
    double measured = LinearDecoder.explained(learned.layer(), learned.decoder(), found.overall());
    assertThat(reported).isCloseTo(measured, within(1e-8));
    return reported;
  }

  @Test
  void leastSquaresDecoderIsNeverWorse() {
    FeatureMoments found = pixels("decoder", 500, 1);
    for (int k = 1; k < CHANNELS; k++) {
      LearnedLayer random = new Projections(found).random(k, k);
      PointwiseLayer best = LinearDecoder.leastSquares(random.layer(), found.overall());
      assertThat(LinearDecoder.squaredError(random.layer(), best, found.overall()))
          .isLessThanOrEqualTo(
              LinearDecoder.squaredError(random.layer(), random.decoder(), found.overall()) + 1e-6);
    }
  }

  private static PointwiseLayer gaussian(Random random) {
    float[] weights = new float[4];
    for (int w = 0; w < weights.length; w++) {
      weights[w] = (float) random.nextGaussian();
    }
    return PointwiseLayer.of(weights, new float[2], Activation.NONE);
  }

  /** Only one channel varies, so that all outputs are proportional and each is redundant. */
  @Test
  void collinearOutputsLoseNothingToRounding() {
    Random random = Seed.random("collinear");
    for (int i = 0; i < 100; i++) {
      double variance = random.nextDouble(1, 1e6);
      double mean = Math.sqrt(variance) * random.nextGaussian();
      Moments moments =
          new Moments(2, 100, new double[] {mean, -3}, new double[] {100 * variance, 0, 0});
      PointwiseLayer layer = gaussian(random);
      PointwiseLayer decoder = LinearDecoder.leastSquares(layer, moments);
      double gain = 0;
      for (int o = 0; o < 2; o++) {
        gain += (double) decoder.weight(0, o) * layer.weight(o, 0);
      }
      double terms =
          Math.abs(decoder.weight(0, 0) * layer.weight(0, 0))
              + Math.abs(decoder.weight(0, 1) * layer.weight(1, 0));
      assertThat(gain).isCloseTo(1, within(1e-9 + 0x1p-24 * terms));
    }
  }

  /** Eigenvectors of a constantly zero channel contain rounding errors in other channels. */
  @Test
  void decodersDoNotAmplifyRoundingOfDeadChannels() {
    Random random = Seed.random("dead channels");
    Moments alive = pixels("alive", 500, 1).overall();
    for (int trial = 0; trial < 100; trial++) {
      FeatureMoments found = new FeatureMoments(CHANNELS);
      Moments dead = without(random.nextInt(CHANNELS), without(random.nextInt(CHANNELS), alive));
      found.groups().put(FeatureMoments.UNLABELLED, dead);
      LearnedLayer learned = new Projections(found).leading(CHANNELS);
      for (float weight : learned.decoder().weights()) {
        assertThat(Math.abs(weight)).as("seed %d", Seed.value()).isLessThan(1.01f);
      }
      // Pixels with nonzero values in the dead channels lose only those values.
      double lost = alive.totalVariance() - dead.totalVariance();
      for (int c = 0; c < CHANNELS; c++) {
        lost += dead.covariance(c, c) == 0 ? alive.mean()[c] * alive.mean()[c] : 0;
      }
      assertThat(LinearDecoder.squaredError(learned.layer(), learned.decoder(), alive))
          .as("seed %d", Seed.value())
          .isCloseTo(lost, within(1e-2 * lost));
    }
  }

  /** Returns the moments of the pixels with one channel set to 0. */
  private static Moments without(int channel, Moments moments) {
    double[] mean = moments.mean().clone();
    double[] coMoments = moments.coMoments().clone();
    mean[channel] = 0;
    for (int c = 0; c < CHANNELS; c++) {
      coMoments[UpperTriangle.index(Math.min(c, channel), Math.max(c, channel), CHANNELS)] = 0;
    }
    return new Moments(CHANNELS, moments.count(), mean, coMoments);
  }

  @Test
  void whiteningMakesUnitVariance() {
    FeatureMoments found = pixels("white", 500, 1);
    LearnedLayer learned = new Projections(found).whiten(channels(6), 0);
    double[][] covariance = covariance(learned.layer(), found.overall());
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        assertThat(covariance[i][j]).isCloseTo(i == j ? 1 : 0, within(1e-4));
      }
    }
  }

  @Test
  void ldaOfTwoClassesIsFishersDirection() {
    FeatureMoments found = pixels("lda", 3000, 2);
    LearnedLayer learned = new Projections(found).lda(null);
    assertThat(learned.layer().outChannels()).isEqualTo(1);
    // This direction maximises the distance of means relative to the scatter within: d·S_w⁻¹·d.
    double[] difference = new double[CHANNELS];
    double[][] scatterWithin = new double[CHANNELS][CHANNELS];
    for (int label = 0; label < 2; label++) {
      Moments group = found.groups().get(label);
      for (int i = 0; i < CHANNELS; i++) {
        difference[i] += (label == 0 ? -1 : 1) * group.mean()[i];
        for (int j = 0; j < CHANNELS; j++) {
          scatterWithin[i][j] += group.covariance(i, j) * group.count();
        }
      }
    }
    double max =
        LinearAlgebra.dot(
            difference,
            LinearAlgebra.multiply(LinearAlgebra.pseudoInverse(scatterWithin), difference));
    double[] w = LinearDecoder.weights(learned.layer())[0];
    double parted = LinearAlgebra.dot(w, difference);
    double scatter = LinearAlgebra.dot(w, LinearAlgebra.multiply(scatterWithin, w));
    assertThat(parted * parted / scatter / max).isCloseTo(1, within(1e-3));
  }

  @Test
  void alignmentRestoresRotatedAndReflectedBasis() {
    FeatureMoments found = pixels("align", 500, 1);
    LearnedLayer old = new Projections(found).pca(channels(4));
    double[][] turn = LinearAlgebra.svd(random(4, 4)).u();
    PointwiseLayer turned =
        LinearDecoder.centred(
            LinearAlgebra.multiply(turn, LinearDecoder.weights(old.layer())),
            found.overall().mean());
    LearnedLayer fresh =
        new LearnedLayer(turned, old.decoder(), null, old.metadata(), old.warnings());
    LearnedLayer back = Procrustes.align(fresh, old.layer(), found.overall());
    assertThat(back.layer().weights()).containsExactly(old.layer().weights(), within(1e-5f));
    double angle = Double.parseDouble(back.metadata().get("largestPrincipalAngle"));
    assertThat(angle).isLessThan(1e-6);
  }

  @Test
  void principalAnglesEqualAnglesOfRotatedPlanes() {
    double[][] a = {{1, 0, 0, 0}, {0, 1, 0, 0}};
    double[][] b = {{Math.cos(1e-5), 0, Math.sin(1e-5), 0}, {0, Math.cos(1.2), 0, Math.sin(1.2)}};
    double[] angles =
        Procrustes.angles(
            LinearDecoder.linear(a, new double[2]), LinearDecoder.linear(b, new double[2]));
    assertThat(angles[0]).isCloseTo(1e-5, within(1e-9));
    assertThat(angles[1]).isCloseTo(1.2, within(1e-6));
  }

  private static double[][] random(int rows, int columns) {
    Random random = Seed.random("matrix");
    double[][] a = new double[rows][columns];
    for (double[] row : a) {
      for (int c = 0; c < columns; c++) {
        row[c] = random.nextGaussian();
      }
    }
    return a;
  }

  @Test
  void treeSumIsIndependentOfOrder() {
    MomentsTree forward = new MomentsTree();
    MomentsTree backward = new MomentsTree();
    for (int leaf = 0; leaf < 11; leaf++) {
      forward.add(leaf, pixels("leaf" + leaf, 20, 1));
      backward.add(10 - leaf, pixels("leaf" + (10 - leaf), 20, 1));
    }
    assertThat(backward.total(CHANNELS).overall()).isEqualTo(forward.total(CHANNELS).overall());
  }

  @Test
  void unusableMomentsAreRefusedWithReason() {
    FeatureMoments few = pixels("few", 12, 1);
    int rank = new Projections(few).rank(); // 11, or less if rounding hides the least variance
    assertThat(rank).isBetween(8, 11);
    assertThatThrownBy(() -> new Projections(few).whiten(channels(12), 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "12 pixels of 12 channels have rank %1$d; choose --channels 1 … %1$d".formatted(rank));
    assertThatThrownBy(() -> new Projections(new FeatureMoments(3)))
        .hasMessageContaining("none of the pixels can be used");
    FeatureMoments same = new FeatureMoments(2);
    same.groups().put(-1, new Moments(2, 9, new double[] {3, 4}, new double[3]));
    assertThatThrownBy(() -> new Projections(same)).hasMessageContaining("are the same");
    Projections good = new Projections(pixels("good", 100, 1));
    assertThatThrownBy(() -> good.pca(channels(13))).hasMessageContaining("1 … 12");
    assertThatThrownBy(() -> good.lda(null)).hasMessageContaining("give --labels");
    FeatureMoments gap = pixels("gap", 100, 3);
    gap.groups().remove(1);
    assertThatThrownBy(() -> new Projections(gap).lda(null))
        .hasMessageContaining("class 1 of 0 … 2 has no pixels");
  }
}
