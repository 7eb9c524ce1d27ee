package org.pointwise;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Normalisation;
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.weights.WeightsRef;

/**
 * Describes an evaluation: measures how much of the features layers keep, and stored results of
 * them, on the same pixels. Immutable.
 *
 * @param input the features
 * @param layers the layers, in the order of the table; the decoder of a layer is used if its file
 *     contains one
 * @param output an output of a reduction of the input, whose stored results are measured, too; null
 *     for none
 * @param split the hold-out blocks to measure: {@code TEST} for the held-out ones, {@code TRAIN}
 *     for the others, or {@code ALL}. Null for {@code ALL} if the input is a part that is not the
 *     one that the layers were fitted on, else {@code TEST}
 * @param normalisation the normalisation of the reduction; any value except {@link
 *     Normalisation#NONE} is refused
 * @param labels classes for a linear probe; null for no probe
 * @param moments file of the moments of the pixels that the layer was fitted on; null for the file
 *     beside the weights or, if there is none, the moments of the blocks that are not held out
 * @param holdOut the fraction of the hold-out blocks to evaluate on; null for the value recorded in
 *     the weights, else 0.2
 * @param holdOutBlock rows and columns of a hold-out block; null for the value recorded in the
 *     weights, else 0: a block is the part of an image that one chunk holds
 * @param seed random seed of all random choices; null for the value recorded in the weights, else 1
 * @param training settings for training the probe, and the decoder if the layer has none
 * @param curve the largest number of channels at which the methods are compared: at 1, 2, 4, …
 * @param report {@code FILE.html}; {@code FILE.json} beside it contains all figures; null for a
 *     file beside the weights
 * @param page draws {@code FILE.html}; null to write {@code FILE.json} alone
 * @param overwrite whether to replace an already stored report
 * @param gates the minimum quality of the layer
 */
