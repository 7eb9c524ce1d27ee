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
    PointwiseLayer pca = projections.leading(last).layer();
    List<Point> points = new ArrayList<>();
    for (int channels = 1; channels <= last; channels *= 2) {
      int components = Math.min(channels, pca.outChannels()); // fewer where the rank is less
      PointwiseLayer leading =
          PointwiseLayer.of(
              Arrays.copyOf(pca.weights(), components * pca.inChannels()),
              Arrays.copyOf(pca.bias(), components),
              pca.activation());
      LearnedLayer select = projections.select(channels);
      LearnedLayer random = projections.random(channels, seed);
      points.add(
          new Point(
              channels,
              LinearDecoder.explained(leading, projections.decoder(leading), heldOut),
              LinearDecoder.explained(select.layer(), select.decoder(), heldOut),
              LinearDecoder.explained(random.layer(), random.decoder(), heldOut)));
    }
    return points;
  }
}
