package org.pointwise.tensor;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;

/**
 * What a feature array says of itself: everything a plan needs to know of its input.
 *
 * @param container what kind of files hold it
 * @param uri absolute
 * @param format for people: {@code Zarr v3, sharded}
 * @param dimensionNames as stored, in the order of the axes; one-letter names where none are stored
 * @param shape the largest image where images differ ({@code images} is not null)
 * @param cell the box of pixels that is read at once: a chunk, or a part of a file
 * @param channelsPerChunk how many channels one chunk holds
 * @param codecs for people: {@code zstd level 1, crc32c}
 * @param images file name and size of each image, where the input is a folder of files; else null
 * @param identity hash that identifies the input: of its metadata, or of names and sizes
 */
public record ArrayInfo(
    Container container,
    String uri,
    String format,
    Axes axes,
    List<String> dimensionNames,
    FeatureShape shape,
    ElementType type,
    Extent cell,
    int channelsPerChunk,
    String codecs,
    @Nullable List<ImageFile> images,
    String identity) {

  /** The file formats that hold feature arrays. */
  public enum Container {
    ZARR,
    NPY
  }

  /** One file of a folder. */
  public record ImageFile(String name, long y, long x) {}

  /** Decoded bytes of all elements. */
  public long bytes() {
    return Math.multiplyExact(pixels(), Math.multiplyExact((long) shape.c(), (long) type.bytes()));
  }

  public long pixels() {
    if (images == null) {
      return shape.pixels();
    }
    return images.stream().mapToLong(image -> Math.multiplyExact(image.y(), image.x())).sum();
  }

  /** Whether all images have one size, as an array needs. */
  public boolean uniform() {
    return images == null
        || images.stream().allMatch(image -> image.y() == shape.y() && image.x() == shape.x());
  }

  /**
   * The shape of an array whose dimensions are {@code axes}.
   *
   * @throws InvalidInputException when the axes do not fit the dimensions, or one is empty
   */
  public static FeatureShape shape(String uri, long[] dimensions, Axes axes) {
    if (axes.rank() != dimensions.length) {
      throw new InvalidInputException(
          "Cannot read %s: it has %d dimensions %s but the axes %s name %d; give one axis each with --axes"
              .formatted(uri, dimensions.length, Arrays.toString(dimensions), axes, axes.rank()));
    }
    for (long length : dimensions) {
      if (length < 1) {
        throw new InvalidInputException(
            "Cannot read %s: its shape %s has no elements"
                .formatted(uri, Arrays.toString(dimensions)));
      }
    }
    long channels = axes.length(Axis.C, dimensions);
    if (channels > 1 << 20) {
      throw new InvalidInputException(
          "Cannot read %s: %d channels on dimension %d; at most 1048576 are supported, check --axes"
              .formatted(uri, channels, axes.indexOf(Axis.C)));
    }
    try {
      FeatureShape shape =
          new FeatureShape(
              axes.length(Axis.N, dimensions),
              axes.length(Axis.Y, dimensions),
              axes.length(Axis.X, dimensions),
              (int) channels);
      Math.multiplyExact(shape.pixels(), 8 * channels);
      return shape;
    } catch (ArithmeticException e) {
      throw new InvalidInputException(
          "Cannot read %s: its shape %s overflows 64 bits"
              .formatted(uri, Arrays.toString(dimensions)),
          e);
    }
  }
}
