package org.pointwise.conv;

import org.pointwise.errors.InvalidInputException;

/**
 * A batch normalisation at inference: {@code gamma · (y − mean) / sqrt(variance + epsilon) + beta}
 * per output channel (Ioffe and Szegedy 2015; ONNX operator BatchNormalization).
 *
 * <p>The arrays are not copied; the record lives between reading a model and folding.
 */
public record BatchNorm(
    float[] gamma, float[] beta, float[] mean, float[] variance, double epsilon) {

  /** The one layer that equals {@code layer} followed by this; computed in double. */
  public PointwiseLayer foldInto(PointwiseLayer layer) {
    int out = layer.outChannels();
    if (gamma.length != out || beta.length != out || mean.length != out || variance.length != out) {
      throw new InvalidInputException(
          "Cannot fold a BatchNormalization of %d channels into a layer of %d; check the model"
              .formatted(gamma.length, out));
    }
    float[] weights = layer.weights();
    float[] bias = layer.bias();
    for (int o = 0; o < out; o++) {
      double scale = gamma[o] / Math.sqrt(variance[o] + epsilon);
      for (int i = o * layer.inChannels(); i < (o + 1) * layer.inChannels(); i++) {
        weights[i] = (float) (weights[i] * scale);
      }
      bias[o] = (float) ((bias[o] - mean[o]) * scale + beta[o]);
    }
    return PointwiseLayer.of(weights, bias, layer.activation());
  }
}
