package org.pointwise.learn;

/**
 * The distance of pixels from those that a layer was fitted on.
 *
 * @param meanShift |μ − μ₀| ÷ √(the sum of the variances of all channels): 1 is the root mean
 *     square distance of the fitted pixels from their mean
 * @param shiftedChannel the channel whose mean changed most
 * @param covarianceChange |C − C₀| ÷ |C₀|, Frobenius norms
 */
public record Drift(double meanShift, int shiftedChannel, double covarianceChange) {
  /** Compares the moments of pixels with those of the fitted pixels. */
  public static Drift of(Moments fitted, Moments current) {
    double[] shift = new double[fitted.channels()];
    int farthest = 0;
    double change = 0;
    double norm = 0;
    for (int i = 0; i < shift.length; i++) {
      shift[i] = Math.abs(current.mean()[i] - fitted.mean()[i]);
      farthest = shift[i] > shift[farthest] ? i : farthest;
      for (int j = 0; j < shift.length; j++) {
        double fittedCovariance = fitted.covariance(i, j);
        double difference = current.covariance(i, j) - fittedCovariance;
        change += difference * difference;
        norm += fittedCovariance * fittedCovariance;
      }
    }
    return new Drift(
        LinearAlgebra.norm(shift) / Math.sqrt(fitted.totalVariance()),
        farthest,
        Math.sqrt(change / norm));
  }
}
