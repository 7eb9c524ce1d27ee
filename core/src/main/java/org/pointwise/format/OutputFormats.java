package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/** The output formats on the class path. */
public final class OutputFormats {
  private static final List<OutputFormat> ALL =
      ServiceLoader.load(OutputFormat.class, OutputFormat.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private OutputFormats() {}

  /** Returns the names of all output formats. */
  public static List<String> names() {
    return ALL.stream().map(OutputFormat::name).toList();
  }

  /** Returns the default format. */
  public static OutputFormat standard() {
    return ALL.stream().filter(OutputFormat::standard).findFirst().orElseGet(() -> ALL.get(0));
  }

  /**
   * Returns the format of an output for which the user names none.
   *
   * @param output the path or URI of the output
   */
  public static OutputFormat standard(String output) {
    String name = ByteStores.name(ByteStores.absolute(output));
    return ALL.stream()
        .filter(format -> format.recognisesName(name))
        .findFirst()
        .orElseGet(OutputFormats::standard);
  }

  /**
   * Returns the format with a name.
   *
   * @throws InvalidInputException if there is no such format
   */
  public static OutputFormat named(String name) {
    return ALL.stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "Cannot write the format '%s': it is none of %s"
                        .formatted(name, String.join(", ", names()))));
  }

  /** Returns a warning for an output that has the name of a file of another format. */
  public static List<String> nameWarnings(String output, OutputFormat format) {
    String named = Formats.ofName(ByteStores.name(ByteStores.absolute(output)));
    if (named == null || named.equals(format.name())) {
      return List.of();
    }
    String remedy =
        names().contains(named) ? "; --format %s stores such files".formatted(named) : "";
    return List.of(
        "%s has the name of a file of the format %s but is stored as %s%s"
            .formatted(output, named, format.name(), remedy));
  }

  /** Returns the names of the formats that store arrays instead of files. */
  public static List<String> ofArrays() {
    return ALL.stream().filter(format -> !format.perFile()).map(OutputFormat::name).toList();
  }

  /** Returns the names of the formats that store an array in one file for each of its files. */
  public static List<String> perFile(ArrayInfo input) {
    return ALL.stream()
        .filter(format -> format.perFile() && format.stores(input))
        .map(OutputFormat::name)
        .toList();
  }

  /** Returns all output formats. */
  public static List<OutputFormat> all() {
    return ALL;
  }

  /**
   * Returns what an output's own metadata records; null if there is no output or it has no
   * metadata. Metadata with a record is preferred to metadata of another format without one.
   */
  public static @Nullable RecordedOutput recorded(ByteStore store) throws IOException {
    RecordedOutput other = null;
    for (OutputFormat format : ALL) {
      RecordedOutput found = format.recorded(store);
      if (found != null && found.record() != null) {
        return found;
      }
      other = other == null ? found : other;
    }
    return other;
  }

  /**
   * Returns the versions of the libraries that determine the stored bytes of any format, by library
   * name.
   */
  public static Map<String, String> libraries() {
    Map<String, String> all = new TreeMap<>();
    ALL.forEach(format -> all.putAll(format.libraries()));
    return all;
  }
}
