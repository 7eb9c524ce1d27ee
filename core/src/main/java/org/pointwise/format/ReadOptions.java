package org.pointwise.format;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.AxesExample;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementType;

/**
 * The options of a user for reading an array.
 *
 * @param axes the names of the dimensions; null to use the names that the array stores
 * @param defaultAxes the names of the dimensions if neither the user nor the array names them; null
 *     to reject such an array
 * @param channels whether one of the dimensions must be the channels
 * @param nodata the stored number that marks nodata, or {@link Nodata#NONE}; null to use the number
 *     that the array names
 * @param scale the factors of the stored numbers, one number or one per channel; null to use those
 *     that the array names
 * @param offset the numbers added to the products, one number or one per channel; null to use those
 *     that the array names
 * @param missing the meaning of chunks that are not stored
 * @param first for a folder of files, the files that come first, in this order; the others follow
 *     in the order of their names
 */
public record ReadOptions(
    @Nullable Axes axes,
    @Nullable Axes defaultAxes,
    boolean channels,
    @Nullable String nodata,
    double @Nullable [] scale,
    double @Nullable [] offset,
    MissingChunks missing,
    List<String> first) {

  /** Returns the options for features. Chunks that are not stored are read as the fill value. */
  public static ReadOptions features(@Nullable Axes axes, @Nullable String nodata) {
    return features(axes, nodata, List.of());
  }

  /** Returns the options for features. Chunks that are not stored are read as the fill value. */
  public static ReadOptions features(
      @Nullable Axes axes, @Nullable String nodata, List<String> first) {
    return new ReadOptions(axes, null, true, nodata, null, null, MissingChunks.FILL, first);
  }

  /**
   * Returns the options for features that a reduction stored. The numbers are read as they are.
   *
   * @param axes the names of the dimensions if the array does not name them itself
   */
  public static ReadOptions reduced(Axes axes) {
    return new ReadOptions(
        null, axes, true, Nodata.NONE, null, null, MissingChunks.FILL, List.of());
  }

  /** Returns these options for a folder of files, of which some come first, in this order. */
  public ReadOptions withFirst(List<String> files) {
    return new ReadOptions(axes, defaultAxes, channels, nodata, scale, offset, missing, files);
  }

  /**
   * Returns the options for an array of one number per pixel, such as labels.
   *
   * @param features the axes of the features
   */
  static ReadOptions pixels(@Nullable Axes axes, Axes features, List<String> first) {
    return new ReadOptions(
        axes,
        features.withoutChannels(),
        false,
        Nodata.NONE,
        null,
        null,
        MissingChunks.FILL,
        first);
  }

  /**
   * Returns the axes of an array that names none itself.
   *
   * @param lengths the lengths of its dimensions
   * @throws InvalidInputException if the user names no axes either
   */
  public Axes requireAxes(String uri, String format, long[] lengths) {
    Axes named = axes != null ? axes : defaultAxes(lengths.length);
    if (named == null) {
      throw new InvalidInputException(
          "Cannot determine the axes of %s: its shape is %s and %s names no dimensions; name them, for example %s"
              .formatted(
                  uri, Arrays.toString(lengths), format, AxesExample.of(null, lengths.length)));
    }
    return named;
  }

  /**
   * Returns the axes of an array of this rank if neither the user nor the array names them; null if
   * there are none. An array of one number per pixel may lack the images, if there are several.
   */
  public @Nullable Axes defaultAxes(int rank) {
    return !channels
            && defaultAxes != null
            && rank > 0
            && rank == defaultAxes.rank() - 1
            && defaultAxes.has(Axis.N)
        ? new Axes(defaultAxes.order().stream().filter(axis -> axis != Axis.N).toList())
        : defaultAxes;
  }

  /**
   * The scale and offset that an array names. They are read only if the user gives none.
   *
   * @param scales one number, or one per channel
   * @param offsets one number, or one per channel
   */
  public record NamedScaling(Supplier<double[]> scales, Supplier<double[]> offsets) {
    /** The value for an array that names none. */
    public static final NamedScaling NONE =
        new NamedScaling(() -> new double[] {1}, () -> new double[] {0});
  }

  /**
   * Returns the scale and offset of features, or {@link Scaling#NONE} for labels.
   *
   * @param own the scale and offset that the array names
   * @param channels the number of channels of the array
   * @param uri the URI of the array, for messages
   * @throws InvalidInputException if there are neither one number nor as many as channels, or if a
   *     number is outside the range of float32
   */
  public Scaling scaling(NamedScaling own, int channels, String uri) {
    if (!channels()) {
      return Scaling.NONE;
    }
    return Scaling.of(
        checked(scale == null ? "its scale" : "--scale", scale, own.scales(), channels, uri),
        checked(offset == null ? "its offset" : "--offset", offset, own.offsets(), channels, uri));
  }

  private static double[] checked(
      String name, double @Nullable [] given, Supplier<double[]> stored, int channels, String uri) {
    double[] numbers = given == null ? stored.get() : given;
    if (numbers.length != 1 && numbers.length != channels) {
      throw new InvalidInputException(
          "Cannot read %s: %s has %s but the array %s; give one number, or one for each channel"
              .formatted(
                  uri, name, Count.of(numbers.length, "number"), Count.of(channels, "channel")));
    }
    for (double number : numbers) {
      float rounded = (float) number;
      if (!Float.isFinite(rounded) || (rounded == 0 && number != 0)) {
        throw new InvalidInputException(
            "Cannot read %s: %s holds %s, which is no float32 number; give finite numbers in its range"
                .formatted(uri, name, number));
      }
    }
    return numbers;
  }

  /**
   * Returns the quantisation of an array, which describes the meaning of its numbers.
   *
   * @param own the scale and offset that the array names
   * @param ignored the nodata number that the array names, or null
   * @param channels the number of channels of the array
   * @param type the element type of the array
   * @param uri the URI of the array, for messages
   * @throws InvalidInputException under the conditions of {@link #scaling} and {@link #nodata}
   */
  public Quantisation quantisation(
      NamedScaling own, @Nullable String ignored, int channels, ElementType type, String uri) {
    return new Quantisation(type, scaling(own, channels, uri), nodata(ignored, type, uri));
  }

  /**
   * Returns the number that marks nodata; null if there is none.
   *
   * @param own the number that the array names, or null
   * @param type the element type of the array
   * @param uri the URI of the array, for messages
   * @throws InvalidInputException if the type cannot represent the number
   */
  public @Nullable Nodata nodata(@Nullable String own, ElementType type, String uri) {
    String text = nodata != null ? nodata : own;
    return text == null || text.equalsIgnoreCase(Nodata.NONE)
        ? null
        : Nodata.parse(text, type, uri);
  }
}
