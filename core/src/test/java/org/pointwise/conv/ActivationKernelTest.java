package org.pointwise.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Activations;
import org.pointwise.testing.Seed;

/**
 * Tests activations in float32: both kernels are bit-identical and close to the exact functions.
 */
class ActivationKernelTest {
  private static final int PER_EXPONENT = 4096;

  /** Numbers of both signs, of every exponent, and at the functions' breakpoints. */
  private static float[] numbers(Random random) {
    List<Float> numbers = new ArrayList<>();
    for (int exponent = 0; exponent < 255; exponent++) {
      boolean dense = exponent > 127 - 26 && exponent < 127 + 8;
      for (int i = 0; i < (dense ? PER_EXPONENT : 64); i++) {
        numbers.add(Float.intBitsToFloat(exponent << 23 | random.nextInt(1 << 23)));
      }
    }
    for (float at : new float[] {0, 1, 3, 6, 87, 88, 89, 103, 104, Float.MAX_VALUE}) {
      numbers.addAll(List.of(at, Math.nextUp(at), Math.nextDown(at)));
    }
    numbers.addAll(List.of(Float.POSITIVE_INFINITY, Float.NaN, Float.MIN_VALUE));
    float[] both = new float[2 * numbers.size()];
    for (int i = 0; i < both.length; i++) {
      both[i] = i % 2 == 0 ? numbers.get(i / 2) : -numbers.get(i / 2);
    }
    return both;
  }

  @Test
  void everyActivationKindIsTested() {
    assertThat(Activations.all(new Random(1), 2).stream().map(Activation::kind))
        .contains(Activation.Kind.values());
  }

  @Test
  void errorIsBoundedAndEqualInBothKernels() {
    Random random = Seed.random("activations");
    float[] y = numbers(random);
    for (Activation activation : Activations.all(random, 1)) {
      float[] plain = y.clone();
      new PlainMicrokernel().activate(plain, 0, plain.length, activation);
      float[] ours = new float[y.length + 3];
      System.arraycopy(y, 0, ours, 3, y.length);
      if (!activation.isClip()) {
        KernelProvider.forThisJvm().microkernel().activate(ours, 3, y.length, activation);
        for (int i = 0; i < y.length; i++) {
          assertThat(Float.floatToRawIntBits(ours[i + 3]))
              .as("%s of %s, seed %d", activation, y[i], Seed.value())
              .isEqualTo(Float.floatToRawIntBits(plain[i]));
        }
      }
      double worst = 0;
      for (int i = 0; i < y.length; i++) {
        double exact = activation.apply(y[i], 0);
        if (Double.isNaN(exact) || Math.abs(exact) > Float.MAX_VALUE) {
          assertThat(Float.compare(plain[i], (float) exact))
              .as("%s of %s", activation, y[i])
              .isZero();
          continue;
        }
        double allowed = activation.relativeError() * Math.abs(exact) + activation.absoluteError();
        double error = Math.abs(plain[i] - exact);
        worst = Math.max(worst, allowed == 0 ? 0 : error / allowed);
        assertThat(error)
            .as("%s of %s: %s but %s, seed %d", activation, y[i], plain[i], exact, Seed.value())
            .isLessThanOrEqualTo(allowed);
      }
      System.out.printf("%s errs by %.2f of what it may%n", activation, worst);
    }
  }

  /** Determines the largest slope between neighbouring points of a fine grid. */
  @Test
  void lipschitzConstantBoundsSlope() {
    for (Activation activation : Activations.all(Seed.random("slopes"), 1)) {
      double largest = 0;
      for (int i = -20_000; i < 20_000; i++) {
        double step = activation.apply((i + 1) * 1e-3, 0) - activation.apply(i * 1e-3, 0);
        largest = Math.max(largest, Math.abs(step) / 1e-3);
      }
      assertThat(largest).as("%s", activation).isLessThanOrEqualTo(activation.lipschitz() + 1e-9);
    }
  }

  @Test
  void textRoundTrips() {
    Random random = Seed.random("text");
    for (Activation activation : Activations.all(random, 3)) {
      String text = activation.toString();
      assertThat(Activation.parse(text, activation.slopes())).as(text).isEqualTo(activation);
      assertThat(Activation.parse(text, activation.slopes())).hasToString(text);
    }
    assertThat(Activation.parse("leakyrelu:0.1")).hasToString("leakyrelu:0.1");
    assertThat(Activation.parse("clip:0:6")).isEqualTo(Activation.RELU6);
    assertThat(Activation.parse("clip:0:inf")).isEqualTo(Activation.RELU);
    assertThat(Activation.parse("clip:-inf:inf")).isSameAs(Activation.NONE);
    assertThat(Activation.parse("none")).isSameAs(Activation.NONE);
    assertThat(Activation.parse("prelu:0.25")).isEqualTo(Activation.leakyRelu(0.25f));
    assertThat(Activation.parse("CLIP:-1:1")).hasToString("clip:-1:1");
    for (String wrong :
        List.of("mish", "clip", "clip:1", "clip:2:1", "elu:x", "relu:1", "prelu", "elu:nan", "")) {
      assertThatThrownBy(() -> Activation.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void preluSlopesApplyPerChannel() {
    Activation prelu = Activation.prelu(0.5f, -2, 0);
    assertThat(prelu.apply(-3, 0)).isEqualTo(-1.5);
    assertThat(prelu.apply(-3, 1)).isEqualTo(6);
    assertThat(prelu.apply(3, 1)).isEqualTo(3);
    assertThat(prelu.apply(Double.NEGATIVE_INFINITY, 2)).isZero();
    float[] weights = new float[6];
    Arrays.fill(weights, 1);
    assertThat(PointwiseLayer.of(weights, new float[3], prelu).sha256())
        .isNotEqualTo(
            PointwiseLayer.of(weights, new float[3], Activation.prelu(0.5f, -2, 1)).sha256());
    assertThatThrownBy(() -> PointwiseLayer.of(weights, new float[2], prelu))
        .hasMessageContaining("3 slopes but the layer has 2 outputs");
  }
}
