package org.pointwise.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pointwise.conv.PointwiseLayer;

/**
 * What some methods keep of held-out pixels, by the number of channels. Each has the decoder of
 * least squared error for the pixels it was fitted on, so that the methods alone differ.
 */
public final class VarianceCurve {
  private VarianceCurve() {}

  /**
   * What is kept with so many channels: the explained variance of held-out pixels by method. It may
   * be negative, where nothing was better.
   */
  public record Point(int channels, double pca, double select, double random) {}

  /**
   * The curve at 1, 2, 4, … channels.
   *
   * @param max channels of the last point, at most
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
