package org.pointwise.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.IndexList;

/** Attributes that describe the channels of an array and their values, by the names in use. */
public final class ChannelAttributes {
  /** Names in Zarr, which are often those of ENVI headers or of GDAL. */
  private static final List<String> NAMES =
      List.of(
          "units",
          "long_name",
          "standard_name",
          "band_names",
          "band names",
          "bands",
          "descriptions",
          "wavelength",
          "wavelengths",
          "wavelength_units",
          "wavelength units",
          "fwhm",
          "bbl");

  /** Attributes of lengths, whose unit is another attribute. */
  private static final Set<String> WAVELENGTHS = Set.of("wavelength", "wavelengths", "fwhm");

  private ChannelAttributes() {}

  /** Removes the attributes of the channels from others. Returns them. */
  public static ObjectNode extract(ObjectNode attributes) {
    ObjectNode extracted = JsonText.object();
    for (String name : NAMES) {
      if (attributes.has(name)) {
        extracted.set(name, attributes.remove(name));
      }
    }
    return extracted;
  }

  /** Returns the attributes of some channels of an array. */
  static ObjectNode part(ObjectNode attributes, IndexList chosen, int channels) {
    ObjectNode part = attributes.deepCopy();
    for (Map.Entry<String, JsonNode> attribute : attributes.properties()) {
      if (attribute.getValue() instanceof ArrayNode all && all.size() == channels) {
        ArrayNode selected = part.putArray(attribute.getKey());
        chosen.stream().forEach(channel -> selected.add(all.get((int) channel)));
      }
    }
    return part;
  }

  /**
   * Returns a coordinate for each attribute that is a list of one text or number for each channel.
   *
   * @param dimension the name of the channels' dimension
   */
  public static List<Coordinate> coordinates(
      ObjectNode attributes, String dimension, int channels) {
    List<Coordinate> coordinates = new ArrayList<>();
    for (Map.Entry<String, JsonNode> attribute : attributes.properties()) {
      if (attribute.getValue() instanceof ArrayNode values && values.size() == channels) {
        Coordinate coordinate = coordinate(attribute.getKey(), dimension, values, attributes);
        if (coordinate != null) {
          coordinates.add(coordinate);
        }
      }
    }
    return coordinates;
  }

  private static @Nullable Coordinate coordinate(
      String attribute, String dimension, ArrayNode values, ObjectNode attributes) {
    String name = attribute.replace(' ', '_');
    List<JsonNode> nodes = StreamSupport.stream(values.spliterator(), false).toList();
    ObjectNode own = JsonText.object();
    if (nodes.stream().allMatch(JsonNode::isTextual)) {
      return Coordinate.ofTexts(
          name, dimension, nodes.stream().map(JsonNode::asText).toList(), own);
    }
    if (!nodes.stream().allMatch(JsonNode::isNumber)) {
      return null;
    }
    for (String unit : List.of("wavelength_units", "wavelength units")) {
      if (WAVELENGTHS.contains(name) && attributes.path(unit).isTextual()) {
        own.set("units", attributes.path(unit));
      }
    }
    double[] numbers = nodes.stream().mapToDouble(JsonNode::asDouble).toArray();
    return Coordinate.ofNumbers(name, dimension, numbers, own);
  }
}
