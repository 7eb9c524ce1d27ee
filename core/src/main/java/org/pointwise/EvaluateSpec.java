package org.pointwise;

import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Normalisation;
import org.pointwise.weights.WeightsRef;

/**
 * What a layer keeps of features, measured on tiles that were held out when it was fitted.
 *
 * @param input the features
 * @param weights the layer; its decoder is used where the file has one
 * @param normalisation as the reduction has it; other than none is refused
 * @param labels classes for a linear probe; null for no probe
 * @param moments of the pixels that the layer was fitted on; null for those beside the weights,
 *     else they are taken from the tiles that are not held out
 * @param holdOut the part of the tiles to evaluate on; null for as recorded in the weights, else
 *     0.2
 * @param holdOutBlock rows and columns of the blocks that are held out; null for as recorded in the
 *     weights, else 0: the parts of images that a chunk holds
 * @param seed of all that is drawn; null for as recorded in the weights, else 1
 * @param training of the probe, and of a decoder where the layer has none
 * @param curve the methods are compared at 1, 2, 4, … up to so many channels
 * @param report {@code FILE.html}; {@code FILE.json} beside it has every number; null for beside
 *     the weights
 * @param page draws {@code FILE.html}; null for {@code FILE.json} alone
 * @param overwrite replace a report that is there
 * @param gates what the layer has to reach
 */
public record EvaluateSpec(
    InputSpec input,
    WeightsRef weights,
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
  /** {@link #curve} where nothing else is chosen. */
  public static final int CURVE = 128;

  /**
   * Of a layer, on the tiles that its file records as held out.
   *
   * @param weights {@code FILE[#NAME]}
   */
  public static Builder of(InputSpec input, String weights) {
    return new Builder(input, WeightsRef.parse(weights));
  }

  /** Builds a spec; what is not set is as the command line has it. */
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
    private WeightsRef weights;

    private Builder(InputSpec input, WeightsRef weights) {
      this.input = input;
      this.weights = weights;
    }

    /** Classes for a linear probe. */
    public Builder labels(LabelsSpec classes) {
      labels = classes;
      return this;
    }

    /** Moments of the pixels that the layer was fitted on. */
    public Builder moments(String file) {
      moments = file;
      return this;
    }

    /** The part of the tiles to evaluate on. */
    public Builder holdOut(double part) {
      holdOut = part;
      return this;
    }

    /** Rows and columns of the blocks that are held out. */
    public Builder holdOutBlock(int side) {
      holdOutBlock = side;
      return this;
    }

    /** Of all that is drawn. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Of the probe, and of a decoder where the layer has none. */
    public Builder training(TrainingSpec settings) {
      training = settings;
      return this;
    }

    /** The methods are compared at up to so many channels. */
    public Builder curve(int channels) {
      curve = channels;
      return this;
    }

    /** {@code FILE.html}, beside which {@code FILE.json} is written. */
    public Builder report(String file) {
      report = file;
      return this;
    }

    /** Draws {@code FILE.html}. */
    public Builder page(ReportPage drawer) {
      page = drawer;
      return this;
    }

    /** Replaces a report that is there. */
    public Builder overwrite() {
      overwrite = true;
      return this;
    }

    /** What the layer has to reach. */
    public Builder gates(QualityGates some) {
      gates = some;
      return this;
    }

    /** The spec. */
    public EvaluateSpec build() {
      return new EvaluateSpec(
          input,
          weights,
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
