package org.pointwise.learn;

import java.util.Arrays;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.tensor.UpperTriangle;

/**
 * Computes decoders of layers without activation and, from moments of pixels, how much of the
 * pixels such layers preserve.
 */
public final class LinearDecoder {
  private LinearDecoder() {}

  /** Returns the layer of these weights, rounded to float32, without activation. */
  static PointwiseLayer linear(double[][] weights, double[] bias) {
    float[] w = new float[weights.length * weights[0].length];
    float[] b = new float[bias.length];
    for (int o = 0; o < weights.length; o++) {
      for (int c = 0; c < weights[0].length; c++) {
        w[o * weights[0].length + c] = (float) weights[o][c];
      }
      b[o] = (float) bias[o] + 0f; // −0 becomes 0, so that the layer read from ONNX is the same
    }
    return PointwiseLayer.of(w, b, Activation.NONE);
  }

  /** Returns the weights in float64, one row per output channel. */
  static double[][] weights(PointwiseLayer layer) {
    double[][] rows = new double[layer.outChannels()][layer.inChannels()];
    for (int o = 0; o < rows.length; o++) {
      for (int i = 0; i < rows[o].length; i++) {
        rows[o][i] = layer.weight(o, i);
      }
    }
    return rows;
  }

  /** Returns the layer y = W·(x − mean). Its bias −W·mean is computed from the rounded weights. */
  static PointwiseLayer centred(double[][] rows, double[] mean) {
    PointwiseLayer rounded = linear(rows, new double[rows.length]);
    double[] bias = LinearAlgebra.multiply(weights(rounded), mean);
    for (int o = 0; o < bias.length; o++) {
      bias[o] = -bias[o];
    }
    return linear(rows, bias);
  }

  /**
   * Returns the decoder by the Moore-Penrose inverse: x̂ = mean + W⁺·(y − (W·mean + b)). Of all
   * pixels that the layer maps to y, x̂ is the one nearest to the mean.
   */
  public static PointwiseLayer pseudoInverse(PointwiseLayer layer, double[] mean) {
    double[][] inverse = LinearAlgebra.pseudoInverse(weights(layer));
    return affine(inverse, outputOfMean(layer, mean), mean);
  }

  /**
   * Returns the decoder of smallest squared error for pixels of these moments, the affine
   * regression of the pixels on their outputs: x̂ = mean + C·Wᵀ·(W·C·Wᵀ + N)⁺·(y − (W·mean + b)).
   * It applies to every layer without activation, however the layer was learned. For principal
   * components it is the transpose.
   *
   * <p>N is diagonal, 2⁻³⁶·Σ W²·E[x²]: the square of 64 standard deviations of the float32 rounding
   * error of an output. Without N, linearly dependent outputs, such as those of a softmax, would be
   * separated by their rounding errors alone, with weights that exceed float32. N is negligible
   * against the variance of any other output. E[x²] of a constant channel counts as at least the
   * mean of all channels: other pixels may vary in that channel, and the decoder must not amplify
   * the weight that rounding alone gives the channel in an output.
   */
  public static PointwiseLayer leastSquares(PointwiseLayer layer, Moments moments) {
    double[][] w = weights(layer);
    double[][] cross =
        LinearAlgebra.multiply(
            LinearAlgebra.rows(moments.covarianceMatrix(), layer.inChannels()),
            LinearAlgebra.transpose(w));
    double[][] decoder =
        regression(cross, LinearAlgebra.multiply(w, cross), rounding(layer, moments));
    return affine(decoder, outputOfMean(layer, moments.mean()), moments.mean());
  }

  /**
   * Returns the regression of the pixels on their outputs: cross·(outputs + N)⁺.
   *
   * @param cross covariance of pixels and outputs [in][out]; overwritten
   * @param outputs covariance of the outputs; overwritten
   * @param rounding the diagonal of N
   */
  static double[][] regression(double[][] cross, double[][] outputs, double[] rounding) {
    int out = outputs.length;
    double[] unit = new double[out]; // scales outputs to unit variance, so that none is neglected
    for (int o = 0; o < out; o++) {
      outputs[o][o] += rounding[o];
      unit[o] = outputs[o][o] > 0 ? 1 / Math.sqrt(outputs[o][o]) : 0;
    }
    for (int o = 0; o < out; o++) {
      for (int other = 0; other < out; other++) {
        outputs[o][other] *= unit[o] * unit[other];
      }
      for (double[] channel : cross) {
        channel[o] *= unit[o];
      }
    }
    double[][] decoder = LinearAlgebra.timesInverse(cross, outputs);
    for (double[] channel : decoder) {
      for (int o = 0; o < out; o++) {
        channel[o] *= unit[o];
      }
    }
    return decoder;
  }

  /** Returns the diagonal of N in {@link #leastSquares}. */
  static double[] rounding(PointwiseLayer layer, Moments moments) {
    double[] squares = squares(moments);
    double[] rounding = new double[layer.outChannels()];
    for (int o = 0; o < rounding.length; o++) {
      for (int c = 0; c < layer.inChannels(); c++) {
        double weight = layer.weight(o, c);
        rounding[o] += weight * weight * squares[c] * 0x1p-36;
      }
    }
    return rounding;
  }

  /** Returns E[x²] of each channel; of a constant channel, at least the mean of all channels. */
  private static double[] squares(Moments moments) {
    double[] squares = new double[moments.channels()];
    for (int c = 0; c < squares.length; c++) {
      squares[c] = moments.covariance(c, c) + moments.mean()[c] * moments.mean()[c];
    }
    double mean = Arrays.stream(squares).average().orElse(0);
    for (int c = 0; c < squares.length; c++) {
      if (moments.covariance(c, c) == 0) {
        squares[c] = Math.max(squares[c], mean);
      }
    }
    return squares;
  }