public record EvaluateSpec(
    InputSpec input,
    List<Layer> layers,
    @Nullable String output,
    @Nullable Part split,
    Normalisation normalisation,
    @Nullable LabelsSpec labels,
    @Nullable String moments,
    @Nullable Double holdOut,
    @Nullable Integer holdOutBlock,
    @Nullable Long seed,
    TrainingSpec training,
    int curve,
    @Nullable String report,
    @Nullable ReportPage page,
    boolean overwrite,
    QualityGates gates) {
  /**
   * @throws IllegalArgumentException if a number is outside its range, if a layer without a name is
   *     given twice, if the outputs are normalised, or if a gate needs labels that are not given
   */
  public EvaluateSpec {
    layers = List.copyOf(layers);
    if (layers.isEmpty() && output == null) {
      throw new IllegalArgumentException("Give --weights, --output, or both");
    }
    Set<String> names = new HashSet<>();
    for (Layer layer : layers) {
      if (layer.name() != null && !names.add(layer.name())) {
        throw new IllegalArgumentException(
            "Two layers are named '%s': give each another NAME=FILE".formatted(layer.name()));
      }
      if (layer.name() == null && Collections.frequency(layers, layer) > 1) {
        throw new IllegalArgumentException(
            "--weights %s is given more than once; give it once, or each as NAME=FILE"
                .formatted(layer.weights()));
      }
    }
    if (split == Part.ALL && (holdOut != null || holdOutBlock != null)) {
      throw new IllegalArgumentException(
          "--split all measures all hold-out blocks: leave out --test-size and --hold-out-block, or the split");
    }
    if (holdOut != null && !(holdOut > 0 && holdOut <= 1)) {
      throw new IllegalArgumentException("--test-size must be more than 0 and at most 1");
    }
    if (holdOutBlock != null) {
      PixelsSpec.requireBlock(holdOutBlock);
    }
    if (curve < 1) {
      throw new IllegalArgumentException("--curve must be at least 1");
    }
    if (gates.accuracy() != null && labels == null) {
      throw new IllegalArgumentException("--fail-below-accuracy needs --labels");
    }
    if (normalisation != Normalisation.NONE) {
      throw new IllegalArgumentException(
          "Cannot evaluate outputs normalised by %s: their lengths are lost; evaluate the layer without --normalise"
              .formatted(normalisation));
    }
  }

  /**
   * A layer to evaluate.
   *
   * @param name the name of its row in the table; null for the name of its file
   */
  public record Layer(@Nullable String name, WeightsRef weights) {}

  /** Default of {@link #curve}. */
  public static final int CURVE = 128;

  /**
   * Returns a builder for the evaluation of a layer on the blocks that its file records as held
   * out.
   *
   * @param weights {@code FILE[#NAME]}
   */
  public static Builder of(InputSpec input, String weights) {
    return new Builder(input).and(weights);
  }

  /**
   * Returns a builder for the evaluation of the stored results of a reduction.
   *
   * @param output the output of the reduction
   */
  public static Builder ofOutput(InputSpec input, String output) {
    return new Builder(input).output(output);
  }

  /** Builds a spec. Components that are not set have the defaults of the command line. */
  public static final class Builder {
    private @Nullable LabelsSpec labels;
    private @Nullable String moments;
    private @Nullable Double holdOut;
    private @Nullable Integer holdOutBlock;
    private @Nullable Long seed;
    private TrainingSpec training = TrainingSpec.STANDARD;
    private int curve = CURVE;
    private @Nullable String report;
    private @Nullable ReportPage page;
    private boolean overwrite;
    private QualityGates gates = QualityGates.NONE;
    private InputSpec input;
    private final List<Layer> layers = new ArrayList<>();
    private @Nullable String output;
    private @Nullable Part split;

    private Builder(InputSpec input) {
      this.input = input;
    }

    /**
     * Adds a layer to compare.
     *
     * @param weights {@code FILE[#NAME]}
     */
    public Builder and(String weights) {
      layers.add(new Layer(null, WeightsRef.parse(weights)));
      return this;
    }

    /** Sets the output of a reduction whose stored results are measured, too. */
    public Builder output(String reduced) {
      output = reduced;
      return this;
    }

    /** Sets the hold-out blocks to measure. */
    public Builder split(Part part) {
      split = part;
      return this;
    }

    /** Sets the classes for a linear probe. */
    public Builder labels(LabelsSpec classes) {
      labels = classes;
      return this;
    }

    /** Sets the file of the moments of the pixels that the layer was fitted on. */
    public Builder moments(String file) {
      moments = file;
      return this;
    }

    /** Sets the fraction of the hold-out blocks to evaluate on. */
    public Builder holdOut(double part) {
      holdOut = part;
      return this;
    }

    /** Sets the rows and columns of a hold-out block. */
    public Builder holdOutBlock(int side) {
      holdOutBlock = side;
      return this;
    }

    /** Sets the random seed of all random choices. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Sets how the probe is trained, and the decoder if the layer has none. */
    public Builder training(TrainingSpec settings) {
      training = settings;
      return this;
    }

    /** Sets the largest number of channels at which the methods are compared. */
    public Builder curve(int channels) {
      curve = channels;
      return this;
    }

    /** Sets the report, {@code FILE.html}; {@code FILE.json} is written beside it. */
    public Builder report(String file) {
      report = file;
      return this;
    }

    /** Sets what draws {@code FILE.html}. */
    public Builder page(ReportPage drawer) {
      page = drawer;
      return this;
    }

    /** Replaces an already stored report. */
    public Builder overwrite() {
      overwrite = true;
      return this;
    }

    /** Sets the minimum quality of the layer. */
    public Builder gates(QualityGates value) {
      gates = value;
      return this;
    }

    /** Returns the spec. */
    public EvaluateSpec build() {
      return new EvaluateSpec(
          input,
          layers,
          output,
          split,
          Normalisation.NONE,
          labels,
          moments,
          holdOut,
          holdOutBlock,
          seed,
          training,
          curve,
          report,
          page,
          overwrite,
          gates);
    }
  }
}
