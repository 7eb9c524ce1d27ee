package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;

/**
 * The attributes and coordinates of an array that also apply to the reduced array.
 *
 * @param attributes the attributes of the array, without those that describe its stored numbers
 * @param groupAttributes the attributes of the group around the array, without those that name its
 *     arrays
 * @param coordinates the coordinates that do not depend on the channels, and the arrays to which
 *     attributes refer
 * @param source the attributes that describe the channels of the array; they do not apply to the
 *     channels of a reduced array
 * @param leftOut the coordinates that could not be read, each with the reason
 */
public record Companions(
    ObjectNode attributes,
    ObjectNode groupAttributes,
    List<Coordinate> coordinates,
    ObjectNode source,
    List<String> leftOut) {

  /** Returns the companions of an array that has none. */
  public static Companions none() {
    return ofAttributes(JsonText.object());
  }

  /** Returns the companions of an array that has attributes alone. */
  public static Companions ofAttributes(ObjectNode attributes) {
    return new Companions(attributes, JsonText.object(), List.of(), JsonText.object(), List.of());
  }

  /**
   * Returns the companions of a part of the array.
   *
   * @param names the names of the array's dimensions, in the order of its axes
   */
  Companions part(List<String> names, Axes axes, Subset subset) {
    long rows = subset.rows().first();
    long columns = subset.columns().first();
    List<Coordinate> parts = new ArrayList<>();
    for (Coordinate coordinate : coordinates) {
      Coordinate part = coordinate;
      for (int dimension = 0; dimension < names.size(); dimension++) {
        part =
            part.part(
                names.get(dimension),
                switch (axes.order().get(dimension)) {
                  case N -> subset.images();
                  case Y -> subset.rows();
                  case X -> subset.columns();
                  case C -> null;
                });
      }
      parts.add(part.with(Georeference.moved(part.attributes(), rows, columns)));
    }
    return new Companions(
        Georeference.moved(attributes, rows, columns),
        Georeference.moved(groupAttributes, rows, columns),
        parts,
        source,
        leftOut);
  }

  /**
   * Returns the companions of all images of an output: these, of images that are appended, after
   * those that it has. The attributes are those of these companions.
   *
   * @param past coordinates of the images that the output has
   * @param any whether images are appended
   * @param along the dimension of the images
   * @param cannot the beginning of messages
   * @throws org.pointwise.errors.InvalidInputException if the coordinates do not fit together
   */
  public Companions after(List<Coordinate> past, boolean any, String along, String cannot) {
    return new Companions(
        attributes,
        groupAttributes,
        any ? new AppendedCoordinates(cannot, along).of(past, coordinates) : past,
        source,
        leftOut);
  }

  /**
   * Returns the companions for an output in which names are taken, without coordinates of these
   * names and without references to arrays that are not carried.
   */
  public Companions within(Set<String> taken) {
    List<Coordinate> kept = new ArrayList<>();
    List<String> left = new ArrayList<>(leftOut);
    Set<String> group = new HashSet<>();
    for (Coordinate coordinate : coordinates) {
      if (taken.contains(coordinate.name())) {
        left.add(coordinate.name() + ": the output has an array or a dimension of this name");
      } else {
        kept.add(coordinate);
        group.add(coordinate.name());
      }
    }
    kept.replaceAll(
        coordinate -> coordinate.with(References.within(coordinate.attributes(), group)));
    return new Companions(
        References.within(attributes, group),
        References.within(groupAttributes, group),
        List.copyOf(kept),
        source,
        left);
  }
}