  private static double[] outputOfMean(PointwiseLayer layer, double[] mean) {
    double[] output = LinearAlgebra.multiply(weights(layer), mean);
    for (int o = 0; o < output.length; o++) {
      output[o] += layer.bias(o);
    }
    return output;
  }

  /**
   * Returns the layer x̂ = mean + D·(y − output). Its bias is computed from the rounded weights.
   */
  static PointwiseLayer affine(double[][] decoder, double[] output, double[] mean) {
    PointwiseLayer rounded = linear(decoder, new double[decoder.length]);
    double[] meanOutput = LinearAlgebra.multiply(weights(rounded), output);
    double[] bias = new double[decoder.length];
    for (int c = 0; c < bias.length; c++) {
      bias[c] = mean[c] - meanOutput[c];
    }
    return linear(decoder, bias);
  }

  /** Returns mean and standard deviation of each output before the activation. */
  public static double[][] ranges(PointwiseLayer layer, Moments moments) {
    Moments outputs = outputs(layer, moments);
    double[][] ranges = new double[layer.outChannels()][];
    for (int o = 0; o < ranges.length; o++) {
      ranges[o] = new double[] {outputs.mean()[o], Math.sqrt(outputs.covariance(o, o))};
    }
    return ranges;
  }

  /** Returns the moments of a layer's outputs before the activation, as one unlabelled group. */
  public static FeatureMoments transform(PointwiseLayer layer, Moments moments) {
    FeatureMoments transformed = new FeatureMoments(layer.outChannels());
    transformed.groups().put(FeatureMoments.UNLABELLED, outputs(layer, moments));
    return transformed;
  }

  private static Moments outputs(PointwiseLayer layer, Moments moments) {
    int out = layer.outChannels();
    double[][] w = weights(layer);
    double[] mean = LinearAlgebra.multiply(w, moments.mean());
    double[][] covariance =
        LinearAlgebra.multiply(
            LinearAlgebra.multiply(
                w, LinearAlgebra.rows(moments.covarianceMatrix(), layer.inChannels())),
            LinearAlgebra.transpose(w));
    double[] coMoments = new double[UpperTriangle.length(out)];
    for (int i = 0; i < out; i++) {
      mean[i] += layer.bias(i);
      for (int j = 0; j <= i; j++) {
        coMoments[UpperTriangle.index(j, i, out)] = covariance[i][j] * moments.count();
      }
    }
    return new Moments(out, moments.count(), mean, coMoments);
  }

  /** Returns the identity layer. */
  public static PointwiseLayer identity(int channels) {
    double[][] one = new double[channels][channels];
    for (int c = 0; c < channels; c++) {
      one[c][c] = 1;
    }
    return linear(one, new double[channels]);
  }

  /**
   * Returns the mean squared error, summed over channels, of pixels that pass through both layers.
   */
  public static double squaredError(PointwiseLayer layer, PointwiseLayer decoder, Moments moments) {
    return Math.max(0, Arrays.stream(squaredErrors(layer, decoder, moments)).sum());
  }

  private static double[] squaredErrors(
      PointwiseLayer layer, PointwiseLayer decoder, Moments moments) {
    if (layer.activation() != Activation.NONE || decoder.activation() != Activation.NONE) {
      throw new IllegalArgumentException("The error follows from moments for affine layers only");
    }
    // The error is (D·W − I)·x + a; each variance on its covariance's diagonal has three terms.
    double[][] w = weights(layer);
    double[][] d = weights(decoder);
    double[][] wc =
        LinearAlgebra.multiply(
            w, LinearAlgebra.rows(moments.covarianceMatrix(), layer.inChannels()));
    double[][] wcwt = LinearAlgebra.multiply(wc, LinearAlgebra.transpose(w));
    double[][] dwcwt = LinearAlgebra.multiply(d, wcwt);
    double[] y = LinearAlgebra.multiply(w, moments.mean());
    for (int o = 0; o < y.length; o++) {
      y[o] += layer.bias(o);
    }
    double[] errors = new double[d.length];
    for (int c = 0; c < d.length; c++) {
      double offset = LinearAlgebra.dot(d[c], y) + decoder.bias(c) - moments.mean()[c];
      double error = moments.covariance(c, c) + offset * offset;
      error += LinearAlgebra.dot(dwcwt[c], d[c]);
      for (int o = 0; o < y.length; o++) {
        error -= 2 * d[c][o] * wc[o][c];
      }
      errors[c] = error;
    }
    return errors;
  }

  /** Returns the part of the variance that both layers preserve: 1 − error ÷ variance. */
  public static double explained(PointwiseLayer layer, PointwiseLayer decoder, Moments moments) {
    return 1 - squaredError(layer, decoder, moments) / moments.totalVariance();
  }

  /** Returns the same of channels that are divided by {@code units}. */
  static double explained(
      PointwiseLayer layer, PointwiseLayer decoder, Moments moments, double[] units) {
    double[] errors = squaredErrors(layer, decoder, moments);
    double error = 0;
    double variance = 0;
    for (int c = 0; c < errors.length; c++) {
      error += errors[c] / units[c] / units[c];
      variance += moments.covariance(c, c) / units[c] / units[c];
    }
    return 1 - Math.max(0, error) / variance;
  }
}
