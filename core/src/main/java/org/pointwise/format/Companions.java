package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.pointwise.store.JsonText;

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
}
