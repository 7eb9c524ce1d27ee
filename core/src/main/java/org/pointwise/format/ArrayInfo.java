package org.pointwise.format;

import java.util.Arrays;
import java.util.List;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * What is known of a feature array from its metadata: everything that a plan needs of its input,
 * and by which an executor opens it again.
 *
 * @param format {@link FeatureFormat#name} of its format
 * @param uri absolute
 * @param description for people: {@code Zarr v3, sharded}
 * @param dimensionNames as stored, in the order of the axes; one-letter names where none are stored
 * @param shape the largest image where images differ
 * @param quantisation what its stored numbers stand for
 * @param missing what chunks that are not stored stand for
 * @param tile the box of pixels that is read at once: a chunk, or a part of a file
 * @param channelsPerChunk how many channels one chunk holds
 * @param codecs for people: {@code zstd level 1, crc32c}
 * @param images file name and size of each image where {@code storage} is {@link Storage#IMAGES};
 *     else empty
 * @param memory of one reader
 * @param identity hash that identifies the input: of its metadata, or of names and sizes
 */
public record ArrayInfo(
    String format,
    String uri,
    String description,
    Axes axes,
    List<String> dimensionNames,
    FeatureShape shape,
    Quantisation quantisation,
    MissingChunks missing,
    Extent tile,
    int channelsPerChunk,
    String codecs,
    Storage storage,
    List<ImageFile> images,
    ReadMemory memory,
    String identity) {

  /** An array in one file, of a format that stores all channels of a pixel in one cell. */
  public static ArrayInfo inFile(
      String format,
      String uri,
      String description,
      Axes axes,
      FeatureShape shape,
      Quantisation quantisation,
      Extent tile,
      String codecs,
      ReadMemory memory,
      String identity) {
    return new ArrayInfo(
        format,
        uri,
        description,
        axes,
        axes.order().stream().map(Axis::letter).toList(),
        shape,
        quantisation,
        MissingChunks.FILL,
        tile,
        shape.c(),
        codecs,
        Storage.FILE,
        List.of(),
        memory,
        identity);
  }

  /** Of the stored numbers. */
  public ElementType type() {
    return quantisation.type();
  }

  /**
   * What stored numbers and missing chunks stand for, for records, in the words of earlier builds;
   * scales as float32 numbers.
   */
  public String describeNumbers() {
    return "Dequantisation[%s, nodata=%s, missing=%s]"
        .formatted(quantisation.scaling(), quantisation.nodata(), missing);
  }

  /** The same with scales as they are applied, for fingerprints of plans. */
  public String describeExactNumbers() {
    Scaling scaling = quantisation.scaling();
    return type().exactAsFloat32() || scaling.isNone()
        ? describeNumbers()
        : describeNumbers() + " in float64: " + scaling.exact();
  }

  /** One file of a folder. */
  public record ImageFile(String name, long y, long x) {}

  /** Decoded bytes of all elements. */
  public long bytes() {
    return Math.multiplyExact(
        pixels(), Math.multiplyExact((long) shape.c(), (long) type().bytes()));
  }

  public long pixels() {
    return storage == Storage.IMAGES
        ? images.stream().mapToLong(image -> Math.multiplyExact(image.y(), image.x())).sum()
        : shape.pixels();
  }

  /** The pixels of image {@code n}. */
  public Box image(long n) {
    if (storage != Storage.IMAGES) {
      return new Box(n, n + 1, 0, shape.y(), 0, shape.x());
    }
    ImageFile image = images.get(Math.toIntExact(n));
    return new Box(n, n + 1, 0, image.y(), 0, image.x());
  }

  /** Names of the files of a folder, in the order of their images; else empty. */
  public List<String> imageNames() {
    return images.stream().map(ImageFile::name).toList();
  }

  /** Whether all images have one size, as an array needs. */
  public boolean uniform() {
    return images.stream().allMatch(image -> image.y() == shape.y() && image.x() == shape.x());
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
