package org.pointwise.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pointwise.conv.PointwiseLayer;

/**
 * The part of the variance of held-out pixels that some methods preserve, by the number of
 * channels. Each method uses the decoder of smallest squared error for the pixels that it was
 * fitted on, so that the results differ by the methods only.
 */
public final class VarianceCurve {
  private VarianceCurve() {}

  /**
   * The explained variance of held-out pixels by method, for one number of channels. It is negative
   * where predicting the mean of the pixels would have a smaller error.
   */
  public record Point(int channels, double pca, double select, double random) {}

  /**
   * Returns the curve at 1, 2, 4, … channels.
   *
   * @param max the largest number of channels
   */
  public static List<Point> of(FeatureMoments fitted, Moments heldOut, long seed, int max) {
    Projections projections = new Projections(fitted);
    int last = Integer.highestOneBit(Math.min(max, fitted.channels()));
    PointwiseLayer pca = projections.pca(new Projections.Target(last, 1)).layer();
    List<Point> points = new ArrayList<>();
    for (int channels = 1; channels <= last; channels *= 2) {
      PointwiseLayer leading =
          PointwiseLayer.of(
              Arrays.copyOf(pca.weights(), channels * pca.inChannels()),
              Arrays.copyOf(pca.bias(), channels),
              pca.activation());
      points.add(
          new Point(
              channels,
              kept(leading, fitted, heldOut),
              kept(projections.select(channels).layer(), fitted, heldOut),
              kept(projections.random(channels, seed).layer(), fitted, heldOut)));
    }
    return points;
  }

  private static double kept(PointwiseLayer layer, FeatureMoments fitted, Moments heldOut) {
    return LinearDecoder.explained(
        layer, LinearDecoder.leastSquares(layer, fitted.overall()), heldOut);
  }
}
