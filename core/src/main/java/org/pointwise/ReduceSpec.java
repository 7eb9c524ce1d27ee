package org.pointwise;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.pointwise.conv.Normalisation;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Existing;
import org.pointwise.plan.RunPolicy;
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
 *     did not change; 0 takes the past unseen, its own objects too
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
      throw new IllegalArgumentException("Missing required option: '--weights=FILE[#NAME]' or '--head=NAME=FILE[#NAME]'");
    }
    if (headNames.size() != layers.size()) {
      throw new IllegalArgumentException(
          "there are %d names of heads but %d layers".formatted(headNames.size(), layers.size()));
    }
    for (String name : headNames) {
      if (!name.isEmpty() && Collections.frequency(headNames, name) > 1) {
        throw new IllegalArgumentException(
            "--head %s= is given more than once; give each head its own name".formatted(name));
      }
    }
    if (checkedTiles < 0) {
      throw new IllegalArgumentException("--check-past must be at least 0");
    }
  }

  /** Of an input to an output; give at least one head. */
  public static Builder of(InputSpec input, OutputSpec output) {
    return new Builder(input, output);
  }

  /** Builds a spec; what is not set is as the command line has it. */
  public static final class Builder {
    private List<WeightsRef> layers = new ArrayList<>();
    private List<String> headNames = new ArrayList<>();
    private Normalisation normalisation = Normalisation.NONE;
    private Existing existing = Existing.CONTINUE;
    private int checkedTiles = CHECKED_TILES;
    private boolean sync = true;
    private boolean ignoreTimes;
    private BadInput badInput = BadInput.FAIL;
    private InputSpec input;
    private OutputSpec output;

    private Builder(InputSpec input, OutputSpec output) {
      this.input = input;
      this.output = output;
    }

    /** Adds a head: {@code FILE[#NAME]}. */
    public Builder head(String weights) {
      headNames.add("");
      layers.add(WeightsRef.parse(weights));
      return this;
    }

    /** Adds a head whose array has a name. */
    public Builder head(String name, String weights) {
      headNames.add(name);
      layers.add(WeightsRef.parse(weights));
      return this;
    }

    /** After the activation. */
    public Builder normalisation(Normalisation value) {
      normalisation = value;
      return this;
    }

    /** What to do with an output that is there. */
    public Builder existing(Existing value) {
      existing = value;
      return this;
    }

    /** Tiles of the past that an append recomputes. */
    public Builder checkedTiles(int count) {
      checkedTiles = count;
      return this;
    }

    /** Does not wait until an object is on the disk before it gets its name. */
    public Builder withoutSync() {
      sync = false;
      return this;
    }

    /** Takes an input of other times of change for the one that an earlier run read. */
    public Builder ignoreTimes() {
      ignoreTimes = true;
      return this;
    }

    /** What becomes of chunks that cannot be decoded. */
    public Builder badInput(BadInput value) {
      badInput = value;
      return this;
    }

    /**
     * The spec.
     *
     * @throws IllegalArgumentException where one part does not go with another
     */
    public ReduceSpec build() {
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
          badInput);
    }
  }

  boolean overwrites() {
    return existing == Existing.OVERWRITE || existing == Existing.OVERWRITE_NOW;
  }

  RunPolicy policy() {
    ChangedInput changed =
        ignoreTimes
            ? ChangedInput.ACCEPT
            : overwrites() ? ChangedInput.RECOMPUTE : ChangedInput.REFUSE;
    return new RunPolicy(sync, changed, checkedTiles > 0, badInput);
  }
}
