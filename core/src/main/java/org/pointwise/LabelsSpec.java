package org.pointwise;

import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;

/**
 * The classes of pixels.
 *
 * @param uri an array of whole numbers with the features' axes but c
 * @param axes of its dimensions where it names none; null for the features' without c
 * @param classes how many there may be; labels are 0 … classes − 1
 * @param ignored the label of pixels that have no class; null where all have one
 */
public record LabelsSpec(String uri, @Nullable Axes axes, int classes, @Nullable Integer ignored) {
  /** {@link #classes} where nothing else is chosen. */
  public static final int CLASSES = 16;

  /** At most {@link #CLASSES} classes, and one for each pixel. */
  public static LabelsSpec of(String uri) {
    return new LabelsSpec(uri, null, CLASSES, null);
  }

  /** The same with another number of classes. */
  public LabelsSpec withClasses(int max) {
    return new LabelsSpec(uri, axes, max, ignored);
  }

  /** The same with a label of pixels that have no class. */
  public LabelsSpec ignoring(int label) {
    return new LabelsSpec(uri, axes, classes, label);
  }

  /** Opens them, for the features that they belong to. */
  ArrayInfo open(ByteStores stores, ArrayInfo features) {
    if (classes < 2 || classes > 65536) {
      throw new InvalidInputException(
          "Cannot learn %d classes: --classes is 2 … 65536".formatted(classes));
    }
    return Formats.openLabels(stores, uri, axes, features).info();
  }

  /** Opens labels where there are some. */
  static @Nullable ArrayInfo open(
      @Nullable LabelsSpec labels, ByteStores stores, ArrayInfo features) {
    return labels == null ? null : labels.open(stores, features);
  }
}
