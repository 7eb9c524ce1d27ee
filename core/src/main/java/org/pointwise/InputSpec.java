package org.pointwise;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.NumberText;

/**
 * Describes a feature array and how to read it. Immutable.
 *
 * @param uri path or URI of an array in a supported format; {@code FILE#NAME} for one of several
 *     arrays in a file
 * @param axes axes of the dimensions, slowest first; null for the axes that the input itself names
 * @param nodata the stored value that marks nodata, or {@code none}; null for the value that the
 *     input itself declares
 * @param scale the factor of stored values: a number, or an {@code .npy} file of one number for
 *     each channel; null for the scale that the input itself declares
 * @param offset the number that is added to each product, in the same form as {@code scale}
 * @param missing how a chunk that is not stored is interpreted
 * @param subset the part of the array to read
 * @param mask path or URI of an array of one number per pixel, without channels; where it is 0,
 *     pixels are nodata. It has the rows and columns of the whole array, and its images or none.
 *     Null for no mask
 */
public record InputSpec(
    String uri,
    @Nullable Axes axes,
    @Nullable String nodata,
    @Nullable String scale,
    @Nullable String offset,
    MissingChunks missing,
    SubsetSpec subset,
    @Nullable String mask) {
  private static final String VECTOR_ENDING = ".npy";

  /**
   * @throws IllegalArgumentException if the scale or the offset is neither a number nor the name of
   *     an {@code .npy} file
   */
  public InputSpec {
    requireScaling(scale);
    requireScaling(offset);
  }

  /**
   * Checks a scale or an offset by its text alone; reads no file. Null is accepted.
   *
   * @throws IllegalArgumentException if the text is neither a number nor the name of an {@code
   *     .npy} file
   */
  public static void requireScaling(@Nullable String text) {
    try {
      if (text != null && !isVector(text)) {
        NumberText.parseDouble(text);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'%s' is neither a number nor an .npy file of one number for each channel"
              .formatted(text),
          e);
    }
  }

  /** Returns the spec of an input that is read as its own metadata describes it. */
  public static InputSpec of(String uri) {
    return new InputSpec(uri, null, null, null, null, MissingChunks.FILL, SubsetSpec.ALL, null);
  }

  /**
   * Returns this spec with named axes.
   *
   * @param names for example {@code n,y,x,c}, slowest first
   */
  public InputSpec withAxes(String names) {
    return new InputSpec(uri, Axes.parse(names), nodata, scale, offset, missing, subset, mask);
  }

  /** Returns this spec with another nodata value, or {@code none}. */
  public InputSpec withNodata(String number) {
    return new InputSpec(uri, axes, number, scale, offset, missing, subset, mask);
  }

  /** Returns this spec with a scale and an offset, each a number or an {@code .npy} file. */
  public InputSpec withScaling(String otherScale, String otherOffset) {
    return new InputSpec(uri, axes, nodata, otherScale, otherOffset, missing, subset, mask);
  }

  /** Returns this spec with another interpretation of chunks that are not stored. */
  public InputSpec withMissing(MissingChunks meaning) {
    return new InputSpec(uri, axes, nodata, scale, offset, meaning, subset, mask);
  }

  /** Returns this spec for a part of the array. */
  public InputSpec withSubset(SubsetSpec part) {
    return new InputSpec(uri, axes, nodata, scale, offset, missing, part, mask);
  }

  /** Returns this spec with a mask. */
  public InputSpec withMask(String array) {
    return new InputSpec(uri, axes, nodata, scale, offset, missing, subset, array);
  }

  /** Returns whether a scale or an offset is the name of a file. */
  private static boolean isVector(String scaleOrOffset) {
    return scaleOrOffset.endsWith(VECTOR_ENDING);
  }

  /** Returns the files that are read besides the array, as given. */
  List<String> files() {
    return Stream.concat(
            Stream.of(scale, offset).filter(text -> text != null && isVector(text)),
            Stream.of(mask, subset.file()).filter(Objects::nonNull))
        .toList();
  }

  /**
   * Checks that the images of this input only grow in number.
   *
   * @throws InvalidInputException if a part of the images is given
   */
  void requireExtensible(String output) {
    if (subset.images() != null) {
      throw new InvalidInputException(
          "Cannot append to %s with --images: an append reads all images that the input has gained; leave out --images"
              .formatted(output));
    }
  }

  /** Opens the input. Reads its metadata, and the files of scale and offset, but no pixels. */
  public FeatureSource open(ByteStores stores) {
    return open(stores, List.of());
  }

  /**
   * Opens the input. Reads its metadata, and the files of scale and offset, but no pixels.
   *
   * @param imageNames files of an input folder that come first, in this order
   */
  FeatureSource open(ByteStores stores, List<String> imageNames) {
    return open(stores, imageNames, null);
  }

  /**
   * Opens the input in the same way.
   *
   * @param defaultAxes the axes if neither this spec nor the input names them; null if unknown
   */
  FeatureSource open(ByteStores stores, List<String> imageNames, @Nullable Axes defaultAxes) {
    FeatureSource whole =
        Formats.open(
            stores,
            uri,
            new ReadOptions(
                axes,
                defaultAxes,
                true,
                nodata,
                readNumbers(stores, scale),
                readNumbers(stores, offset),
                missing,
                imageNames));
    FeatureSource part = subset.of(whole, stores);
    return mask == null ? part : Formats.masked(stores, part, mask);
  }

  /** Returns the one given number, or the numbers of the given file. */
  private static double @Nullable [] readNumbers(ByteStores stores, @Nullable String text) {
    if (text == null) {
      return null;
    }
    if (!isVector(text)) {
      return new double[] {NumberText.parseDouble(text)};
    }
    String file = ByteStores.absolute(text);
    try {
      return NpyArray.vector(stores.open(ByteStores.parent(file)), ByteStores.name(file));
    } catch (IOException e) {
      throw Formats.unreadable(text, e);
    }
  }
}
