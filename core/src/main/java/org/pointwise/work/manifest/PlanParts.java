package org.pointwise.work.manifest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a reduction's lineage inputs by name, to describe for people how two plans differ.
 */
final class PlanParts {
  private static final String VERSION = "version of the output format";

  /** Parts that usually follow from others. */
  private static final Set<String> LAYOUT =
      Set.of("dimension names", "chunk n,y,x", "object n,y,x", "shards");

  /** Characters of a value that are shown, such as of the scales of many channels. */
  private static final int MAX_SHOWN = 200;

  private static final Pattern AXES = Pattern.compile("axes (\\S+) y (\\S+) x (\\S+) c (\\S+)");
  private static final Pattern NUMBERS =
      Pattern.compile(
          "dequantisation .*\\[scale=(.*), offset=(.*), nodata=(.*), missing=(\\w+)\\].*");
  private static final Pattern EXACT = Pattern.compile(".* in float64: scale=(.*), offset=(.*)");
  private static final Pattern ARRAYS =
      Pattern.compile(
          "output (\\S+) OutputArray\\[type=(.*), axes=(.*), dimensionNames=\\[(.*)\\],"
              + " chunk=(.*), shard=(.*), sharded=(.*)\\]");
  private static final Pattern FILES = Pattern.compile("output (\\S+) (.*?)(?: axes (\\S+))?");
  private static final Pattern STORED = Pattern.compile("overflow (\\S+) compression (.*)");

  /** Values by the name of the part. */
  private final Map<String, String> values = new LinkedHashMap<>();

  /** The parts of the lines of {@link org.pointwise.plan.ReducePlan#lineageInputs}. */
  PlanParts(List<String> lines) {
    for (String line : lines) {
      int space = line.indexOf(' ');
      String remaining = line.substring(space + 1);
      int last = remaining.lastIndexOf(' ');
      switch (line.substring(0, Math.max(0, space))) {
        case "pointwise" -> values.put(VERSION, remaining.substring(last + 1));
        case "input" -> {
          values.put("input", remaining.substring(0, Math.max(0, last)));
          values.put("element type of the input", remaining.substring(last + 1));
        }
        case "axes" -> put(line, AXES, "axes", "rows", "columns", "channels");
        case "dequantisation" -> {
          put(line, NUMBERS, "scale", "offset", "nodata", "missing chunks");
          if (line.contains(" in float64: ")) {
            put(line, EXACT, "scale", "offset");
          }
        }
        case "subset" -> values.put("part of the input", remaining);
        case "mask" -> values.put("mask", remaining.substring(0, Math.max(0, last)));
        case "head" ->
            values.put(
                "weights of " + remaining.substring(0, Math.max(0, last)),
                remaining.substring(last + 1));
        case "output" -> {
          if (line.contains("OutputArray[")) {
            put(
                line,
                ARRAYS,
                "format",
                "element type",
                "output axes",
                "dimension names",
                "chunk n,y,x",
                "object n,y,x",
                "shards");
          } else {
            put(line, FILES, "format", "element type", "output axes");
          }
        }
        case "overflow" -> put(line, STORED, "overflow", "compression");
        default -> values.put("plan", line);
      }
    }
  }

  private void put(String line, Pattern pattern, String... names) {
    Matcher matcher = pattern.matcher(line);
    if (!matcher.matches()) {
      values.put("plan", line);
      return;
    }
    for (int i = 0; i < names.length; i++) {
      if (matcher.group(i + 1) != null) {
        values.put(names[i], matcher.group(i + 1));
      }
    }
  }

  /**
   * Describes how these parts differ from those of another plan: each different part with both
   * values. Parts of the layout come last.
   */
  List<String> differences(PlanParts now) {
    if (differs(VERSION, now)) {
      return List.of(difference(VERSION, now)); // the others may have had other meanings
    }
    Set<String> names = new LinkedHashSet<>(now.values.keySet());
    names.addAll(values.keySet());
    List<String> others = new ArrayList<>();
    List<String> layout = new ArrayList<>();
    for (String name : names) {
      if (differs(name, now)) {
        (LAYOUT.contains(name) ? layout : others).add(difference(name, now));
      }
    }
    others.addAll(layout);
    return others;
  }

  private boolean differs(String name, PlanParts now) {
    return !text(name).equals(now.text(name));
  }

  private String difference(String name, PlanParts now) {
    return "%s %s, now %s".formatted(name, shown(name), now.shown(name));
  }

  private String text(String name) {
    String value = values.get(name);
    return value == null || value.equals("null") ? "none" : value;
  }

  private String shown(String name) {
    String text = text(name);
    return name.startsWith("weights of ") && !text.equals("none")
        ? "SHA-256 %.12s…".formatted(text)
        : text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
  }
}
