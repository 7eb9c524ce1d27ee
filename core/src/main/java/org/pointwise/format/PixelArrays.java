package org.pointwise.format;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.FeatureShape;

/** Checks arrays of one number per pixel, such as labels and masks, against their features. */
final class PixelArrays {
  private PixelArrays() {}

  /**
   * Returns the order of a folder of such arrays: the order of the feature files if every feature
   * file has a file of the same name; else an empty list, so that both folders are read in the
   * order of their names.
   *
   * @param kind {@code labels} or {@code mask}, for messages
   * @throws InvalidInputException if only some names agree, or if the features are in another
   *     order, for example after images were appended
   */
  static List<String> order(Location pixels, ArrayInfo features, String kind) throws IOException {
    List<String> names = features.imageNames();
    Set<String> stored = new HashSet<>(pixels.list());
    if (stored.containsAll(names)) {
      return names;
    }
    boolean anyName = names.stream().anyMatch(stored::contains);
    if (anyName || !names.equals(names.stream().sorted().toList())) {
      throw new InvalidInputException(
          "Cannot use %s %s: there is no %s for the image of that name in %s, %s; give the files of %s the names of their images"
              .formatted(
                  kind,
                  pixels.uri(),
                  names.stream().filter(name -> !stored.contains(name)).findFirst().orElse(""),
                  features.uri(),
                  anyName
                      ? "but there are some for others"
                      : "whose files are not in the order of their names since images were appended",
                  kind));
    }
    return List.of();
  }

  /**
   * Requires one number for each pixel of the features.
   *
   * @param kind {@code labels} or {@code mask}, for messages
   * @param shared whether all images may share one image of numbers
   * @throws InvalidInputException if images, rows or columns differ
   */
  static void require(String kind, ArrayInfo pixelInfo, ArrayInfo features, boolean shared) {
    FeatureShape expectedShape = features.shape();
    FeatureShape actualShape = pixelInfo.shape();
    boolean sharedImage =
        shared && !pixelInfo.axes().has(Axis.N) && features.storage() != Storage.IMAGES;
    boolean compatible =
        (sharedImage || actualShape.n() == expectedShape.n())
            && actualShape.y() == expectedShape.y()
            && actualShape.x() == expectedShape.x();
    if (compatible && actualShape.c() != 1) {
      throw new InvalidInputException(
          "Cannot use %s %s: it has %d numbers per pixel; give an array with one, without channels"
              .formatted(kind, pixelInfo.uri(), actualShape.c()));
    }
    if (!compatible) {
      throw new InvalidInputException(
          "Cannot use %s %s: its shape is %s but that of %s is %s; give one number per pixel%s"
              .formatted(
                  kind,
                  pixelInfo.uri(),
                  text(actualShape),
                  features.uri(),
                  text(expectedShape),
                  kind.equals("labels") ? ", and --label-axes where the file names none" : ""));
    }
    if (pixelInfo.storage() != Storage.IMAGES && features.storage() != Storage.IMAGES) {
      return; // all images have the same size
    }
    for (int image = 0; image < expectedShape.n(); image++) {
      Box pixels = pixelInfo.image(image);
      Box expected = features.image(image);
      if (pixels.y() != expected.y() || pixels.x() != expected.x()) {
        throw new InvalidInputException(
            "Cannot use %s %s: image %d, %s, has %d×%d numbers but %d×%d pixels; give one number per pixel"
                .formatted(
                    kind,
                    pixelInfo.uri(),
                    image,
                    features.storage() == Storage.IMAGES
                        ? features.images().get(image).name()
                        : features.uri(),
                    pixels.y(),
                    pixels.x(),
                    expected.y(),
                    expected.x()));
      }
    }
  }

  private static String text(FeatureShape shape) {
    return "n=%d y=%d x=%d c=%d".formatted(shape.n(), shape.y(), shape.x(), shape.c());
  }
}
