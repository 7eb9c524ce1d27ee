package org.pointwise.spark.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pointwise.InputSpec;
import org.pointwise.SubsetSpec;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.parquet.ParquetFormat;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.spark.SparkStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.IndexList;

/**
 * The options of a table. Those for reading have the names of the command line's, in camel case;
 * {@code --nodata} is {@code nodataValue}.
 *
 * @param labels path or URI of the labels; null for none
 * @param labelAxes the axes of the labels if their file does not name them
 * @param ignoredLabel the label of pixels that have none
 */
record SourceOptions(
    InputSpec input,
    RowKind rows,
    NodataRows nodata,
    @Nullable String labels,
    @Nullable Axes labelAxes,
    @Nullable Long ignoredLabel) {

  /** What one row holds. */
  enum RowKind {
    PIXELS,
    TILES
  }

  /** Whether there are rows of nodata. */
  enum NodataRows {
    DROP,
    KEEP
  }

  /**
   * Begins the names under which a catalogue passes the options of a table, beside its properties.
   */
  private static final String OF_CATALOGUE = "option.";

  /** The property by which a catalogue's properties are recognised. */
  private static final String PROVIDER = "provider";

  /** An option of the command line in a message. */
  private static final Pattern ARGUMENT = Pattern.compile("(?<![\\w-])--([a-z][a-z-]*)");

  /** The hyphen and the first letter of a further word in the name of an option. */
  private static final Pattern WORD = Pattern.compile("-([a-z])");

  private static final List<String> NAMES =
      List.of(
          "path",
          "column",
          "rows",
          "nodata",
          "nodataValue",
          "axes",
          "images",
          "bbox",
          "inputChannels",
          "mask",
          "scale",
          "offset",
          "missingChunks",
          "labels",
          "labelAxes",
          "ignoreLabel");

  /**
   * Parses options, whose names are in any case.
   *
   * @param given those of the table, with the properties of a catalogue
   * @param later those with which the table is read; they replace those of the table
   * @throws InvalidInputException if an option or its value is not known
   */
  static SourceOptions parse(Map<String, String> given, Map<String, String> later) {
    Map<String, String> options = options(given);
    options.putAll(later);
    List<String> unknown = new ArrayList<>(options.keySet());
    unknown.removeIf(name -> NAMES.stream().anyMatch(name::equalsIgnoreCase));
    if (unknown.contains("paths")) {
      throw new InvalidInputException(
          "Cannot read several paths with format pointwise; give one path to load, and join tables with union");
    }
    if (!unknown.isEmpty()) {
      throw new InvalidInputException(
          "Cannot use option %s of format pointwise: there is no such option; the options are %s"
              .formatted(unknown.get(0), String.join(", ", NAMES)));
    }
    String path = options.get("path");
    if (path == null || path.isBlank()) {
      throw new InvalidInputException(
          "Cannot read with format pointwise: there is no path; give the path of an array to load, or option path");
    }
    RowKind rows = choice("rows", options, RowKind.PIXELS);
    String labels = file(options.get("labels"));
    if (labels != null && rows == RowKind.TILES) {
      throw new InvalidInputException(
          "Cannot use option labels with rows tiles: a label belongs to one pixel; use rows pixels");
    }
    for (String name : List.of("labelAxes", "ignoreLabel")) {
      if (labels == null && options.containsKey(name)) {
        throw new InvalidInputException(
            "Cannot use option %s without labels; give option labels".formatted(name));
      }
    }
    String axes = options.get("axes");
    String column = options.get("column");
    String labelAxes = options.get("labelAxes");
    return new SourceOptions(
        new InputSpec(
            SparkStores.qualified(column == null ? path : ParquetFormat.uri(path, column)),
            axes == null ? null : Axes.parse(axes),
            options.get("nodataValue"),
            scaling("scale", options),
            scaling("offset", options),
            choice("missingChunks", options, MissingChunks.FILL),
            new SubsetSpec(
                images(options.get("images")), options.get("bbox"), options.get("inputChannels")),
            file(options.get("mask"))),
        rows,
        choice("nodata", options, NodataRows.DROP),
        labels,
        labelAxes == null ? null : Axes.parseLabels(labelAxes),
        ignored(options.get("ignoreLabel")));
  }

  /** Returns what the user gave: of a table of a catalogue, without its other properties. */
  private static Map<String, String> options(Map<String, String> given) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(given);
    Map<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    boolean ofCatalogue = all.containsKey(PROVIDER);
    all.forEach(
        (name, value) -> {
          boolean copy = name.toLowerCase(Locale.ROOT).startsWith(OF_CATALOGUE);
          if (copy) {
            options.put(name.substring(OF_CATALOGUE.length()), value);
          } else if (!ofCatalogue) {
            options.putIfAbsent(name, value);
          }
        });
    if (all.containsKey("path")) {
      options.put("path", all.get("path"));
    }
    options.remove("serialization.format"); // added by a metastore
    return options;
  }

  /** Returns a refusal in which options of the command line have the names of those of a table. */
  static InvalidInputException inTermsOfOptions(InvalidInputException refusal) {
    String message =
        ARGUMENT
            .matcher(String.valueOf(refusal.getMessage()))
            .replaceAll(
                argument -> {
                  String camel =
                      WORD.matcher(argument.group(1))
                          .replaceAll(word -> word.group(1).toUpperCase(Locale.ROOT));
                  String name = camel.equals("nodata") ? "nodataValue" : camel;
                  return NAMES.contains(name) ? "option " + name : argument.group();
                });
    return new InvalidInputException(message, refusal);
  }

  private static @Nullable String file(@Nullable String path) {
    return path == null ? null : SparkStores.qualified(path);
  }

  private static @Nullable String images(@Nullable String images) {
    return images == null || IndexList.matches(images) ? images : file(images);
  }

  private static @Nullable String scaling(String name, Map<String, String> options) {
    String text = options.get(name);
    try {
      InputSpec.requireScaling(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot use option %s of format pointwise: %s".formatted(name, e.getMessage()), e);
    }
    return text != null && text.endsWith(".npy") ? file(text) : text;
  }

  private static @Nullable Long ignored(@Nullable String text) {
    try {
      return text == null ? null : Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "Cannot use option ignoreLabel '%s': it is not a whole number".formatted(text), e);
    }
  }

  private static <E extends Enum<E>> E choice(
      String name, Map<String, String> options, E standard) {
    String text = options.get(name);
    if (text == null) {
      return standard;
    }
    E[] all = standard.getDeclaringClass().getEnumConstants();
    for (E value : all) {
      if (value.name().equalsIgnoreCase(text)) {
        return value;
      }
    }
    throw new InvalidInputException(
        "Cannot use option %s '%s': it is none of %s%s"
            .formatted(
                name,
                text,
                String.join(
                    ", ", Arrays.stream(all).map(e -> e.name().toLowerCase(Locale.ROOT)).toList()),
                standard instanceof NodataRows
                    ? "; the stored number that marks nodata is option nodataValue"
                    : ""));
  }
}
