package org.pointwise.format;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
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
          "Cannot tell the axes of %s: its shape is %s and %s names no dimensions; name them, for example --axes %s"
              .formatted(
                  uri,
                  Arrays.toString(lengths),
                  format,
                  lengths.length == 3 ? "y,x,c" : "n,y,x,c"));
    }
    return named;
  }

  /**
   * Scale and offset of features, and none of labels.
   *
   * @param own those that the array names
   * @param channels of the array
   * @param uri of the array, for messages
   * @throws InvalidInputException where there are neither one nor as many as channels
   */
  public Scaling scaling(Scaling own, int channels, String uri) {
    if (!channels()) {
      return Scaling.NONE;
    }
    return Scaling.of(
        checked("--scale", scale, own.scales(), channels, uri),
        checked("--offset", offset, own.offsets(), channels, uri));
  }

  private static double[] checked(
      String option, double @Nullable [] given, double[] own, int channels, String uri) {
    double[] numbers = given == null ? own : given;
    if (numbers.length != 1 && numbers.length != channels) {
      throw new InvalidInputException(
          "Cannot read %s: %s has %d numbers but the array %d channels; give one number, or one for each channel"
              .formatted(
                  uri, given == null ? "its scale or offset" : option, numbers.length, channels));
    }
    for (double number : numbers) {
      if (given != null && !Float.isFinite((float) number)) {
        throw new InvalidInputException(
            "Cannot read %s: %s holds %s; give finite numbers".formatted(uri, option, number));
      }
    }
    return numbers;
  }

  /**
   * What the numbers of an array mean that stores all of its cells.
   *
   * @param scaling that the array names
   * @param ignored the number for "no data" that the array names, or null
   * @param channels of the array
   * @param type of the array
   * @param uri of the array, for messages
   * @throws InvalidInputException as {@link #scaling} and {@link #nodata}
   */
  public Dequantisation dequantisation(
      Scaling scaling, @Nullable String ignored, int channels, ElementType type, String uri) {
    return new Dequantisation(
        scaling(scaling, channels, uri), nodata(ignored, type, uri), MissingChunks.FILL);
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
