package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.pointwise.format.Companions;
import org.pointwise.format.Coordinate;
import org.pointwise.format.OutputDescription;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.References;

/**
 * The coordinates of the channels of an output group, for arrays whose channels are channels of the
 * input. Arrays that share a dimension of channels have them only if their channels are the same
 * ones. Where the arrays have dimensions of their own, coordinates are named apart too: {@code
 * NAME_ARRAY}.
 */
final class ChosenChannels {
  private final Companions companions;
  private final Set<String> usedNames = new HashSet<>();

  /** By the name of the channels' dimension in the output. */
  private final Map<String, List<Coordinate>> byDimension = new LinkedHashMap<>();

  ChosenChannels(OutputDescription description) {
    this.companions = description.companions();
    companions.coordinates().forEach(coordinate -> usedNames.add(coordinate.name()));
    List<OutputTarget> arrays = description.arrays();
    for (OutputTarget array : arrays) {
      usedNames.add(array.name());
      usedNames.addAll(array.dimensionNames());
    }
    Set<String> dimensions = new TreeSet<>();
    arrays.forEach(array -> dimensions.add(array.channelDimension()));
    for (OutputTarget array : arrays) {
      String dimension = array.channelDimension();
      boolean same =
          arrays.stream()
              .filter(other -> other.channelDimension().equals(dimension))
              .allMatch(other -> array.chosen() != null && array.chosen().equals(other.chosen()));
      if (same && !byDimension.containsKey(dimension)) {
        byDimension.put(dimension, chosen(array, dimensions.size() > 1 ? "_" + array.name() : ""));
      }
    }
  }

  private List<Coordinate> chosen(OutputTarget array, String suffix) {
    List<Coordinate> chosen = new ArrayList<>();
    String dimension = array.channelDimension();
    for (Coordinate coordinate : companions.channels()) {
      boolean index = coordinate.name().equals(companions.dimension());
      String name = index ? dimension : coordinate.name() + suffix;
      if (array.chosen() != null && (index || usedNames.add(name))) {
        chosen.add(coordinate.chosen(array.chosen(), name, dimension));
      }
    }
    return chosen;
  }

  /** Returns the coordinates of all arrays. */
  List<Coordinate> coordinates() {
    return byDimension.values().stream().flatMap(List::stream).toList();
  }

  /** Adds the names of the coordinates of an array to its attribute {@code coordinates}. */
  void refer(ObjectNode attributes, OutputTarget array) {
    List<String> names = new ArrayList<>(References.names(attributes, References.COORDINATES));
    String dimension = array.channelDimension();
    for (Coordinate coordinate : byDimension.getOrDefault(dimension, List.of())) {
      if (!coordinate.name().equals(dimension)) {
        names.add(coordinate.name());
      }
    }
    if (!names.isEmpty()) {
      attributes.put(References.COORDINATES, String.join(" ", names));
    }
  }
}
