package org.pointwise.learn;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network that is trained by back-propagation. For each pixel, it computes {@code x → scores =
 * W·x + b} or, with hidden channels, {@code x → h = ReLU(W·x + b) → scores = V·h + c}. Immutable;
 * all arithmetic is in float64.
 *
 * <p>The parameters are one array: W [hidden][in], b [hidden], V [out][hidden], c [out]; without
 * hidden channels W [out][in], b [out].
 *
 * @param in channels of a pixel
 * @param hidden channels after the ReLU; 0 for none
 * @param out classes, or {@code in} to reconstruct the pixel
 * @param objective the loss of the scores
 */
public record Network(int in, int hidden, int out, Objective objective) {
  /** The loss that is minimised. */
  public enum Objective {
    /** −log softmax of the pixel's class. */
    CROSS_ENTROPY,
    /** |scores − x|². */
    SQUARED_ERROR
  }

  private static final int BLOCK = 256; // pixels; a block's arrays fit into the L2 cache

  /**
   * Pixels to learn from.
   *
   * @param values [pixel][in]
   * @param labels of each pixel; null to reconstruct
   * @param count pixels
   */
  public record Pixels(float[] values, int @Nullable [] labels, int count) {}

  /** Returns the number of rows of the first layer. */
  public int rows() {
    return hidden == 0 ? out : hidden;
  }

  /** Returns the number of parameters. */
  public int parameters() {
    int first = Math.addExact(Math.multiplyExact(rows(), in), rows());
    return hidden == 0 ? first : Math.addExact(first, Math.addExact(out * hidden, out));
  }

  /** Returns the number of numbers of a {@link Gradient}. */
  public long gradientLength() {
    long confusion = objective == Objective.CROSS_ENTROPY ? (long) out * out : 0;
    return 2 + confusion + parameters();
  }

  /**
   * The pixel count, loss, confusion matrix and gradient of some pixels for given parameters. All
   * are sums, so that the sums of units can be added.
   */
  public static final class Gradient {
    private static final int COUNT = 0;
    private static final int LOSS = 1;

    private final double[] all; // count, loss, confusion [class][predicted], gradient
    private final int confusion;

    /** Creates the sums of no pixels. */
    public Gradient(Network network) {
      this(network, new double[2 + network.confusionLength() + network.parameters()]);
    }

    /** Restores sums from {@link #toArray}; keeps the array. */
    public Gradient(Network network, double[] all) {
      this.all = all;
      this.confusion = network.confusionLength();
    }

    /** Returns all numbers for transfer. Not a copy. */
    public double[] toArray() {
      return all;
    }

    /** Adds the sums of other pixels. */
    public void add(double[] other) {
      for (int i = 0; i < all.length; i++) {
        all[i] += other[i];
      }
    }

    public double count() {
      return all[COUNT];
    }

    /** Returns the sum of the losses of all pixels. */
    public double loss() {
      return all[LOSS];
    }

    /** Returns how often pixels of a class (row) were classified as each class (column). */
    public double[][] confusion() {
      int classes = (int) Math.sqrt(confusion);
      double[][] rows = new double[classes][];
      for (int i = 0; i < classes; i++) {
        rows[i] = Arrays.copyOfRange(all, 2 + i * classes, 2 + (i + 1) * classes);
      }
      return rows;
    }

    /** Returns d loss ÷ d parameters. */
    public double[] gradient() {
      return Arrays.copyOfRange(all, 2 + confusion, all.length);
    }
  }

  private int confusionLength() {
    return objective == Objective.CROSS_ENTROPY ? Math.multiplyExact(out, out) : 0;
  }

  /** Computes loss, confusion matrix and gradient of pixels, block by block in their order. */
  public Gradient gradient(double[] parameters, Pixels pixels) {
    Backpropagation pass = new Backpropagation(parameters);
    for (int from = 0; from < pixels.count(); from += BLOCK) {
      pass.add(pixels, from, Math.min(BLOCK, pixels.count() - from));
    }
    return pass.sum;
  }

