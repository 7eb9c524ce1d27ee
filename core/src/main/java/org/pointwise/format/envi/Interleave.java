package org.pointwise.format.envi;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/** The order of the numbers in a cube. */
enum Interleave {
  BIP("y,x,c"),
  BSQ("c,y,x"),
  BIL("y,c,x");

  private final Axes axes;

  Interleave(String axes) {
    this.axes = Axes.parse(axes);
  }

  /** Returns the interleave of a name in a header; null if the name is unknown. */
  static @Nullable Interleave named(String text) {
    for (Interleave interleave : values()) {
      if (interleave.toString().equals(text.toLowerCase(Locale.ROOT))) {
        return interleave;
      }
    }
    return null;
  }

  /**
   * Returns the interleave of one image with the given order of axes. Axes that the image lacks
   * have length one.
   *
   * @return null if no cube has that order
   */
  static @Nullable Interleave of(Axes image) {
    List<Axis> order = image.order().stream().filter(axis -> axis != Axis.N).toList();
    for (Interleave interleave : values()) {
      if (interleave.axes.order().stream().filter(order::contains).toList().equals(order)) {
        return interleave;
      }
    }
    return null;
  }

  /** Returns the axes from the slowest in the file to the fastest. */
  Axes axes() {
    return axes;
  }

  /** Returns the name that headers use. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
