package org.pointwise.format;

import org.pointwise.tensor.Axis;

/**
 * The chunk shape that a user requests: a length in pixels along some axes.
 *
 * @param n the number of images in a chunk; 0 if the plan chooses it
 * @param y the number of rows in a chunk; 0 if the plan chooses it
 * @param x the number of columns in a chunk; 0 if the plan chooses it
 */
public record ChunkLengths(int n, int y, int x) {
  /** The request that leaves all lengths to the plan. */
  public static final ChunkLengths CHOOSE = new ChunkLengths(0, 0, 0);

  private static final String NAMES = "nyx";

  /**
   * @throws IllegalArgumentException if a length is negative
   */
  public ChunkLengths {
    if (n < 0 || y < 0 || x < 0) {
      throw new IllegalArgumentException("A chunk has at least one pixel along each axis");
    }
  }

  /**
   * Parses lengths such as {@code n=1,y=64,x=64}, each axis at most once, in any order.
   *
   * @throws IllegalArgumentException if the text has another form; the message states the form
   */
  public static ChunkLengths parse(String text) {
    int[] lengths = new int[NAMES.length()];
    for (String part : text.split(",", -1)) {
      String[] sides = part.strip().split("=", -1);
      int axis = sides[0].length() == 1 ? NAMES.indexOf(sides[0]) : -1;
      if (sides.length != 2
          || axis < 0
          || lengths[axis] > 0
          || !sides[1].matches("[1-9]\\d{0,8}")) {
        throw new IllegalArgumentException(
            "'%s' is no chunk shape; give pixels along n, y and x, for example n=1,y=64,x=64"
                .formatted(text));
      }
      lengths[axis] = Integer.parseInt(sides[1]);
    }
    return new ChunkLengths(lengths[0], lengths[1], lengths[2]);
  }

  /** Returns the length along an axis of pixels; 0 if the plan chooses it. */
  public int length(Axis axis) {
    return switch (axis) {
      case N -> n;
      case Y -> y;
      case X -> x;
      case C -> throw new IllegalArgumentException("A chunk holds all channels");
    };
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Axis axis : new Axis[] {Axis.N, Axis.Y, Axis.X}) {
      if (length(axis) > 0) {
        text.append(text.isEmpty() ? "" : ",")
            .append(axis.letter())
            .append('=')
            .append(length(axis));
      }
    }
    return text.toString();
  }
}
