package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/** Compares pooled moments with those of each class. */
class PooledClassesTest {
  private static final int CHANNELS = 6;
  private static final int CLASSES = 5;

  /** Returns the moments of one pixel. */
  private static Moments pixel(double[] values, boolean scatter) {
    double[] coMoments = new double[scatter ? UpperTriangle.length(CHANNELS) : 0];
    return new Moments(CHANNELS, 1, values, coMoments);
  }

  @Test
  void sumsAreThoseOfAllClasses() {
    Random random = Seed.random("pooled");
    FeatureMoments each = new FeatureMoments(CHANNELS);
    FeatureMoments pass = new FeatureMoments(CHANNELS);
    for (int p = 0; p < 400; p++) {
      int label = random.nextInt(CLASSES);
      double[] values = new double[CHANNELS];
      Arrays.setAll(values, c -> random.nextGaussian() * (1 + c) + 9 * Math.sin(label * (c + 1)));
      FeatureMoments one = new FeatureMoments(CHANNELS);
      one.groups().put(label, pixel(values, true));
      each.add(one);
      FeatureMoments other = new FeatureMoments(CHANNELS);
      other.groups().put(FeatureMoments.UNLABELLED, pixel(values, true));
      other.groups().put(label, pixel(values, false));
      pass.add(other);
    }
    pass.addLeftOut(3, 4);
    pass.addInFloat64(400);
    FeatureMoments pooled = PooledClasses.of(pass);
    assertThat(pooled.classes()).isEqualTo(CLASSES);
    assertThat(pooled.count()).isEqualTo(400);
    assertThat(pooled.inFloat64()).isEqualTo(400);
    assertThat(pooled.masked()).isEqualTo(3);
    assertThat(pooled.nonFinitePixels()).isEqualTo(4);
    assertThat(pooled.overall().mean()).containsExactly(each.overall().mean(), within(1e-12));
    assertThat(pooled.overall().coMoments())
        .containsExactly(each.overall().coMoments(), within(1e-7));
    for (int label = 0; label < CLASSES; label++) {
      assertThat(pooled.groups().get(label).count()).isEqualTo(each.groups().get(label).count());
    }
    LearnedLayer expected = new Projections(each).lda(null);
    float[] weights = new Projections(pooled).lda(null).layer().weights();
    for (int i = 0; i < weights.length; i++) {
      assertThat(weights[i]).isCloseTo(expected.layer().weights()[i], within(1e-6f));
    }
  }

  @Test
  void momentsWithAndWithoutScatterAreNotMixed() {
    Moments with = pixel(new double[CHANNELS], true);
    assertThatThrownBy(() -> with.add(pixel(new double[CHANNELS], false)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(PooledClasses.of(new FeatureMoments(CHANNELS)).classes()).isZero();
  }
}
