package org.pointwise.tensor;

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

  private static final Map<String, Axis> BY_NAME =
      Map.ofEntries(
          Map.entry("n", N),
          Map.entry("image", N),
          Map.entry("images", N),
          Map.entry("batch", N),
          Map.entry("sample", N),
          Map.entry("t", N),
          Map.entry("time", N),
          Map.entry("y", Y),
          Map.entry("row", Y),
          Map.entry("rows", Y),
          Map.entry("height", Y),
          Map.entry("h", Y),
          Map.entry("lat", Y),
          Map.entry("latitude", Y),
          Map.entry("northing", Y),
          Map.entry("x", X),
          Map.entry("column", X),
          Map.entry("columns", X),
          Map.entry("width", X),
          Map.entry("w", X),
          Map.entry("lon", X),
          Map.entry("longitude", X),
          Map.entry("easting", X),
          Map.entry("c", C),
          Map.entry("channel", C),
          Map.entry("channels", C),
          Map.entry("band", C),
          Map.entry("bands", C),
          Map.entry("embedding", C),
          Map.entry("feature", C),
          Map.entry("features", C),
          Map.entry("f", C));

  /** Prefix of a channel dimension's name where the dimension is one of several in a group. */
  public static final String CHANNEL_PREFIX = "channel_";

  /** Returns the axis that a dimension name commonly denotes; null if it denotes none. */
  public static @Nullable Axis ofDimensionName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.startsWith(CHANNEL_PREFIX) ? C : BY_NAME.get(lower);
  }

  /** Returns the one-letter name used on the command line. */
  public String letter() {
    return name().toLowerCase(Locale.ROOT);
  }
}
