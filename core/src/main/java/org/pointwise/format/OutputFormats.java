package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;

/** The formats of outputs on the class path. */
public final class OutputFormats {
  private static final List<OutputFormat> ALL =
      ServiceLoader.load(OutputFormat.class, OutputFormat.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private OutputFormats() {}

  /** Their names. */
  public static List<String> names() {
    return ALL.stream().map(OutputFormat::name).toList();
  }

  /** Taken where the user names none. */
  public static OutputFormat standard() {
    return ALL.stream().filter(OutputFormat::standard).findFirst().orElseGet(() -> ALL.get(0));
  }

  /**
   * The format of that name.
   *
   * @throws InvalidInputException where there is none
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

  /** Names of those that store files, or arrays. */
  public static List<String> names(boolean perFile) {
    return ALL.stream()
        .filter(format -> format.perFile() == perFile)
        .map(OutputFormat::name)
        .toList();
  }

  /** What an output's own metadata records; null where nothing is there, or no metadata. */
  public static @Nullable RecordedOutput recorded(ByteStore store) throws IOException {
    for (OutputFormat format : ALL) {
      RecordedOutput found = format.recorded(store);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Versions of the libraries that determine what any of them stores, by name. */
  public static Map<String, String> libraries() {
    Map<String, String> all = new TreeMap<>();
    ALL.forEach(format -> all.putAll(format.libraries()));
    return all;
  }
}
