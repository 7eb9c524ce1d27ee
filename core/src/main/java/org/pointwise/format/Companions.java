package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.pointwise.store.JsonText;

/**
 * What lies beside the numbers of an array and is as true of the reduced one.
 *
 * @param attributes of the array, without those about its stored numbers
 * @param groupAttributes of the group around it, without those that name its arrays
 * @param coordinates of the dimensions asked for, those that it has
 * @param leftOut coordinates that could not be read, each with the reason
 */
public record Companions(
    ObjectNode attributes,
    ObjectNode groupAttributes,
    List<Coordinate> coordinates,
    List<String> leftOut) {

  /** Of an array that has none. */
  public static Companions none() {
    return new Companions(JsonText.object(), JsonText.object(), List.of(), List.of());
  }
}
