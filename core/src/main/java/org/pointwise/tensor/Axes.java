package org.pointwise.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.pointwise.errors.InvalidInputException;

/** The order in which an array stores its axes, slowest first. An absent axis has length one. */
public record Axes(List<Axis> order) {
  public Axes {
    order = List.copyOf(order);
    Set<Axis> seen = EnumSet.noneOf(Axis.class);
    for (Axis axis : order) {
      if (!seen.add(axis)) {
        throw new InvalidInputException(
            "Cannot order axes %s: %s is given twice; name each axis once"
                .formatted(text(order), axis.letter()));
      }
    }
  }

  /**
   * Parses the axes of features, for example {@code n,y,x,c}. The channel axis is required.
   *
   * <p>Any name of {@link Axis#ofDimensionName} will do, and {@code NAME=AXIS} for a dimension of
   * another name.
   */
  public static Axes parse(String text) {
    Axes axes = parseLabels(text);
    if (!axes.has(Axis.C)) {
      throw new InvalidInputException(
          "Cannot order axes %s: there is no channel axis; add c, for example --axes n,y,x,c"
              .formatted(axes));
    }
    return axes;
  }

  /** Parses the axes of labels, for example {@code n,y,x}. The channel axis is optional. */
  public static Axes parseLabels(String text) {
    List<Axis> order = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String name = part.substring(part.indexOf('=') + 1).strip();
      Axis axis = Axis.ofDimensionName(name);
      if (axis == null) {
        throw new InvalidInputException(
            "Cannot read axes '%s': '%s' is not an axis; write them with commas, such as n,y,x,c, or NAME=c for a dimension of another name (known: %s)"
                .formatted(text, name, Axis.knownNames()));
      }
      order.add(axis);
    }
    return new Axes(order);
  }

  /** Returns these axes without the channel axis: the axes of an array with one value per pixel. */
  public Axes withoutChannels() {
    return new Axes(order.stream().filter(axis -> axis != Axis.C).toList());
  }

  /** Returns these axes with two of them exchanged. */
  public Axes exchanged(int first, int second) {
    List<Axis> exchanged = new ArrayList<>(order);
    Collections.swap(exchanged, first, second);
    return new Axes(exchanged);
  }

  public int rank() {
    return order.size();
  }

  /** Returns the dimension that holds {@code axis}; -1 if it is absent. */
  public int indexOf(Axis axis) {
    return order.indexOf(axis);
  }

  public boolean has(Axis axis) {
    return order.contains(axis);
  }

  /** Returns the length of {@code axis} in an array of the given shape; one if it is absent. */
  public long length(Axis axis, long[] shape) {
    int dimension = indexOf(axis);
    return dimension < 0 ? 1 : shape[dimension];
  }

  /**
   * Returns the position of a box in a grid: one index per dimension, in this order.
   *
   * @param step the size of the grid's boxes
   * @param channelStep the index along the channels
   */
  public long[] position(Box box, Extent step, long channelStep) {
    long[] position = new long[rank()];
    for (int d = 0; d < position.length; d++) {
      position[d] =
          switch (order.get(d)) {
            case N -> box.n0() / step.n();
            case Y -> box.y0() / step.y();
            case X -> box.x0() / step.x();
            case C -> channelStep;
          };
    }
    return position;
  }

  private static String text(List<Axis> order) {
    return order.stream().map(Axis::letter).collect(Collectors.joining(","));
  }

  /** Returns the form of the command line: {@code n,y,x,c}. */
  @Override
  public String toString() {
    return text(order);
  }
}
