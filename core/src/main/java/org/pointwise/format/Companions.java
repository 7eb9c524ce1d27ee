package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;

/**
 * The attributes and coordinates of an array that also apply to the reduced array.
 *
 * @param attributes the attributes of the array, without those that describe its stored numbers
 * @param groupAttributes the attributes of the group around the array, without those that name its
 *     arrays
 * @param coordinates the existing coordinates of the requested dimensions
 * @param leftOut the coordinates that could not be read, each with the reason
 */
public record Companions(
    ObjectNode attributes,
    ObjectNode groupAttributes,
    List<Coordinate> coordinates,
    List<String> leftOut) {

  /** Returns the companions of an array that has none. */
  public static Companions none() {
    return new Companions(JsonText.object(), JsonText.object(), List.of(), List.of());
  }

  /**
   * Returns the companions of a part of the array.
   *
   * @param names the names of the array's dimensions, in the order of its axes
   */
  Companions part(List<String> names, Axes axes, Subset subset) {
    List<Coordinate> parts = new ArrayList<>();
    for (Coordinate coordinate : coordinates) {
      int dimension = names.indexOf(coordinate.name());
      parts.add(
          dimension < 0
              ? coordinate
              : switch (axes.order().get(dimension)) {
                case N -> coordinate.part(subset.images());
                case Y -> coordinate.part(subset.rows());
                case X -> coordinate.part(subset.columns());
                case C -> coordinate.part(subset.channels());
              });
    }
    long rows = subset.rows().first();
    long columns = subset.columns().first();
    return new Companions(
        Georeference.moved(attributes, rows, columns),
        Georeference.moved(groupAttributes, rows, columns),
        parts,
        leftOut);
  }
}
