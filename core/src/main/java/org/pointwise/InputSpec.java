package org.pointwise;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.NumberText;

/**
 * A feature array and how to read it.
 *
 * @param uri path or URI of what a format recognises, {@code FILE#NAME} where a file holds several
 * @param axes of its dimensions, slowest first; null for those that it names itself
 * @param nodata the stored number that means no data, or {@code none}; null for what it says itself
 * @param scale what stored numbers are multiplied by: a number, or an {@code .npy} file of one for
 *     each channel; null for what it says itself
 * @param offset what is added to each product, likewise
 * @param missing what a chunk that is not stored stands for
 */
public record InputSpec(
    String uri,
    @Nullable Axes axes,
    @Nullable String nodata,
    @Nullable String scale,
    @Nullable String offset,
    MissingChunks missing) {
  private static final String VECTOR_ENDING = ".npy";

  /**
   * @throws IllegalArgumentException where scale or offset is neither a number nor an {@code .npy}
   *     file
   */
  public InputSpec {
    requireScaling(scale);
    requireScaling(offset);
  }

  /**
   * Refuses what is no scale and no offset.
   *
   * @throws IllegalArgumentException where it is neither a number nor an {@code .npy} file
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

  /** Read as it describes itself. */
  public static InputSpec of(String uri) {
    return new InputSpec(uri, null, null, null, null, MissingChunks.FILL);
  }

  /**
   * The same with named axes.
   *
   * @param names such as {@code n,y,x,c}, slowest first
   */
  public InputSpec withAxes(String names) {
    return new InputSpec(uri, Axes.parse(names), nodata, scale, offset, missing);
  }

  /** The same with another number for no data, or {@code none}. */
  public InputSpec withNodata(String number) {
    return new InputSpec(uri, axes, number, scale, offset, missing);
  }

  /** The same with scale and offset, each a number or an {@code .npy} file. */
  public InputSpec withScaling(String otherScale, String otherOffset) {
    return new InputSpec(uri, axes, nodata, otherScale, otherOffset, missing);
  }

  /** The same with another meaning of chunks that are not stored. */
  public InputSpec withMissing(MissingChunks meaning) {
    return new InputSpec(uri, axes, nodata, scale, offset, meaning);
  }

  /** Whether a scale or an offset is the name of a file. */
  private static boolean isVector(String scaleOrOffset) {
    return scaleOrOffset.endsWith(VECTOR_ENDING);
  }

  /** The files that say how to read it. */
  List<String> files() {
    return Stream.of(scale, offset).filter(text -> text != null && isVector(text)).toList();
  }

  /** Opens it by metadata alone. */
  public FeatureSource open(ByteStores stores) {
    return open(stores, List.of());
  }

  /**
   * Opens it by metadata alone.
   *
   * @param known files of a folder that come first, in this order
   */
  FeatureSource open(ByteStores stores, List<String> known) {
    return Formats.open(
        stores,
        uri,
        new ReadOptions(
            axes,
            null,
            true,
            nodata,
            numbers(stores, scale),
            numbers(stores, offset),
            missing,
            known));
  }

  /** One number, or those of a file. */
  private static double @Nullable [] numbers(ByteStores stores, @Nullable String text) {
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
