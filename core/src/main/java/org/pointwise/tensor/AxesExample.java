package org.pointwise.tensor;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Suggests a value of {@code --axes} that has as many axes as an array has dimensions. */
public final class AxesExample {
  /** In the order in which unknown dimensions are taken for them, the last first. */
  private static final List<Axis> LAST_FIRST = List.of(Axis.C, Axis.X, Axis.Y, Axis.N);

  private AxesExample() {}

  /**
   * Names each dimension: by its own name where that stands for an axis, else as {@code NAME=AXIS},
   * or by the axis alone where it has no name. Where no dimension stands for channels, the last one
   * is taken for them, because features have a channel axis.
   *
   * @param names of the dimensions, slowest first; null where they have none
   * @param rank number of the dimensions
   * @return such as {@code --axes time,y,x,wavelength=c}; for more than four dimensions, the axes
   *     that there are
   */
  public static String of(@Nullable List<String> names, int rank) {
    List<String> given = names == null || names.size() != rank ? nameless(rank) : names;
    if (rank > Axis.values().length) {
      return "--axes n,y,x,c after a dimension is selected or merged, since there are four axes";
    }
    boolean channels = given.stream().anyMatch(name -> Axis.ofDimensionName(name) == Axis.C);
    Set<Axis> free = EnumSet.allOf(Axis.class);
    List<String> text = new ArrayList<>(given);
    List<Integer> unknown = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      Axis axis = Axis.ofDimensionName(given.get(d));
      if (axis == null || !free.remove(axis)) {
        unknown.add(0, d);
      }
    }
    if (unknown.isEmpty() && !channels) {
      unknown.add(rank - 1);
    }
    for (int d : unknown) {
      Axis axis = LAST_FIRST.stream().filter(free::contains).findFirst().orElseThrow();
      free.remove(axis);
      String name = given.get(d);
      text.set(d, name.isEmpty() ? axis.letter() : name + "=" + axis.letter());
    }
    return "--axes " + String.join(",", text);
  }

  /** Of an embedding, a matrix of embeddings, an image, images. */
  private static List<String> nameless(int rank) {
    return switch (rank) {
      case 1 -> List.of("c");
      case 2 -> List.of("n", "c");
      case 3 -> List.of("y", "x", "c");
      default -> List.of("n", "y", "x", "c");
    };
  }
}
