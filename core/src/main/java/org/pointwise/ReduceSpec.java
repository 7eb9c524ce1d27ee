package org.pointwise;

import java.util.Arrays;
import java.util.List;
import org.pointwise.conv.Normalisation;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Conduct;
import org.pointwise.plan.Existing;
import org.pointwise.weights.WeightsRef;

/**
 * A reduction: y = act(W·x + b) at every pixel.
 *
 * @param input the feature array
 * @param layers one for each head, all applied in one pass
 * @param headNames names of the output's arrays; empty: {@code features} for one head, else from
 *     the weights
 * @param normalisation after the activation
 * @param output where and how to store it
 * @param existing what to do with an output that is there
 * @param checkedTiles tiles of the past that {@link Existing#APPEND} recomputes, to see that they
 *     did not change; 0 also leaves out the look at the times of change of all its objects
 * @param sync whether an object is on the disk before it gets its name
 * @param ignoreTimes whether an input of other times of change is taken for the one that an earlier
 *     run read
 * @param badInput what becomes of chunks that cannot be decoded
 */
public record ReduceSpec(
    InputSpec input,
    List<WeightsRef> layers,
    List<String> headNames,
    Normalisation normalisation,
    OutputSpec output,
    Existing existing,
    int checkedTiles,
    boolean sync,
    boolean ignoreTimes,
    BadInput badInput) {
  /** {@link #checkedTiles} where nothing else is chosen. */
  public static final int CHECKED_TILES = 16;

  /**
   * @throws IllegalArgumentException where one part does not go with another
   */
  public ReduceSpec {
    layers = List.copyOf(layers);
    headNames = List.copyOf(headNames);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("Missing required option: '--weights=FILE[#NAME]'");
    }
    if (!headNames.isEmpty() && headNames.size() != layers.size()) {
      throw new IllegalArgumentException(
          "--head-names has %d names but there are %d --weights"
              .formatted(headNames.size(), layers.size()));
    }
    if (checkedTiles < 0) {
      throw new IllegalArgumentException("--check-past must be at least 0");
    }
  }

  /**
   * A new reduction, or one that is continued.
   *
   * @param weights {@code FILE[#NAME]} of each head
   */
  public static ReduceSpec of(InputSpec input, OutputSpec output, String... weights) {
    return new ReduceSpec(
        input,
        Arrays.stream(weights).map(WeightsRef::parse).toList(),
        List.of(),
        Normalisation.NONE,
        output,
        Existing.CONTINUE,
        CHECKED_TILES,
        true,
        false,
        BadInput.FAIL);
  }

  /** The same with names for the heads. */
  public ReduceSpec withHeadNames(String... names) {
    return new ReduceSpec(
        input,
        layers,
        List.of(names),
        normalisation,
        output,
        existing,
        checkedTiles,
        sync,
        ignoreTimes,
        badInput);
  }

  /** The same with another normalisation of each pixel's outputs. */
  public ReduceSpec withNormalisation(Normalisation other) {
    return new ReduceSpec(
        input,
        layers,
        headNames,
        other,
        output,
        existing,
        checkedTiles,
        sync,
        ignoreTimes,
        badInput);
  }

  /** The same with another way of an output that is there. */
  public ReduceSpec withExisting(Existing other) {
    return new ReduceSpec(
        input,
        layers,
        headNames,
        normalisation,
        output,
        other,
        checkedTiles,
        sync,
        ignoreTimes,
        badInput);
  }

  /** The same with another way of chunks that cannot be decoded. */
  public ReduceSpec withBadInput(BadInput other) {
    return new ReduceSpec(
        input,
        layers,
        headNames,
        normalisation,
        output,
        existing,
        checkedTiles,
        sync,
        ignoreTimes,
        other);
  }

  boolean overwrites() {
    return existing == Existing.OVERWRITE || existing == Existing.OVERWRITE_NOW;
  }

  Conduct conduct() {
    ChangedInput changed =
        ignoreTimes
            ? ChangedInput.ACCEPT
            : overwrites() ? ChangedInput.RECOMPUTE : ChangedInput.REFUSE;
    return new Conduct(sync, changed, checkedTiles > 0, badInput);
  }
}
