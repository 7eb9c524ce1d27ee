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

/** Opens feature arrays of any format on the class path. */
public final class Formats {
  private static final List<FeatureFormat> ALL =
      ServiceLoader.load(FeatureFormat.class, FeatureFormat.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private Formats() {}

  /** Returns the inputs of all formats as a phrase for users. */
  public static String inputs() {
    return ALL.stream().map(FeatureFormat::inputs).collect(Collectors.joining(", or "));
  }

  /** Returns whether a file with this name may hold several arrays. */
  static boolean hasMembers(String name) {
    return ALL.stream().anyMatch(format -> format.hasMembers(name));
  }

  /**
   * Opens an array. Reads only its metadata.
   *
   * @param uri the path or URI of the array
   * @throws InvalidInputException if no format recognises the array
   */
  public static FeatureSource open(ByteStores stores, String uri, ReadOptions options) {
    Location location = new Location(stores, uri);
    try {
      return recognised(location).open(location, options);
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
  }

  /**
   * Opens features. Reads only their metadata. Chunks that are not stored are read as the fill
   * value.
   */
  public static FeatureSource open(
      ByteStores stores, String uri, @Nullable Axes axes, @Nullable String nodata) {
    return open(stores, uri, ReadOptions.features(axes, nodata));
  }

  /**
   * Opens an array with one value per pixel.
   *
   * @param axes null for the axes that the file names, or else those of the features
   * @param features the features to which the labels belong
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
   * Opens on an executor the array that was opened when the plan was made.
   *
   * @throws InvalidInputException if the array has changed since then
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
   * Returns the order of a folder of labels: the order of the feature files if every feature file
   * has a label file of the same name; else an empty list, so that both folders are read in the
   * order of their names.
   *
   * @throws InvalidInputException if only some names agree, or if the features are in another
   *     order, for example after images were appended
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

  /** Returns the exception for a store that fails. */
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
