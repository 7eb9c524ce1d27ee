package org.pointwise;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.weights.WeightsRef;

/**
 * Describes a verification: checks whether each object of an output is whole and, if an input is
 * given, whether the values are correct. Immutable.
 *
 * @param output path or URI of the output of a reduction
 * @param deep whether to read every byte, not only lengths and shard indexes
 * @param deleteCorrupt whether to delete damaged and left-over objects and to mark the output
 *     incomplete, so that a reduction writes them again
 * @param continued whether to continue a verification that was stopped within the last week:
 *     objects of arrays that it has already checked, and that have the same length and modification
 *     time, are not checked again
 * @param against the input and layers to compare the values with; null to compare nothing
 */
public record VerifySpec(
    String output,
    boolean deep,
    boolean deleteCorrupt,
    boolean continued,
    @Nullable Against against) {
  /** Default of {@link Against#tiles}. */
  public static final int TILES = 64;

  /**
   * The input and layers from which an output was made. Immutable.
   *
   * @param input the features
   * @param layers the layers of the heads, in the order of the output's plan
   * @param tiles number of tiles to recompute in float64, chosen at random
   * @param pixelsPerTile number of pixels to recompute in each of them, chosen at random
   * @param seed random seed of both choices
   * @param ignoreTimes whether to accept an input whose objects have other modification times than
   *     were recorded; other lengths are refused nevertheless
   */
  public record Against(
      InputSpec input,
      List<WeightsRef> layers,
      int tiles,
      long pixelsPerTile,
      long seed,
      boolean ignoreTimes) {
    /**
     * @throws IllegalArgumentException if there is no layer, or no tile or pixel to recompute
     */
    public Against {
      layers = List.copyOf(layers);
      if (layers.isEmpty()) {
        throw new IllegalArgumentException(
            "--against and --weights go together: give both or neither");
      }
      if (tiles < 1 || pixelsPerTile < 1) {
        throw new IllegalArgumentException("--sample and --sample-pixels must be at least 1");
      }
    }
  }

  /** Returns the spec of a verification of lengths and shard indexes. */
  public static VerifySpec of(String output) {
    return new VerifySpec(output, false, false, false, null);
  }

  /**
   * Returns this spec with deletion of damaged and left-over objects, so that a reduction writes
   * them again.
   */
  public VerifySpec deletingCorrupt() {
    return new VerifySpec(output, deep, true, continued, against);
  }

  /** Returns this spec with continuation of a stopped verification. */
  public VerifySpec continuing() {
    return new VerifySpec(output, deep, deleteCorrupt, true, against);
  }

  /** Returns this spec with a comparison of the values. */
  public VerifySpec against(Against made) {
    return new VerifySpec(output, deep, deleteCorrupt, continued, made);
  }

  /** Returns this spec with reading of every byte. */
  public VerifySpec deeply() {
    return new VerifySpec(output, true, deleteCorrupt, continued, against);
  }

  /**
   * Returns this spec with a comparison of all pixels of {@link #TILES} tiles, with random seed 1.
   *
   * @param weights {@code FILE[#NAME]} of each head, in the order of the output's plan
   */
  public VerifySpec against(InputSpec input, String... weights) {
    List<WeightsRef> layers = Arrays.stream(weights).map(WeightsRef::parse).toList();
    Against made = new Against(input, layers, TILES, Long.MAX_VALUE, 1, false);
    return new VerifySpec(output, deep, deleteCorrupt, continued, made);
  }
}
