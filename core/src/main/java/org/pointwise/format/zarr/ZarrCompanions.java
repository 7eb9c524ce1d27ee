package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ChannelAttributes;
import org.pointwise.format.Companions;
import org.pointwise.format.Coordinate;
import org.pointwise.format.References;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;

/**
 * Finds the companions of a Zarr array in its group. As xarray does, takes for coordinates the
 * arrays of the names of dimensions and those that {@code coordinates} of the array or the group
 * names. Arrays to which other attributes refer are carried too, and the default grid mapping. Used
 * once.
 */
final class ZarrCompanions {
  /** Attributes of the group that describe its arrays. */
  private static final List<String> ABOUT_ARRAYS =
      List.of("multiscales", "ome", "omero", "labels", "pointwise");

  /** The grid mapping that rioxarray uses where no attribute names one. */
  private static final String DEFAULT_GRID_MAPPING = "spatial_ref";

  /** Bytes of all coordinates, which are held in memory. */
  private static final long MAX_BYTES = 256L << 20;

  private final ZarrArray array;
  private final String channels;
  private final Map<String, Coordinate> byName = new LinkedHashMap<>();
  private final Map<String, Coordinate> ofChannels = new LinkedHashMap<>();
  private final List<String> leftOut = new ArrayList<>();
  private long heldBytes; // bytes of the coordinates found

  /**
   * @param channels the name of the channels' dimension; empty if it has none
   */
  ZarrCompanions(ZarrArray array, String channels) {
    this.array = array;
    this.channels = channels;
  }

  /**
   * @param dimensions the dimensions, other than that of the channels, whose coordinates are
   *     requested
   * @param count the number of channels
   */
  Companions find(List<String> dimensions, int count) throws IOException {
    ObjectNode attributes =
        array.metadata().attributes().deepCopy().remove(ArrayNumbers.ATTRIBUTES);
    ObjectNode group = ZarrNodes.groupAttributes(array.store(), "");
    ObjectNode groupAttributes = group == null ? JsonText.object() : group.remove(ABOUT_ARRAYS);
    Set<String> coordinates = new LinkedHashSet<>();
    if (array.dimensionNames() != null && group != null) {
      coordinates.addAll(References.names(attributes, References.COORDINATES));
      coordinates.addAll(References.names(groupAttributes, References.COORDINATES));
    }
    Deque<String> pending = new ArrayDeque<>(dimensions);
    pending.addAll(coordinates);
    if (group != null) {
      pending.addAll(References.names(attributes));
      pending.add(DEFAULT_GRID_MAPPING);
      pending.add(channels);
    }
    Set<String> seen = new LinkedHashSet<>();
    while (!pending.isEmpty()) {
      String name = pending.remove();
      if (seen.add(name) && isName(name)) {
        Coordinate coordinate = read(name, dimensions, coordinates.contains(name));
        if (coordinate != null && coordinate.dimensions().contains(channels)) {
          ofChannels.put(name, coordinate);
        } else if (coordinate != null) {
          byName.put(name, coordinate);
          pending.addAll(References.names(coordinate.attributes()));
        }
      }
    }
    groupAttributes.remove(References.COORDINATES);
    coordinates.retainAll(byName.keySet());
    coordinates.removeAll(dimensions);
    if (coordinates.isEmpty()) {
      attributes.remove(References.COORDINATES);
    } else {
      attributes.put(References.COORDINATES, String.join(" ", coordinates));
    }
    ObjectNode source = ChannelAttributes.extract(attributes);
    for (Coordinate coordinate : ChannelAttributes.coordinates(source, channels, count)) {
      ofChannels.putIfAbsent(coordinate.name(), coordinate);
    }
    return new Companions(
        attributes,
        groupAttributes,
        List.copyOf(byName.values()),
        List.copyOf(ofChannels.values()),
        channels,
        source,
        leftOut);
  }

  /** Returns whether a name can be that of an array of the group other than the feature array. */
  private boolean isName(String name) {
    return !name.isEmpty()
        && !name.contains("/")
        && !name.startsWith(".")
        && !name.equals(array.path());
  }

  /** Returns the array of a name; null if there is none, or if it does not apply to pixels. */
  private @Nullable Coordinate read(String name, List<String> dimensions, boolean coordinate)
      throws IOException {
    try {
      ZarrArray beside = ZarrNodes.values(array.store(), name);
      List<String> own = beside == null ? null : dimensionsOf(beside);
      if (beside == null
          || own == null
          || !sharesLengths(own, beside)
          || Set.copyOf(own).size() < own.size()
          || Arrays.stream(beside.shape()).anyMatch(length -> length == 0)) {
        return null;
      }
      if (!applies(name, own, dimensions, coordinate)) {
        return null;
      }
      ObjectNode attributes = FillAttribute.read(beside.metadata());
      if (isBoolean(name, beside)) {
        attributes.put("dtype", "bool"); // as xarray marks truth values that it stores as numbers
      }
      WholeArray whole = new WholeArray(beside, MAX_BYTES - heldBytes);
      byte[] values = whole.read();
      heldBytes += whole.heldBytes();
      List<Long> lengths = Arrays.stream(beside.shape()).boxed().toList();
      return new Coordinate(
          name, own, lengths, beside.metadata().value(), values, whole.texts(), attributes);
    } catch (InvalidInputException | ByteStore.TooLongException e) {
      if (!name.equals(channels)) { // most layers have no use for it
        leftOut.add(name + ": " + e.getMessage());
      }
      return null;
    }
  }

  /**
   * Returns whether an array is a coordinate of pixels, the coordinate of a dimension, a coordinate
   * of channels alone, or an array of the group without channels to which attributes refer.
   */
  private boolean applies(
      String name, List<String> own, List<String> dimensions, boolean coordinate) {
    if (dimensions.contains(name) || name.equals(channels)) {
      return own.equals(List.of(name));
    }
    if (own.contains(channels)) {
      return coordinate && own.equals(List.of(channels));
    }
    return !coordinate || dimensions.containsAll(own);
  }

  private boolean isBoolean(String name, ZarrArray beside) throws IOException {
    int version = beside.metadata().format();
    String key = ByteStore.join(name, version == 3 ? ZarrNodes.V3 : ZarrNodes.ARRAY);
    byte[] text = array.store().get(key);
    return text != null
        && JsonText.parse(text, ByteStore.join(array.store().uri(), key))
            .path(version == 3 ? "data_type" : "dtype")
            .asText()
            .matches("bool|\\|b1");
  }

  private static @Nullable List<String> dimensionsOf(ZarrArray beside) {
    return beside.shape().length == 0 ? List.of() : beside.dimensionNames();
  }

  private boolean sharesLengths(List<String> own, ZarrArray beside) {
    List<String> names = array.dimensionNames();
    if (names == null) {
      return own.isEmpty();
    }
    for (int d = 0; d < own.size(); d++) {
      int shared = names.indexOf(own.get(d));
      if (shared >= 0 && array.shape()[shared] != beside.shape()[d]) {
        return false;
      }
    }
    return true;
  }
}
