package org.pointwise.learn;

/**
 * Figures of a confusion matrix: how often pixels of a class (row) were taken for each (column).
 */
public final class ConfusionMatrix {
  private ConfusionMatrix() {}

  /** The part of all pixels that are taken for what they are. */
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

  /** Intersection over union (Jaccard index) of a class; NaN where it neither is nor was found. */
  public static double iou(double[][] confusion, int label) {
    double union = -confusion[label][label];
    for (int i = 0; i < confusion.length; i++) {
      union += confusion[label][i] + confusion[i][label];
    }
    return confusion[label][label] / union;
  }

  /** The mean of all classes that have an intersection over union. */
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
