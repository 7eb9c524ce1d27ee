package org.pointwise.learn;

import java.util.Arrays;
import java.util.Random;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Network.Objective;

/**
 * The variables that are optimised to find a {@link Network}'s parameters. The first layer is
 * expressed in whitened channels, W = U·T with T·C·Tᵀ = I and b = a − W·mean; otherwise directions
 * of small variance would need a thousand steps. Directions without variance have weight 0. Where
 * pixels are reconstructed, V and c are in units of the pixels' standard deviation, and c is
 * relative to the mean, so that features of any scale are learned alike. Order: U [rows][rank], a
 * [rows], then V and c.
 */
final class TrainingVariables {
  /**
   * Fraction of the largest variance up to which a direction has weight 0: pixels pass through the
   * network in float32, and would amplify their rounding errors.
   */
  private static final double MIN_VARIANCE_FRACTION = 1e-7;

  private final FeatureMoments moments;
  private final Network network;
  private final Moments all;
  private final NumericalRank ranked;
  private final double[][] whitening; // [direction][in]
  private final double unit; // scale of V and c
  private final double[] centre; // value of c where its variables are 0

  TrainingVariables(FeatureMoments moments, Network network) {
    this.moments = moments;
    this.network = network;
    this.all = moments.overall();
    this.ranked = NumericalRank.of(all);
    LinearAlgebra.Eigen eigen =
        LinearAlgebra.symmetric(
            ranked.moments().covarianceMatrix(),
            network.in(),
            values -> {
              int rank = 0;
              while (rank < ranked.rank() && values[rank] > MIN_VARIANCE_FRACTION * values[0]) {
                rank++;
              }
              return rank;
            });
    this.whitening = eigen.vectors();
    if (whitening.length == 0) {
      throw new InvalidInputException(
          "Cannot train: all %d pixels are the same; at least two different pixels are needed"
              .formatted(all.count()));
    }
    for (int k = 0; k < whitening.length; k++) {
      double scale = 1 / Math.sqrt(eigen.values()[k]);
      for (int c = 0; c < network.in(); c++) {
        whitening[k][c] *= scale;
      }
    }
    this.centre = new double[network.out()];
    if (network.objective() == Objective.SQUARED_ERROR) {
      unit = Math.sqrt(all.totalVariance() / network.in());
      System.arraycopy(all.mean(), 0, centre, 0, network.in());
    } else {
      unit = 1;
    }
  }

  /**
   * Returns the initial variables: zeros without hidden channels, random weights for cross-entropy,
   * principal components for the squared error.
   *
   * @param seed random seed of the weights
   */
  double[] start(long seed) {
    int rows = network.rows();
    int rank = whitening.length;
    double[] v = new double[count()];
    if (network.hidden() == 0) {
      return v;
    }
    int second = rows * rank + rows;
    Random random = new Random(seed);
    if (network.objective() == Objective.CROSS_ENTROPY) {
      for (int i = 0; i < rows * rank; i++) {
        v[i] = random.nextGaussian() / Math.sqrt(rank);
      }
      for (int i = 0; i < network.out() * rows; i++) {
        v[second + i] = random.nextGaussian() / Math.sqrt(rows);
      }
      return v;
    }
    // Principal components, shifted by three deviations so that nearly all values pass the ReLU.
    for (int r = 0; r < Math.min(rows, rank); r++) {
      v[r * rank + r] = 1;
      v[rows * rank + r] = 3;
    }
    LearnedLayer pca = new Projections(moments, ranked).leading(rows);
    double[][] back = LinearDecoder.weights(pca.decoder());
    for (int c = 0; c < network.out(); c++) {
      double offset = 0;
      for (int r = 0; r < Math.min(rows, rank); r++) {
        double deviation = 1 / LinearAlgebra.norm(whitening[r]);
        double sign =
            LinearAlgebra.dot(LinearDecoder.weights(pca.layer())[r], whitening[r]) < 0 ? -1 : 1;
        v[second + c * rows + r] = back[c][r] * deviation * sign / unit;
        offset -= 3 * v[second + c * rows + r];
      }
      v[second + network.out() * rows + c] = offset;
    }
    return v;
  }

  /** Returns the number of variables. */
  int count() {
    return network.parameters() - network.rows() * (network.in() - whitening.length);
  }

  /** Converts variables to the network's parameters, for which gradients are computed. */
  double[] parameters(double[] v) {
    int rows = network.rows();
    int rank = whitening.length;
    double[][] w =
        LinearAlgebra.multiply(LinearAlgebra.rows(Arrays.copyOf(v, rows * rank), rank), whitening);
    double[] parameters = new double[network.parameters()];
    System.arraycopy(LinearAlgebra.flat(w), 0, parameters, 0, rows * network.in());
    for (int r = 0; r < rows; r++) {
      parameters[rows * network.in() + r] =
          v[rows * rank + r] - LinearAlgebra.dot(w[r], all.mean());
    }
    int rest = rows * rank + rows;
    int to = rows * network.in() + rows;
    int offsets = v.length - network.out();
    for (int i = rest; i < v.length; i++) {
      parameters[to++] = unit * v[i] + (i >= offsets ? centre[i - offsets] : 0);
    }
    return parameters;
  }

  /** Converts d loss ÷ d parameters to d loss ÷ d variables. */
  double[] gradient(double[] gradient) {
    int rows = network.rows();
    int in = network.in();
    int rank = whitening.length;
    double[] result = new double[count()];
    double[][] dw = LinearAlgebra.rows(Arrays.copyOf(gradient, rows * in), in);
    for (int r = 0; r < rows; r++) {
      double db = gradient[rows * in + r];
      for (int c = 0; c < in; c++) {
        dw[r][c] -= db * all.mean()[c];
      }
      result[rows * rank + r] = db;
    }
    double[][] du = LinearAlgebra.multiply(dw, LinearAlgebra.transpose(whitening));
    System.arraycopy(LinearAlgebra.flat(du), 0, result, 0, rows * rank);
    int rest = rows * rank + rows;
    int from = rows * in + rows;
    for (int i = rest; i < result.length; i++) {
      result[i] = unit * gradient[from++];
    }
    return result;
  }

  /** Returns whether a variable is a weight, which the ridge penalises, and not an offset. */
  boolean isWeight(int i) {
    int first = network.rows() * whitening.length;
    int second = first + network.rows();
    return i < first || (i >= second && i < second + network.out() * network.hidden());
  }
}
