package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;

/**
 * The attributes and coordinates of an array that also apply to the reduced array.
 *
 * @param attributes the attributes of the array, without those that describe its stored numbers
 * @param groupAttributes the attributes of the group around the array, without those that name its
 *     arrays
 * @param coordinates the coordinates that do not depend on the channels, and the arrays to which
 *     attributes refer
 * @param channels the coordinates with the channels' dimension alone. They apply to a reduced array
 *     only if its channels are channels of the array
 * @param dimension the name of the channels' dimension; empty if the array has none
 * @param source the attributes that describe the channels of the array; they do not apply to the
 *     channels of a reduced array
 * @param leftOut the coordinates that could not be read, each with the reason
 */
public record Companions(
    ObjectNode attributes,
    ObjectNode groupAttributes,
    List<Coordinate> coordinates,
    List<Coordinate> channels,
    String dimension,
    ObjectNode source,
    List<String> leftOut) {

  /** Returns the companions of an array that has none. */
  public static Companions none() {
    return ofAttributes(JsonText.object());
  }

  /** Returns the companions of an array that has attributes alone. */
  public static Companions ofAttributes(ObjectNode attributes) {
    return ofAttributes(attributes, JsonText.object(), "", 0);
  }

  /**
   * Returns the companions of an array that has attributes alone.
   *
   * @param source the attributes that describe its channels
   * @param dimension the name of the channels' dimension
   * @param count the number of channels
   */
  public static Companions ofAttributes(
      ObjectNode attributes, ObjectNode source, String dimension, int count) {
    return new Companions(
        attributes,
        JsonText.object(),
        List.of(),
        ChannelAttributes.coordinates(source, dimension, count),
        dimension,
        source,
        List.of());
  }

  /**
   * Returns the companions of a part of the array.
   *
   * @param whole the description of the array
   */
  Companions part(ArrayInfo whole, Subset subset) {
    long rows = subset.rows().first();
    long columns = subset.columns().first();
    return new Companions(
        Georeference.moved(attributes, rows, columns),
        Georeference.moved(groupAttributes, rows, columns),
        coordinates.stream().map(coordinate -> part(coordinate, whole, subset)).toList(),
        channels.stream().map(coordinate -> part(coordinate, whole, subset)).toList(),
        dimension,
        ChannelAttributes.part(source, subset.channels(), whole.shape().c()),
        leftOut);
  }

  private static Coordinate part(Coordinate coordinate, ArrayInfo whole, Subset subset) {
    Coordinate part = coordinate;
    for (Axis axis : whole.axes().order()) {
      part =
          part.part(
              whole.dimensionNames().get(whole.axes().indexOf(axis)),
              switch (axis) {
                case N -> subset.images();
                case Y -> subset.rows();
                case X -> subset.columns();
                case C -> subset.channels();
              });
    }
    return part.withAttributes(
        Georeference.moved(part.attributes(), subset.rows().first(), subset.columns().first()));
  }

  /**
   * Returns the companions of all images of an output: these, of images that are appended, after
   * those that it has. The attributes are those of these companions.
   *
   * @param past coordinates of the images that the output has
   * @param appends whether images are appended
   * @param imageDimension the dimension of the images
   * @param errorPrefix the beginning of messages
   * @throws org.pointwise.errors.InvalidInputException if the coordinates do not fit together
   */
  public Companions appendedTo(
      List<Coordinate> past, boolean appends, String imageDimension, String errorPrefix) {
    return new Companions(
        attributes,
        groupAttributes,
        appends ? new AppendedCoordinates(errorPrefix, imageDimension).of(past, coordinates) : past,
        channels,
        dimension,
        source,
        leftOut);
  }

  /**
   * Returns the companions for an output in which names are taken, without coordinates of these
   * names and without references to arrays that are not carried.
   */
  public Companions withoutNames(Set<String> reserved) {
    List<Coordinate> carried = new ArrayList<>();
    List<String> omitted = new ArrayList<>(leftOut);
    Set<String> group = new HashSet<>();
    for (Coordinate coordinate : coordinates) {
      if (reserved.contains(coordinate.name())) {
        omitted.add(coordinate.name() + ": the output has an array or a dimension of this name");
      } else {
        carried.add(coordinate);
        group.add(coordinate.name());
      }
    }
    carried.replaceAll(
        coordinate ->
            coordinate.withAttributes(References.withoutOthers(coordinate.attributes(), group)));
    List<Coordinate> own = new ArrayList<>(channels);
    own.replaceAll(
        coordinate ->
            coordinate.withAttributes(References.withoutOthers(coordinate.attributes(), group)));
    return new Companions(
        References.withoutOthers(attributes, group),
        References.withoutOthers(groupAttributes, group),
        List.copyOf(carried),
        List.copyOf(own),
        dimension,
        source,
        omitted);
  }
}
