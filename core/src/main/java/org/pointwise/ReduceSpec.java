package org.pointwise;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Normalisation;
import org.pointwise.job.OutputGuard;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Existing;
import org.pointwise.plan.RunPolicy;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.WeightsRef;
import org.pointwise.work.RunFolder;

/**
 * Describes a reduction: y = act(W·x + b) at every pixel. Immutable.
 *
 * @param input the feature array
 * @param layers one layer for each head, all applied in one pass
 * @param headNames names of the output arrays; empty for {@code features} with one head, else for
 *     names from the weights
 * @param normalisation applied after the activation
 * @param output where and how to store the result
 * @param existing what to do with an already stored output
 * @param checkedTiles number of already stored tiles that {@link Existing#APPEND} recomputes, to
 *     check that they did not change; 0 checks neither the modification times of the input of the
 *     stored part nor the stored objects
 * @param sync whether an object is flushed to the disk before it gets its final name
 * @param ignoreTimes whether to accept an input whose objects have other modification times than a
 *     previous run recorded; other lengths are refused nevertheless
 * @param badInput what to do with input chunks that cannot be decoded
 * @param duplicates whether {@link Existing#APPEND_NEW} accepts images with the same pixels as
 *     others
 * @param dropUnfinished whether {@link Existing#APPEND_NEW} drops an unfinished append of another
 *     input
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
    BadInput badInput,
    boolean duplicates,
    boolean dropUnfinished) {
  /** Default of {@link #checkedTiles}. */
  public static final int CHECKED_TILES = 16;

  /**
   * @throws IllegalArgumentException if there is no layer, a layer without a name is given twice,
   *     the names do not match the layers or are not unique, or {@code checkedTiles} is negative
   */
  public ReduceSpec {
    layers = List.copyOf(layers);
    headNames = List.copyOf(headNames);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing required option: '--weights=FILE[#NAME]' or '--head=NAME=FILE[#NAME]'");
    }
    if (headNames.size() != layers.size()) {
      throw new IllegalArgumentException(
          "there are %d names of heads but %d layers".formatted(headNames.size(), layers.size()));
    }
    for (int i = 0; i < layers.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (headNames.get(i).isEmpty()
            && headNames.get(j).isEmpty()
            && layers.get(i).equals(layers.get(j))) {
          throw new IllegalArgumentException(
              "--weights %s is given more than once; give it once, or each as --head NAME=FILE"
                  .formatted(layers.get(i)));
        }
      }
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

  /** Returns a builder for a reduction of an input to an output. It requires at least one head. */
  public static Builder of(InputSpec input, OutputSpec output) {
    return new Builder(input, output);
  }

  /** Builds a spec. Components that are not set have the defaults of the command line. */
  public static final class Builder {
    private List<WeightsRef> layers = new ArrayList<>();
    private List<String> headNames = new ArrayList<>();
    private Normalisation normalisation = Normalisation.NONE;
    private Existing existing = Existing.CONTINUE;
    private int checkedTiles = CHECKED_TILES;
    private boolean sync = true;
    private boolean ignoreTimes;
    private BadInput badInput = BadInput.FAIL;
    private boolean duplicates;
    private boolean dropUnfinished;
    private InputSpec input;
    private OutputSpec output;

    private Builder(InputSpec input, OutputSpec output) {
      this.input = input;
      this.output = output;
    }

    /**
     * Adds a head: {@code FILE[#NAME]}. Its output array has the name {@code features} if it is the
     * only one, and else that of the layer.
     */
    public Builder head(String weights) {
      headNames.add("");
      layers.add(WeightsRef.parse(weights));
      return this;
    }

    /** Adds a head with the name of its output array. */
    public Builder head(String name, String weights) {
      headNames.add(name);
      layers.add(WeightsRef.parse(weights));
      return this;
    }

    /** Sets the normalisation after the activation. */
    public Builder normalisation(Normalisation value) {
      normalisation = value;
      return this;
    }

    /** Sets what to do with an already stored output. */
    public Builder existing(Existing value) {
      existing = value;
      return this;
    }

    /** Sets the number of already stored tiles that an append recomputes. */
    public Builder checkedTiles(int count) {
      checkedTiles = count;
      return this;
    }

    /** Does not flush an object to the disk before it gets its final name. */
    public Builder withoutSync() {
      sync = false;
      return this;
    }

    /**
     * Accepts an input whose objects have other modification times than a previous run recorded.
     */
    public Builder ignoreTimes() {
      ignoreTimes = true;
      return this;
    }

    /** Sets what to do with input chunks that cannot be decoded. */
    public Builder badInput(BadInput value) {
      badInput = value;
      return this;
    }

    /** Accepts new images with the same pixels as others. */
    public Builder allowDuplicates() {
      duplicates = true;
      return this;
    }

    /** Gives up an unfinished append of another input. */
    public Builder dropUnfinished() {
      dropUnfinished = true;
      return this;
    }

    /**
     * Returns the spec.
     *
     * @throws IllegalArgumentException if the components contradict each other
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
          badInput,
          duplicates,
          dropUnfinished);
    }
  }

  /**
   * Checks that the output is no input and lies in none.
   *
   * @param decoder file of a decoder that is read; null for none
   */
  void requireDisjoint(@Nullable String decoder, ByteStores stores) {
    OutputGuard guard = new OutputGuard(stores).reads(input.uri()).readsAll(input.files());
    for (WeightsRef layer : layers) {
      guard.reads(layer.uri()).reads(layer.bias());
    }
    String to = ByteStores.absolute(output.uri());
    guard.reads(decoder).writes(to).writes(RunFolder.uri(to)).requireDisjoint();
  }

  boolean overwrites() {
    return existing == Existing.OVERWRITE || existing == Existing.OVERWRITE_NOW;
  }

  RunPolicy policy() {
    // An append of new images recognises them by their pixels.
    boolean recognised = existing == Existing.APPEND_NEW;
    ChangedInput changed =
        ignoreTimes && !recognised
            ? ChangedInput.ACCEPT
            : overwrites() || recognised ? ChangedInput.RECOMPUTE : ChangedInput.REFUSE;
    return new RunPolicy(sync, changed, checkedTiles > 0, badInput);
  }
}
