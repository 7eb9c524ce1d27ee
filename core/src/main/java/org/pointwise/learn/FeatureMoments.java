package org.pointwise.learn;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.UpperTriangle;

/**
 * The result of a pass over pixels: {@link Moments} by label, the range of each channel, and the
 * number of pixels left out. Mutable: other results can be added. Confined to one thread.
 */
public final class FeatureMoments {
  /** The label of the group of pixels without a label. */
  public static final int UNLABELLED = -1;

  private final int channels;
  private final SortedMap<Integer, Moments> groups = new TreeMap<>();
  private final double[] min;
  private final double[] max;
  private final long[] zeros;
  private final long[] nonFinite;
  private long nonFinitePixels;
  private long masked;
  private long inFloat64;

  /** Creates the result of no pixels. */
  public FeatureMoments(int channels) {
    this(
        channels,
        new double[channels],
        new double[channels],
        new long[channels],
        new long[channels]);
    Arrays.fill(min, Double.POSITIVE_INFINITY);
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
  }

  /** Restores a stored result, except groups and numbers of pixels; keeps the arrays. */
  public FeatureMoments(int channels, double[] min, double[] max, long[] zeros, long[] nonFinite) {
    this.channels = channels;
    this.min = min;
    this.max = max;
    this.zeros = zeros;
    this.nonFinite = nonFinite;
  }

  public int channels() {
    return channels;
  }

  /** Returns the moments by label, ascending; {@link #UNLABELLED} first. */
  public SortedMap<Integer, Moments> groups() {
    return groups;
  }

  /** Returns whether any pixels have a label. */
  public boolean labelled() {
    return groups.keySet().stream().anyMatch(label -> label != UNLABELLED);
  }

  /** Returns the largest label plus one; 0 without labels. */
  public int classes() {
    return groups.isEmpty() ? 0 : groups.lastKey() + 1;
  }

  /**
   * Checks that there are at least two classes and that none is empty.
   *
   * @throws InvalidInputException otherwise
   */
  public void requireClasses(String method) {
    if (!labelled()) {
      throw new InvalidInputException(
          "Cannot fit %s: it learns from classes; give --labels".formatted(method));
    }
    if (classes() < 2) {
      throw new InvalidInputException(
          "Cannot fit %s: all labelled pixels are of class 0; at least two classes are needed"
              .formatted(method));
    }
    for (int label = 0; label < classes(); label++) {
      Moments group = groups.get(label);
      if (group == null || group.count() == 0) {
        throw new InvalidInputException(
            "Cannot fit %s: class %d of 0 … %d has no pixels; number the classes without gaps, or use a larger --sample"
                .formatted(method, label, classes() - 1));
      }
    }
  }

  /** Returns the moments of all pixels, regardless of their label. */
  public Moments overall() {
    Moments all = new Moments(channels);
    groups.values().forEach(all::add);
    return all;
  }

  public long count() {
    return groups.values().stream().mapToLong(Moments::count).sum();
  }

  /** Returns the smallest value of each channel. Not a copy. */
  public double[] min() {
    return min;
  }

  /** Returns the largest value of each channel. Not a copy. */
  public double[] max() {
    return max;
  }

  /** Returns how many values of each channel are zero. Not a copy. */
  public long[] zeros() {
    return zeros;
  }

  /** Returns how many values of each channel are NaN or infinite. Not a copy. */
  public long[] nonFinite() {
    return nonFinite;
  }

  /** Returns the number of pixels left out because a value is not finite. */
  public long nonFinitePixels() {
    return nonFinitePixels;
  }

  /** Returns the number of pixels left out because they are nodata or were never written. */
  public long masked() {
    return masked;
  }

  /** Adds to the numbers of pixels left out. */
  public void addLeftOut(long maskedPixels, long notFinitePixels) {
    masked += maskedPixels;
    nonFinitePixels += notFinitePixels;
  }

  /**
   * Returns the number of pixels whose products were summed in float64; those of the others were
   * summed in float32.
   */
  public long inFloat64() {
    return inFloat64;
  }

  /** Returns whether the products of all pixels were summed in float64. */
  public boolean isInFloat64() {
    return inFloat64 == count();
  }

  /** Adds to the number of pixels whose products were summed in float64. */
  public void addInFloat64(long pixels) {
    inFloat64 += pixels;
  }

  /** Adds the result of other pixels. */
  public void add(FeatureMoments other) {
    other.groups.forEach(this::addGroup);
    addRanges(other.min, other.max, other.zeros, other.nonFinite);
    addLeftOut(other.masked, other.nonFinitePixels);
    addInFloat64(other.inFloat64);
  }

  /**
   * Adds the pixels of a kernel's tile.
   *
   * @param classes number of labels: the kernel's groups 0 … classes − 1 are those of the labels,
   *     and the next group contains the pixels without a label
   */
  public void add(MomentsKernel kernel, int classes) {
    for (int group = 0; group <= classes; group++) {
      if (kernel.count(group) > 0) {
        double[] mean = new double[channels];
        double[] coMoments = new double[UpperTriangle.length(channels)];
        kernel.mean(group, mean);
        kernel.coMoments(group, coMoments);
        addInFloat64(kernel.inFloat64() ? kernel.count(group) : 0);
        int label = group == classes ? UNLABELLED : group;
        Moments kernelMoments = new Moments(channels, kernel.count(group), mean, coMoments);
        if (groups.putIfAbsent(label, kernelMoments) != null) {
          addGroup(label, kernelMoments);
        }
      }
    }
    addRanges(kernel.min(), kernel.max(), kernel.zeros(), kernel.nonFinite());
    addLeftOut(kernel.masked(), kernel.nonFinitePixels());
  }

  private void addGroup(int label, Moments moments) {
    groups.computeIfAbsent(label, any -> moments.empty()).add(moments);
  }

  private void addRanges(double[] lower, double[] upper, long[] zeroCounts, long[] notFinite) {
    for (int c = 0; c < channels; c++) {
      min[c] = Math.min(min[c], lower[c]);
      max[c] = Math.max(max[c], upper[c]);
      zeros[c] += zeroCounts[c];
      nonFinite[c] += notFinite[c];
    }
  }
}
