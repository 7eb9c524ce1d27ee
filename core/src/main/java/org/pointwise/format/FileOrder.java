package org.pointwise.format;

import java.util.List;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;

/**
 * The positions of the elements of boxes in a file of C order.
 *
 * @param axes the axes of the file, slowest first
 * @param file the box of pixels that the file holds
 */
public record FileOrder(Axes axes, int channels, Box file) {
  /** Returns the number of elements along each axis. */
  public long[] lengths() {
    return lengths(file);
  }

  private long[] lengths(Box box) {
    return axes.order().stream()
        .mapToLong(
            axis ->
                switch (axis) {
                  case N -> box.n();
                  case Y -> box.y();
                  case X -> box.x();
                  case C -> channels;
                })
        .toArray();
  }

  private long[] firsts(Box box) {
    return axes.order().stream()
        .mapToLong(
            axis ->
                switch (axis) {
                  case N -> box.n0() - file.n0();
                  case Y -> box.y0() - file.y0();
                  case X -> box.x0() - file.x0();
                  case C -> 0;
                })
        .toArray();
  }

  /**
   * Returns the distance, in elements, between neighbours along each axis of {@code box}. The box
   * is the whole file, or is stored by itself.
   */
  public long[] strides(Box box) {
    long[] lengths = lengths(box);
    long[] strides = new long[lengths.length];
    long step = 1;
    for (int d = lengths.length - 1; d >= 0; d--) {
      strides[d] = step;
      step *= lengths[d];
    }
    return strides;
  }

  /** Returns the position in the file, in elements, of the first element of a box. */
  public long first(Box box) {
    long[] strides = strides(file);
    long[] firsts = firsts(box);
    long first = 0;
    for (int d = 0; d < strides.length; d++) {
      first += firsts[d] * strides[d];
    }
    return first;
  }

  /**
   * Returns whether boxes of this size are in the order of the file if they are written image by
   * image, then row by row, then column by column.
   */
  public boolean sequential(Box box) {
    if (box.equals(file)) {
      return true;
    }
    List<Axis> order =
        axes.order().stream().filter(axis -> axis != Axis.C && length(file, axis) > 1).toList();
    return order.equals(order.stream().sorted().toList()) && runLength(box) == elements(box);
  }

  private static long length(Box box, Axis axis) {
    return switch (axis) {
      case N -> box.n();
      case Y -> box.y();
      case X -> box.x();
      case C -> throw new IllegalArgumentException("A box has no channels");
    };
  }

  private long elements(Box box) {
    return box.pixels() * channels;
  }

  /** Returns the number of elements in one contiguous run of a box in the file. */
  public long runLength(Box box) {
    long[] all = lengths(file);
    long[] counts = lengths(box);
    long run = 1;
    for (int d = counts.length - 1; d >= 0; d--) {
      run *= counts[d];
      if (counts[d] < all[d]) {
        break;
      }
    }
    return run;
  }

  /**
   * Returns the position in the file, in elements, of the i-th run of a box.
   *
   * @param run the number of elements of a run
   */
  public long place(Box box, long run, long i) {
    long[] counts = lengths(box);
    long[] strides = strides(file);
    long element = i * run; // position in the box
    long place = first(box);
    for (int d = counts.length - 1; d >= 0; d--) {
      place += element % counts[d] * strides[d];
      element /= counts[d];
    }
    return place;
  }

  /** Returns the number of runs of a box. */
  public long runs(Box box) {
    return elements(box) / runLength(box);
  }
}
