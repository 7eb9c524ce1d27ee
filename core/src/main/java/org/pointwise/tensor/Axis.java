package org.pointwise.tensor;

import static java.util.stream.Collectors.joining;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An axis of a feature array. */
public enum Axis {
  /** Image, batch or time. */
  N,
  Y,
  X,
  /** Channel, band or embedding. */
  C;

  private static final Map<Axis, List<String>> NAMES =
      new EnumMap<>(
          Map.of(
              N, List.of("n", "image", "images", "batch", "sample", "t", "time"),
              Y, List.of("y", "row", "rows", "height", "h", "lat", "latitude", "northing"),
              X, List.of("x", "column", "columns", "width", "w", "lon", "longitude", "easting"),
              C,
                  List.of(
                      "c",
                      "channel",
                      "channels",
                      "band",
                      "bands",
                      "embedding",
                      "feature",
                      "features",
                      "f")));

  /** Prefix of a channel dimension's name where the dimension is one of several in a group. */
  public static final String CHANNEL_PREFIX = "channel_";

  /** Returns the axis that a dimension name commonly denotes; null if it denotes none. */
  public static @Nullable Axis ofDimensionName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.startsWith(CHANNEL_PREFIX)) {
      return C;
    }
    for (Map.Entry<Axis, List<String>> axis : NAMES.entrySet()) {
      if (axis.getValue().contains(lower)) {
        return axis.getKey();
      }
    }
    return null;
  }

  /** All names that stand for an axis, for messages. */
  public static String knownNames() {
    return NAMES.values().stream().map(names -> String.join(" ", names)).collect(joining("; "));
  }

  /** Returns the one-letter name used on the command line. */
  public String letter() {
    return name().toLowerCase(Locale.ROOT);
  }
}
