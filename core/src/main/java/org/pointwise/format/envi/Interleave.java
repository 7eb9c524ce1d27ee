package org.pointwise.format.envi;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/** How a cube orders its numbers. */
enum Interleave {
  BIP("y,x,c"),
  BSQ("c,y,x"),
  BIL("y,c,x");

  private final Axes axes;

  Interleave(String axes) {
    this.axes = Axes.parse(axes);
  }

  /** By its name in a header; null where there is none of that name. */
  static @Nullable Interleave named(String text) {
    for (Interleave interleave : values()) {
      if (interleave.toString().equals(text.toLowerCase(Locale.ROOT))) {
        return interleave;
      }
    }
    return null;
  }

  /**
   * That of one image whose axes come in such an order; those that it lacks have length one.
   *
   * @return null where no cube has that order
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

  /** From the slowest in the file to the fastest. */
  Axes axes() {
    return axes;
  }

  /** As headers have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
