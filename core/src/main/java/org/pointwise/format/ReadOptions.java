package org.pointwise.format;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.tensor.Axes;

/**
 * How a user wants an array read.
 *
 * @param axes names of its dimensions; null to take those that it names itself
 * @param otherwise names of its dimensions where neither the user nor the array names them; null to
 *     refuse it then
 * @param channels whether one of its dimensions has to be that of the channels
 * @param nodata the stored number that means "no data", or {@link Nodata#NONE}; null for the one
 *     that the array names
 * @param missing what chunks that are not stored stand for
 * @param first of a folder of files, those that come first, in this order; the others follow by
 *     name
 */
public record ReadOptions(
    @Nullable Axes axes,
    @Nullable Axes otherwise,
    boolean channels,
    @Nullable String nodata,
    MissingChunks missing,
    List<String> first) {

  /** Of features; chunks that are not stored stand for the fill value. */
  public static ReadOptions features(@Nullable Axes axes, @Nullable String nodata) {
    return features(axes, nodata, MissingChunks.FILL, List.of());
  }

  /** Of features. */
  public static ReadOptions features(
      @Nullable Axes axes, @Nullable String nodata, MissingChunks missing, List<String> first) {
    return new ReadOptions(axes, null, true, nodata, missing, first);
  }

  /**
   * Of labels, one value a pixel.
   *
   * @param like the axes of the features
   */
  static ReadOptions labels(@Nullable Axes axes, Axes like, List<String> first) {
    return new ReadOptions(
        axes, like.withoutChannels(), false, Nodata.NONE, MissingChunks.FILL, first);
  }
}
