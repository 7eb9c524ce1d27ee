package org.pointwise.learn;

import java.util.Map;
import org.pointwise.tensor.UpperTriangle;

/**
 * Moments of many classes in the memory of one triangle. What is learned from classes needs their
 * counts, their means and the sum of their co-moments: the co-moments of all pixels less those of
 * the means.
 */
public final class PooledClasses {
  private PooledClasses() {}

  /**
   * Returns moments by class. The first class has the sum of all co-moments, and the others have
   * zeros, so that sums over all classes alone are meaningful. The other groups share an array.
   *
   * @param pass the group {@link FeatureMoments#UNLABELLED} contains the pixels of all classes; the
   *     groups of classes have no co-moments
   */
  public static FeatureMoments of(FeatureMoments pass) {
    int channels = pass.channels();
    FeatureMoments pooled =
        new FeatureMoments(channels, pass.min(), pass.max(), pass.zeros(), pass.nonFinite());
    pooled.addLeftOut(pass.masked(), pass.nonFinitePixels());
    pooled.addInFloat64(pass.inFloat64());
    Moments all = pass.groups().get(FeatureMoments.UNLABELLED);
    if (all == null) {
      return pooled;
    }
    double[] within = all.coMoments().clone();
    double[] none = new double[within.length];
    double[] scatter = within;
    for (Map.Entry<Integer, Moments> group : pass.groups().entrySet()) {
      if (group.getKey() != FeatureMoments.UNLABELLED) {
        Moments moments = group.getValue();
        subtract(within, moments, all.mean());
        pooled
            .groups()
            .put(group.getKey(), new Moments(channels, moments.count(), moments.mean(), scatter));
        scatter = none;
      }
    }
    for (int c = 0; c < channels; c++) {
      int at = UpperTriangle.index(c, c, channels);
      within[at] = Math.max(0, within[at]); // rounding
    }
    return pooled;
  }

  /** Subtracts the co-moments of a class's mean. */
  private static void subtract(double[] triangle, Moments group, double[] mean) {
    double[] distance = new double[mean.length];
    for (int c = 0; c < mean.length; c++) {
      distance[c] = group.mean()[c] - mean[c];
    }
    int at = 0;
    for (int i = 0; i < mean.length; i++) {
      double scaled = distance[i] * group.count();
      for (int j = i; j < mean.length; j++) {
        triangle[at++] -= scaled * distance[j];
      }
    }
  }
}
