package org.pointwise.format;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.AxesExample;
import org.pointwise.tensor.ElementType;

/**
 * How a user wants an array read.
 *
 * @param axes names of its dimensions; null to take those that it names itself
 * @param otherwise names of its dimensions where neither the user nor the array names them; null to
 *     refuse it then
 * @param channels whether one of its dimensions has to be that of the channels
 * @param nodata the stored number that means "no data", or {@link Nodata#NONE}; null for the one
 *     that the array names
 * @param scale what stored numbers are multiplied by, one number or one a channel; null for what
 *     the array says
 * @param offset what is added to each product, likewise
 * @param missing what chunks that are not stored stand for
 * @param first of a folder of files, those that come first, in this order; the others follow by
 *     name
 */
public record ReadOptions(
    @Nullable Axes axes,
    @Nullable Axes otherwise,
    boolean channels,
    @Nullable String nodata,
    double @Nullable [] scale,
    double @Nullable [] offset,
    MissingChunks missing,
    List<String> first) {

  /** Of features; chunks that are not stored stand for the fill value. */
  public static ReadOptions features(@Nullable Axes axes, @Nullable String nodata) {
    return features(axes, nodata, List.of());
  }

  /** Of features; chunks that are not stored stand for the fill value. */
  public static ReadOptions features(
      @Nullable Axes axes, @Nullable String nodata, List<String> first) {
    return new ReadOptions(axes, null, true, nodata, null, null, MissingChunks.FILL, first);
  }

  /**
   * Of features that a reduction stored, as their numbers are.
   *
   * @param axes names of its dimensions where it does not name them itself
   */
  public static ReadOptions reduced(Axes axes) {
    return new ReadOptions(
        null, axes, true, Nodata.NONE, null, null, MissingChunks.FILL, List.of());
  }

  /**
   * Of labels, one value a pixel.
   *
   * @param like the axes of the features
   */
  static ReadOptions labels(@Nullable Axes axes, Axes like, List<String> first) {
    return new ReadOptions(
        axes, like.withoutChannels(), false, Nodata.NONE, null, null, MissingChunks.FILL, first);
  }

  /**
   * The axes of an array that names none itself.
   *
   * @param lengths of its dimensions
   * @throws InvalidInputException where the user names none either
   */
  public Axes requireAxes(String uri, String format, long[] lengths) {
    Axes named = axes != null ? axes : otherwise;
    if (named == null) {
      throw new InvalidInputException(
          "Cannot tell the axes of %s: its shape is %s and %s names no dimensions; name them, for example %s"
              .formatted(
                  uri, Arrays.toString(lengths), format, AxesExample.of(null, lengths.length)));
    }
    return named;
  }

  /**
   * What an array names itself, looked at only where the user names none.
   *
   * @param scales one number, or one a channel
   * @param offsets likewise
   */
  public record NamedScaling(Supplier<double[]> scales, Supplier<double[]> offsets) {
    /** Of an array that names none. */
    public static final NamedScaling NONE =
        new NamedScaling(() -> new double[] {1}, () -> new double[] {0});
  }

  /**
   * Scale and offset of features, and none of labels.
   *
   * @param own scale and offset that the array names
   * @param channels of the array
   * @param uri of the array, for messages
   * @throws InvalidInputException where there are neither one nor as many as channels, or float32
   *     does not hold them
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
      String what, double @Nullable [] given, Supplier<double[]> own, int channels, String uri) {
    double[] numbers = given == null ? own.get() : given;
    if (numbers.length != 1 && numbers.length != channels) {
      throw new InvalidInputException(
          "Cannot read %s: %s has %d numbers but the array %d channels; give one number, or one for each channel"
              .formatted(uri, what, numbers.length, channels));
    }
    for (double number : numbers) {
      float rounded = (float) number;
      if (!Float.isFinite(rounded) || (rounded == 0 && number != 0)) {
        throw new InvalidInputException(
            "Cannot read %s: %s holds %s, which is no float32 number; give finite numbers in its range"
                .formatted(uri, what, number));
      }
    }
    return numbers;
  }

  /**
   * What the numbers of an array stand for.
   *
   * @param own scale and offset that the array names
   * @param ignored the number for "no data" that the array names, or null
   * @param channels of the array
   * @param type of the array
   * @param uri of the array, for messages
   * @throws InvalidInputException as {@link #scaling} and {@link #nodata}
   */
  public Quantisation quantisation(
      NamedScaling own, @Nullable String ignored, int channels, ElementType type, String uri) {
    return new Quantisation(type, scaling(own, channels, uri), nodata(ignored, type, uri));
  }

  /**
   * The number that means "no data"; null where none does.
   *
   * @param own the one that the array names, or null
   * @param type of the array
   * @param uri of the array, for messages
   * @throws InvalidInputException when the type does not have the number
   */
  public @Nullable Nodata nodata(@Nullable String own, ElementType type, String uri) {
    String text = nodata != null ? nodata : own;
    return text == null || text.equalsIgnoreCase(Nodata.NONE)
        ? null
        : Nodata.parse(text, type, uri);
  }
}
