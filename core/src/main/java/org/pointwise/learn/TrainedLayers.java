package org.pointwise.learn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.Count;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Network.Objective;

/** Converts the results of a {@link Trainer} to layers, in float32 as they are stored. */
final class TrainedLayers {
  private final Network network;
  private final Moments all;

  TrainedLayers(Network network, Moments all) {
    this.network = network;
    this.all = all;
  }

  /**
   * Returns the trained layer with its decoder and, for classes after a ReLU, its head. The decoder
   * of such a layer ignores the ReLU; the caller replaces it ({@link RectifiedDecoder}).
   *
   * @param iterations the largest number of steps
   */
  LearnedLayer of(Trainer.Result result, int iterations) {
    boolean hidden = network.hidden() > 0;
    boolean classes = network.objective() == Objective.CROSS_ENTROPY;
    PointwiseLayer layer = first(result.parameters(), hidden ? Activation.RELU : Activation.NONE);
    PointwiseLayer head = hidden ? head(result.parameters()) : null;
    Gradient at = result.gradient();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("method", hidden ? "bottleneck" : "score");
    metadata.put("inChannels", String.valueOf(network.in()));
    metadata.put("outChannels", String.valueOf(network.rows()));
    metadata.put("pixels", String.valueOf((long) at.count()));
    metadata.put("loss", LearnedLayer.text(at.loss() / at.count()));
    metadata.put("iterations", String.valueOf(result.losses().size() - 1));
    metadata.put("converged", String.valueOf(result.converged()));
    if (classes) {
      metadata.put("accuracy", LearnedLayer.text(result.accuracy()));
      metadata.put("meanIou", LearnedLayer.text(ConfusionMatrix.meanIou(at.confusion())));
    } else {
      double error = at.loss() / at.count();
      metadata.put("explainedVariance", LearnedLayer.text(1 - error / all.totalVariance()));
    }
    PointwiseLayer decoder =
        head != null && !classes ? head : LinearDecoder.leastSquares(layer, all);
    if (!hidden) {
      metadata.put(
          "explainedVariance", LearnedLayer.text(LinearDecoder.explained(layer, decoder, all)));
    }
    List<String> warnings = new ArrayList<>();
    if (!result.converged()) {
      warnings.add(
          "training did not converge in %s; the best is kept, allow more --max-iter"
              .formatted(Count.of(iterations, "iteration")));
    }
    return new LearnedLayer(layer, decoder, classes ? head : null, metadata, warnings);
  }

  /**
   * Returns the first layer as it is stored; its bias is computed from the rounded weights.
   *
   * @param activation ReLU for hidden channels
   */
  private PointwiseLayer first(double[] parameters, Activation activation) {
    PointwiseLayer rounded = layer(parameters, 0, network.rows(), network.in(), activation);
    double[][] weights = LinearDecoder.weights(rounded);
    float[] bias = new float[network.rows()];
    for (int r = 0; r < bias.length; r++) {
      double shift = 0;
      for (int c = 0; c < network.in(); c++) {
        shift += (parameters[r * network.in() + c] - weights[r][c]) * all.mean()[c];
      }
      bias[r] = (float) (parameters[network.rows() * network.in() + r] + shift);
    }
    return PointwiseLayer.of(rounded.weights(), bias, activation);
  }

  /** Returns the layer that follows the hidden channels. */
  private PointwiseLayer head(double[] parameters) {
    int at = network.hidden() * network.in() + network.hidden();
    return layer(parameters, at, network.out(), network.hidden(), Activation.NONE);
  }

  private static PointwiseLayer layer(
      double[] parameters, int at, int rows, int columns, Activation activation) {
    float[] weights = new float[rows * columns];
    float[] bias = new float[rows];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) parameters[at + i];
    }
    for (int r = 0; r < rows; r++) {
      bias[r] = (float) parameters[at + weights.length + r];
    }
    return PointwiseLayer.of(weights, bias, activation);
  }
}
