package org.pointwise.format;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;

/** Opens feature arrays of any format that is on the class path. */
public final class Formats {
  private static final List<FeatureFormat> ALL =
      ServiceLoader.load(FeatureFormat.class, FeatureFormat.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private Formats() {}

  /** For people: what can be read. */
  public static String inputs() {
    return ALL.stream().map(FeatureFormat::inputs).collect(Collectors.joining(", or "));
  }

  /** Whether a file of such a name may hold several arrays. */
  static boolean hasMembers(String name) {
    return ALL.stream().anyMatch(format -> format.hasMembers(name));
  }

  /**
   * Opens by metadata alone.
   *
   * @param uri path or URI of what a format recognises
   * @throws InvalidInputException where none does
   */
  public static FeatureSource open(ByteStores stores, String uri, ReadOptions options) {
    Location location = new Location(stores, uri);
    try {
      return recognised(location).open(location, options);
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
  }

  /** Opens features by metadata alone; chunks that are not stored stand for the fill value. */
  public static FeatureSource open(
      ByteStores stores, String uri, @Nullable Axes axes, @Nullable String nodata) {
    return open(stores, uri, ReadOptions.features(axes, nodata));
  }

  /**
   * Opens an array of one value a pixel.
   *
   * @param axes null for those the file names, or else those of the features
   * @param features that the labels belong to
   */
  public static FeatureSource openLabels(
      ByteStores stores, String uri, @Nullable Axes axes, ArrayInfo features) {
    Location location = new Location(stores, uri);
    try {
      FeatureFormat format = recognised(location);
      List<String> first =
          format.recognises(location) == Storage.IMAGES && features.storage() == Storage.IMAGES
              ? labelOrder(location, features)
              : List.of();
      return format.open(location, ReadOptions.labels(axes, features.axes(), first));
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
  }

  /**
   * Opens on an executor what was opened when the plan was made.
   *
   * @throws InvalidInputException where it has changed since
   */
  public static FeatureSource reopen(ByteStores stores, ArrayInfo info) throws IOException {
    for (FeatureFormat format : ALL) {
      if (format.name().equals(info.format())) {
        return format.reopen(stores, info);
      }
    }
    throw new InvalidInputException(
        "Cannot read %s: nothing here reads the format %s; give all machines the same jar"
            .formatted(info.uri(), info.format()));
  }

  private static FeatureFormat recognised(Location location) throws IOException {
    for (FeatureFormat format : ALL) {
      if (format.recognisesName(location.name())
          && (location.isFile() || location.list().isEmpty())) {
        return format;
      }
    }
    for (FeatureFormat format : ALL) {
      if (format.recognises(location) != null) {
        return format;
      }
    }
    boolean file = location.isFile();
    throw new InvalidInputException(
        "Cannot read %s: %s"
            .formatted(
                location.uri(),
                !file && location.list().isEmpty()
                    ? "there is no such array; check the path"
                    : "it is a %s of no format that is read; give %s"
                        .formatted(file ? "file" : "folder", inputs())));
  }

  /**
   * The order of a folder of labels: that of the features' files where all of these have a file of
   * the same name there; else both are taken by name.
   *
   * @throws InvalidInputException where some names agree and others do not, or where the features
   *     are in another order, as after images were appended
   */
  private static List<String> labelOrder(Location labels, ArrayInfo features) throws IOException {
    List<String> names = features.imageNames();
    Set<String> there = new HashSet<>(labels.list());
    if (there.containsAll(names)) {
      return names;
    }
    boolean some = names.stream().anyMatch(there::contains);
    if (some || !names.equals(names.stream().sorted().toList())) {
      throw new InvalidInputException(
          "Cannot use labels %s: there is no %s for the image of that name in %s, %s; give the files of labels the names of their images"
              .formatted(
                  labels.uri(),
                  names.stream().filter(name -> !there.contains(name)).findFirst().orElse(""),
                  features.uri(),
                  some
                      ? "but there are some for others"
                      : "whose files are not in the order of their names since images were appended"));
    }
    return List.of();
  }

  /** What is said when a store fails. */
  public static InvalidInputException unreadable(String uri, IOException e) {
    String reason =
        e instanceof AccessDeniedException
            ? "permission denied"
            : e instanceof FileNotFoundException ? "not found" : e.getClass().getSimpleName();
    return new InvalidInputException(
        "Cannot read %s: %s (%s); check the path and your rights"
            .formatted(uri, reason, e.getMessage()),
        e);
  }
}
