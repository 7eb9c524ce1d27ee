package org.pointwise.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.pointwise.conv.Activation;

/** All activations, with random parameters. */
public final class Activations {
  private Activations() {}

  /**
   * Returns one activation of each kind.
   *
   * @param outChannels the number of slopes of {@code prelu}
   */
  public static List<Activation> all(Random random, int outChannels) {
    float low = random.nextFloat() * 2 - 1.5f;
    List<Activation> all =
        new ArrayList<>(
            List.of(
                Activation.NONE,
                Activation.RELU,
                Activation.RELU6,
                Activation.SIGMOID,
                Activation.TANH,
                Activation.HARDSWISH,
                Activation.SILU,
                Activation.GELU,
                Activation.GELU_TANH,
                Activation.SOFTPLUS,
                Activation.clip(low, low + random.nextFloat() * 3),
                Activation.clip(Float.NEGATIVE_INFINITY, random.nextFloat()),
                Activation.leakyRelu(random.nextFloat() - 0.3f),
                Activation.hardSigmoid(random.nextFloat() + 0.05f, random.nextFloat()),
                Activation.elu(random.nextFloat() * 2)));
    float[] slopes = new float[outChannels];
    for (int i = 0; i < outChannels; i++) {
      slopes[i] = random.nextInt(8) == 0 ? 0 : (float) random.nextGaussian();
    }
    all.add(Activation.prelu(slopes));
    return all;
  }
}
