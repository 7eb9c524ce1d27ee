package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.Network.Pixels;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/** Tests the affine regression of pixels on the outputs of a ReLU. */
class RectifiedDecoderTest {
  private static final int IN = 5;
  private static final int COUNT = 700;

  private final Random random = Seed.random("rectified");

  private double error(PointwiseLayer layer, PointwiseLayer decoder, float[] values) {
    int out = layer.outChannels();
    double error = 0;
    for (int p = 0; p < COUNT; p++) {
      double[] back = new double[IN];
      for (int o = 0; o < out; o++) {
        double y = layer.bias(o);
        for (int c = 0; c < IN; c++) {
          y += (double) layer.weight(o, c) * values[p * IN + c];
        }
        for (int c = 0; c < IN; c++) {
          back[c] += decoder.weight(c, o) * Math.max(0, y);
        }
      }
      for (int c = 0; c < IN; c++) {
        error += Math.pow(back[c] + decoder.bias(c) - values[p * IN + c], 2) / COUNT;
      }
    }
    return error;
  }

  /** Fewer outputs than inputs, as many, and more, also more than twice as many. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 7, 12})
  void decoderMinimisesError(int out) {
    float[] values = new float[COUNT * IN];
    Moments moments = new Moments(IN);
    for (int p = 0; p < COUNT; p++) {
      double[] x = new double[IN];
      double shared = random.nextGaussian();
      for (int c = 0; c < IN; c++) {
        values[p * IN + c] = (float) (100 * c + shared + 0.3 * random.nextGaussian());
        x[c] = values[p * IN + c];
      }
      moments.add(new Moments(IN, 1, x, new double[UpperTriangle.length(IN)]));
    }
    float[] weights = new float[out * IN];
    float[] bias = new float[out];
    for (int o = 0; o < out; o++) {
      for (int c = 0; c < IN; c++) {
        weights[o * IN + c] = (float) random.nextGaussian();
        bias[o] -= (float) (weights[o * IN + c] * moments.mean()[c]);
      }
    }
    PointwiseLayer layer = PointwiseLayer.of(weights, bias, Activation.RELU);
    RectifiedDecoder decoder = new RectifiedDecoder(layer, moments);
    Pixels pixels = new Pixels(values, null, COUNT);
    PointwiseLayer best = decoder.fit(at -> decoder.network().gradient(at, pixels));
    double min = error(layer, best, values);
    assertThat(min).isLessThan(error(layer, LinearDecoder.leastSquares(layer, moments), values));
    // At the minimum of a quadratic, steps in both directions increase the error equally.
    for (int trial = 0; trial < 100; trial++) {
      double[] change = random.doubles(IN * out + IN, -0.05, 0.05).toArray();
      double upper = error(layer, moved(best, change, 1), values);
      double lower = error(layer, moved(best, change, -1), values);
      assertThat(upper).isGreaterThan(min);
      assertThat(upper).isCloseTo(lower, within(1e-3 * (upper - min) + 1e-4 * min));
    }
  }

  private static PointwiseLayer moved(PointwiseLayer layer, double[] change, int sign) {
    float[] weights = layer.weights().clone();
    float[] bias = layer.bias().clone();
    for (int i = 0; i < weights.length; i++) {
      weights[i] += (float) (sign * change[i]);
    }
    for (int c = 0; c < bias.length; c++) {
      bias[c] += (float) (sign * change[weights.length + c]);
    }
    return PointwiseLayer.of(weights, bias, layer.activation());
  }
}
