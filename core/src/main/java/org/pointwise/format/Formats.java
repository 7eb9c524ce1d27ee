package org.pointwise.format;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.errors.Suggestion;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;

/** Opens feature arrays of any format on the class path. */
public final class Formats {
  /** Formats of this module first, whatever the order of the class path is. */
  private static final List<FeatureFormat> ALL =
      ServiceLoader.load(FeatureFormat.class, FeatureFormat.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .sorted(Comparator.comparing(format -> !isOwn(format)))
          .toList();

  private Formats() {}

  private static boolean isOwn(FeatureFormat format) {
    return format.getClass().getName().startsWith(Formats.class.getPackageName() + ".");
  }

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
   * Opens the labels of features: one number per pixel. They have the images, rows and columns of
   * the stored array, and the result those of its part that {@code features} is.
   *
   * @param axes null for the axes that the file names, or else those of the features
   * @throws InvalidInputException if the labels have other images, rows or columns
   */
  public static FeatureSource openLabels(
      ByteStores stores, String uri, @Nullable Axes axes, ArrayInfo features) {
    ArrayInfo whole = features.whole();
    FeatureSource labels = openPixels(stores, uri, axes, whole, "labels");
    PixelArrays.require("labels", labels.info(), whole, false);
    Subset subset = features.subset();
    return subset == null ? labels : SubsetSource.of(labels, subset.ofPixels());
  }

  private static FeatureSource openPixels(
      ByteStores stores, String uri, @Nullable Axes axes, ArrayInfo features, String kind) {
    Location location = new Location(stores, uri);
    try {
      FeatureFormat format = recognised(location);
      List<String> first =
          format.recognises(location) == Storage.IMAGES && features.storage() == Storage.IMAGES
              ? PixelArrays.order(location, features, kind)
              : List.of();
      return format.open(location, ReadOptions.pixels(axes, features.axes(), first));
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
  }

  /** Returns a part of an array; the array itself if the part is the whole array. */
  public static FeatureSource subset(FeatureSource source, Subset subset) {
    return subset.isWhole(source.info()) ? source : SubsetSource.of(source, subset);
  }

  /**
   * Returns an array whose pixels are nodata where a mask is 0. The mask has the rows and columns
   * of the stored array, and its images or none.
   *
   * @param uri the path or URI of the mask: one number per pixel
   * @throws InvalidInputException if the mask has other images, rows or columns
   */
  public static FeatureSource masked(ByteStores stores, FeatureSource source, String uri) {
    ArrayInfo whole = source.info().whole();
    FeatureSource mask = openPixels(stores, uri, null, whole, "mask");
    PixelArrays.require("mask", mask.info(), whole, true);
    Subset subset = source.info().subset();
    if (subset != null) {
      Subset pixels = subset.ofPixels();
      mask =
          subset(mask, mask.info().shape().n() < whole.shape().n() ? pixels.ofOneImage() : pixels);
    }
    return MaskedSource.of(source, mask);
  }

  /**
   * Returns the images of an array after images that are stored elsewhere and cannot be read.
   *
   * @param added the array
   * @param any whether the result has the array's images; if not, it has those before them alone
   * @param past number of images before them
   * @param pastFiles the files of these images if {@code added} is a folder of files
   * @param identity identifies the result
   */
  public static FeatureSource appended(
      FeatureSource added,
      boolean any,
      long past,
      List<ArrayInfo.ImageFile> pastFiles,
      String identity) {
    return AppendedSource.of(added, any, past, pastFiles, identity);
  }

  /**
   * Opens on an executor the array that was opened when the plan was made.
   *
   * @throws InvalidInputException if the array has changed since then
   */
  public static FeatureSource reopen(ByteStores stores, ArrayInfo info) throws IOException {
    if (info.view() instanceof ArrayView.Masked masked) {
      return MaskedSource.reopened(
          reopen(stores, masked.unmasked()), reopen(stores, masked.mask()), info);
    }
    if (info.view() instanceof ArrayView.Appended appended) {
      return AppendedSource.reopened(reopen(stores, appended.added()), info);
    }
    if (info.view() instanceof ArrayView.Part part) {
      return SubsetSource.reopened(reopen(stores, part.whole()), part.subset(), info);
    }
    return format(info).reopen(stores, info);
  }

  /**
   * As {@link #reopen}.
   *
   * @throws PointwiseException also if the store fails
   */
  public static FeatureSource reopened(ByteStores stores, ArrayInfo info) {
    try {
      return reopen(stores, info);
    } catch (IOException e) {
      throw failedOnWorker(info.uri(), e);
    }
  }

  /** Returns whether pixels of an array may be null as stored: {@link FeatureFormat#hasNulls}. */
  public static boolean hasNulls(ArrayInfo info) {
    return format(info).hasNulls();
  }

  private static FeatureFormat format(ArrayInfo info) {
    return ALL.stream()
        .filter(format -> format.name().equals(info.format()))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "Cannot read %s: no reader of the format %s is installed; give all machines the same jar"
                        .formatted(info.uri(), info.format())));
  }

  /** Returns the format of a file that its name alone identifies; null if there is none. */
  static @Nullable String ofName(String name) {
    return ALL.stream()
        .filter(format -> format.recognisesName(name))
        .findFirst()
        .map(FeatureFormat::name)
        .orElse(null);
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
                    ? "there is no such array; check the path" + similar(location)
                    : "it is a %s of no format that is read; give %s"
                        .formatted(file ? "file" : "folder", inputs())));
  }

  private static String similar(Location location) throws IOException {
    List<String> names = new ArrayList<>();
    for (FeatureFormat format : ALL) {
      names.addAll(format.namesBeside(location));
    }
    return Suggestion.of(location.name(), names);
  }

  /**
   * Returns the exception for a store that fails on a worker, although the plan could open the
   * array, for example because a token has expired: the same command continues later.
   */
  public static PointwiseException failedOnWorker(String uri, IOException e) {
    if (e instanceof AccessDeniedException || e instanceof FileNotFoundException) {
      return unreadable(uri, e);
    }
    return new IncompleteRunException(
        "Cannot read %s: %s (%s); remove the cause and run the same command again"
            .formatted(uri, e.getClass().getSimpleName(), e.getMessage()),
        e);
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
