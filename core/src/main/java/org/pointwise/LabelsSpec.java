package org.pointwise;

import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;

/**
 * Describes the classes of pixels. Immutable.
 *
 * @param uri path or URI of an integer array with the axes of the features except c
 * @param axes axes of the dimensions if the array names none; null for those of the features
 *     without c
 * @param classes the largest number of classes; labels are 0 … classes − 1
 * @param ignored the label of pixels without a class; null if all pixels have a class
 */
public record LabelsSpec(String uri, @Nullable Axes axes, int classes, @Nullable Integer ignored) {
  /** Default of {@link #classes}. */
  public static final int CLASSES = 16;

  /**
   * @throws IllegalArgumentException if {@code classes} is not from 2 to 65536
   */
  public LabelsSpec {
    if (classes < 2 || classes > 65536) {
      throw new IllegalArgumentException("--classes must be from 2 to 65536");
    }
  }

  /**
   * Returns the spec of labels of at most {@link #CLASSES} classes, with a class for each pixel.
   */
  public static LabelsSpec of(String uri) {
    return new LabelsSpec(uri, null, CLASSES, null);
  }

  /** Returns this spec with another largest number of classes. */
  public LabelsSpec withClasses(int max) {
    return new LabelsSpec(uri, axes, max, ignored);
  }

  /** Returns this spec with a label that marks pixels without a class. */
  public LabelsSpec ignoring(int label) {
    return new LabelsSpec(uri, axes, classes, label);
  }

  /** Opens the labels of the given features. */
  ArrayInfo open(ByteStores stores, ArrayInfo features) {
    return Formats.openLabels(stores, uri, axes, features).info();
  }

  /** Opens the labels of the given features; returns null if there are none. */
  static @Nullable ArrayInfo open(
      @Nullable LabelsSpec labels, ByteStores stores, ArrayInfo features) {
    return labels == null ? null : labels.open(stores, features);
  }
}
