package org.pointwise.learn;

import java.util.function.Function;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Network.Objective;

/**
 * Computes the decoder of smallest squared error of a layer that ends in a ReLU: the affine
 * regression of the pixels on the outputs of the ReLU. Moments of the pixels do not suffice for it,
 * so the caller, which holds the pixels, computes two gradients of |V·h + c − x|², which is
 * quadratic in V: at V = 0 the gradient is −2·Σ(x − c)·hᵀ, and at V = [I; 0] its first rows are
 * larger by 2·Σh·hᵀ.
 */
public final class RectifiedDecoder {
  private final PointwiseLayer layer;
  private final Moments moments;
  private final Network network;

  /**
   * @param layer must end in a ReLU, which is not checked
   * @param moments of the pixels, or of many similar pixels
   */
  public RectifiedDecoder(PointwiseLayer layer, Moments moments) {
    this.layer = layer;
    this.moments = moments;
    this.network =
        new Network(
            layer.inChannels(), layer.outChannels(), layer.inChannels(), Objective.SQUARED_ERROR);
  }

  /** Returns the network whose gradients {@link #fit} needs. */
  public Network network() {
    return network;
  }

  /**
   * Computes the decoder.
   *
   * @param pixels returns the sums over all pixels for given parameters of the network
   */
  public PointwiseLayer fit(Function<double[], Gradient> pixels) {
    int in = network.in();
    int out = network.hidden();
    Gradient nothing = pixels.apply(parameters(out));
    double[] gradient = nothing.gradient();
    double count = nothing.count();
    if (count == 0) {
      throw new InvalidInputException(
          "Cannot fit a decoder of the layer: no pixel is left to learn it from; hold out fewer blocks, or give weights with a decoder");
    }
    int second = out * in + out;
    int offsets = second + in * out;
    double[] meanOutput = new double[out];
    double[][] outputs = new double[out][out];
    for (int first = 0; first < out; first += in) { // one row of V gives the sums of one output
      double[] after = pixels.apply(parameters(first)).gradient();
      for (int row = 0; row < Math.min(in, out - first); row++) {
        meanOutput[first + row] = (after[offsets + row] - gradient[offsets + row]) / (2 * count);
        for (int p = 0; p < out; p++) {
          int at = second + row * out + p;
          outputs[first + row][p] = (after[at] - gradient[at]) / (2 * count);
        }
      }
    }
    double[] mean = new double[in];
    double[][] cross = new double[in][out];
    for (int c = 0; c < in; c++) {
      double shift = -gradient[offsets + c] / (2 * count);
      mean[c] = moments.mean()[c] + shift;
      for (int o = 0; o < out; o++) {
        cross[c][o] = -gradient[second + c * out + o] / (2 * count) - shift * meanOutput[o];
      }
    }
    for (int o = 0; o < out; o++) {
      for (int p = 0; p < out; p++) {
        outputs[o][p] -= meanOutput[o] * meanOutput[p];
      }
    }
    double[][] decoder =
        LinearDecoder.regression(cross, outputs, LinearDecoder.rounding(layer, moments));
    return LinearDecoder.affine(decoder, meanOutput, mean);
  }

  /**
   * Returns W and b of the layer, V, and c. c is the mean of the pixels, so that a large mean does
   * not reduce the precision.
   *
   * @param first output that the first row of V selects; the other rows select those that follow;
   *     F′ for a V of zeros
   */
  private double[] parameters(int first) {
    double[] parameters = new double[network.parameters()];
    int at = 0;
    for (float weight : layer.weights()) {
      parameters[at++] = weight;
    }
    for (float bias : layer.bias()) {
      parameters[at++] = bias;
    }
    for (int row = 0; row < Math.min(network.in(), network.hidden() - first); row++) {
      parameters[at + row * network.hidden() + first + row] = 1;
    }
    at += network.in() * network.hidden();
    System.arraycopy(moments.mean(), 0, parameters, at, network.in());
    return parameters;
  }
}
