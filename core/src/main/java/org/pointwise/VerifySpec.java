package org.pointwise;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.weights.WeightsRef;

/**
 * An output to verify: whether each of its objects is whole, and whether its numbers are those that
 * its layers make of its input.
 *
 * @param output of a reduction
 * @param deep read every byte, and not lengths and shard indexes alone
 * @param deleteCorrupt delete damaged and left-over objects and mark the output incomplete: a
 *     reduction then writes them again
 * @param continued go on with a verification that was stopped within a week: objects of arrays that
 *     it has looked at, and that have the same length and time of change, are not looked at again
 * @param against what to compare the numbers with; null to compare none
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
   * @param input null for the one that the run folder records
   * @param layers of the heads, in the order of the output's plan; empty for those that the run
   *     folder holds
   * @param tiles to recompute in float64, drawn at random
   * @param pixelsPerTile likewise
   * @param seed of the draw
   * @param ignoreTimes take an input of other times of change for the one that was read
   */
  public record Against(
      @Nullable InputSpec input,
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
      if (tiles < 1 || pixelsPerTile < 1) {
        throw new IllegalArgumentException("--tiles and --sample-pixels must be at least 1");
      }
    }

    /** All pixels of tiles of the recorded input, compared with what the recorded layers make. */
    public static Against recorded(int tiles) {
      return new Against(null, List.of(), tiles, Long.MAX_VALUE, 1, false);
    }

    /** Whether an input or layers are given: it is then an error where they cannot be compared. */
    boolean isGiven() {
      return input != null || !layers.isEmpty();
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
  public VerifySpec against(Against comparison) {
    return new VerifySpec(output, deep, deleteCorrupt, continued, comparison);
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
    Against comparison = new Against(input, layers, TILES, Long.MAX_VALUE, 1, false);
    return new VerifySpec(output, deep, deleteCorrupt, continued, comparison);
  }
}
