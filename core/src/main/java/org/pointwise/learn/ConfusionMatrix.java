package org.pointwise.learn;

/**
 * Computes figures of a confusion matrix, which counts how often pixels of a class (row) were
 * classified as each class (column).
 */
public final class ConfusionMatrix {
  private ConfusionMatrix() {}

  /** Returns the fraction of all pixels that are classified correctly. */
  public static double accuracy(double[][] confusion) {
    double right = 0;
    double all = 0;
    for (int i = 0; i < confusion.length; i++) {
      right += confusion[i][i];
      for (double count : confusion[i]) {
        all += count;
      }
    }
    return right / all;
  }

  /**
   * Returns the intersection over union (Jaccard index) of a class; NaN where no pixel is of the
   * class or classified as the class.
   */
  public static double iou(double[][] confusion, int label) {
    double union = -confusion[label][label];
    for (int i = 0; i < confusion.length; i++) {
      union += confusion[label][i] + confusion[i][label];
    }
    return confusion[label][label] / union;
  }

  /** Returns the mean over all classes that have an intersection over union. */
  public static double meanIou(double[][] confusion) {
    double sum = 0;
    int classes = 0;
    for (int i = 0; i < confusion.length; i++) {
      double one = iou(confusion, i);
      if (!Double.isNaN(one)) {
        sum += one;
        classes++;
      }
    }
    return sum / classes;
  }
}