  /** Computes a gradient. Matrices are column-major for BLAS: a pixel is a column. */
  private final class Backpropagation {
    private final Gradient sum = new Gradient(Network.this);
    private final double[] p;
    private final double[] x = new double[in * BLOCK];
    private final double[] h = new double[hidden * BLOCK];
    private final double[] dh = new double[hidden * BLOCK];
    private final double[] y = new double[out * BLOCK];
    private final int base = 2 + confusionLength(); // index of the gradient in the sums

    Backpropagation(double[] parameters) {
      this.p = parameters;
    }

    void add(Pixels pixels, int from, int count) {
      for (int i = 0; i < count * in; i++) {
        x[i] = pixels.values()[from * in + i];
      }
      if (hidden == 0) {
        forward(x, in, 0, y, out, count);
        lossOf(pixels, from, count);
        backward(x, in, 0, y, out, count);
        return;
      }
      int second = hidden * in + hidden;
      forward(x, in, 0, h, hidden, count);
      for (int i = 0; i < count * hidden; i++) {
        h[i] = Math.max(0, h[i]);
      }
      forward(h, hidden, second, y, out, count);
      lossOf(pixels, from, count);
      backward(h, hidden, second, y, out, count);
      LinearAlgebra.BLAS_IN_JAVA.dgemm(
          "N", "N", hidden, count, out, 1, p, second, hidden, y, 0, out, 0, dh, 0, hidden);
      for (int i = 0; i < count * hidden; i++) {
        if (h[i] == 0) {
          dh[i] = 0;
        }
      }
      backward(x, in, 0, dh, hidden, count);
    }

    /** Computes to = W·from + b; the layer's W and b begin at {@code at} in the parameters. */
    private void forward(double[] from, int width, int at, double[] to, int rows, int count) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(p, at + rows * width, to, i * rows, rows);
      }
      LinearAlgebra.BLAS_IN_JAVA.dgemm(
          "T", "N", rows, count, width, 1, p, at, width, from, 0, width, 1, to, 0, rows);
    }

    /** Adds to the layer's gradient, given the gradient {@code d} of its outputs. */
    private void backward(double[] from, int width, int at, double[] d, int rows, int count) {
      double[] gradient = sum.all;
      LinearAlgebra.BLAS_IN_JAVA.dgemm(
          "N", "T", width, rows, count, 1, from, 0, width, d, 0, rows, 1, gradient, base + at,
          width);
      int bias = base + at + rows * width;
      for (int i = 0; i < count; i++) {
        for (int r = 0; r < rows; r++) {
          gradient[bias + r] += d[i * rows + r];
        }
      }
    }

    /** Adds the loss and stores its derivative by the scores in {@code y}. */
    private void lossOf(Pixels pixels, int from, int count) {
      double loss = 0;
      if (objective == Objective.SQUARED_ERROR) {
        for (int i = 0; i < count * out; i++) {
          double error = y[i] - x[i];
          loss += error * error;
          y[i] = 2 * error;
        }
      } else {
        int[] labels = Objects.requireNonNull(pixels.labels());
        for (int i = 0; i < count; i++) {
          loss += softmax(i * out, labels[from + i]);
        }
      }
      sum.all[Gradient.COUNT] += count;
      sum.all[Gradient.LOSS] += loss;
    }

    private double softmax(int at, int label) {
      int best = 0;
      for (int o = 1; o < out; o++) {
        best = y[at + o] > y[at + best] ? o : best;
      }
      sum.all[2 + label * out + best]++;
      double largest = y[at + best];
      double score = y[at + label];
      double total = 0;
      for (int o = 0; o < out; o++) {
        y[at + o] = StrictMath.exp(y[at + o] - largest);
        total += y[at + o];
      }
      for (int o = 0; o < out; o++) {
        y[at + o] = y[at + o] / total - (o == label ? 1 : 0);
      }
      return StrictMath.log(total) + largest - score;
    }
  }
}
