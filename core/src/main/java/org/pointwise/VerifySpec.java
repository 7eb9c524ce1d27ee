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
  /** {@link Against#tiles} where nothing else is chosen. */
  public static final int TILES = 64;

  /**
   * What an output was made of.
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
     * @throws IllegalArgumentException where one part does not go with another
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

  /** Of lengths and shard indexes. */
  public static VerifySpec of(String output) {
    return new VerifySpec(output, false, false, false, null);
  }

  /** Deletes what is damaged or left over, so that a reduction writes it again. */
  public VerifySpec deletingCorrupt() {
    return new VerifySpec(output, deep, true, continued, against);
  }

  /** Goes on with a verification that was stopped. */
  public VerifySpec continuing() {
    return new VerifySpec(output, deep, deleteCorrupt, true, against);
  }

  /** Compares the numbers, too. */
  public VerifySpec against(Against made) {
    return new VerifySpec(output, deep, deleteCorrupt, continued, made);
  }

  /** Reads every byte. */
  public VerifySpec deeply() {
    return new VerifySpec(output, true, deleteCorrupt, continued, against);
  }

  /**
   * Compares all pixels of 64 tiles, too.
   *
   * @param weights {@code FILE[#NAME]} of each head
   */
  public VerifySpec against(InputSpec input, String... weights) {
    List<WeightsRef> layers = Arrays.stream(weights).map(WeightsRef::parse).toList();
    Against made = new Against(input, layers, TILES, Long.MAX_VALUE, 1, false);
    return new VerifySpec(output, deep, deleteCorrupt, continued, made);
  }
}
