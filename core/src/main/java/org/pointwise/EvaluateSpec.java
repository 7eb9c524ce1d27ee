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
 * @param report the page, {@code FILE.html}; {@code FILE.json} beside it has every number; null for
 *     beside the weights
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
    boolean overwrite,
    Gates gates) {
  /** {@link #curve} where nothing else is chosen. */
  public static final int CURVE = 128;

  /**
   * On the tiles that the weights record as held out, without a probe.
   *
   * @param weights {@code FILE[#NAME]}
   */
  public static EvaluateSpec of(InputSpec input, String weights) {
    return new EvaluateSpec(
        input,
        WeightsRef.parse(weights),
        Normalisation.NONE,
        null,
        null,
        null,
        null,
        null,
        TrainingSpec.STANDARD,
        CURVE,
        null,
        false,
        Gates.NONE);
  }

  /** With a linear probe for classes. */
  public EvaluateSpec withLabels(LabelsSpec classes) {
    return new EvaluateSpec(
        input,
        weights,
        normalisation,
        classes,
        moments,
        holdOut,
        holdOutBlock,
        seed,
        training,
        curve,
        report,
        overwrite,
        gates);
  }

  /** On another part of the tiles. */
  public EvaluateSpec withHoldOut(double part) {
    return new EvaluateSpec(
        input,
        weights,
        normalisation,
        labels,
        moments,
        part,
        holdOutBlock,
        seed,
        training,
        curve,
        report,
        overwrite,
        gates);
  }

  /** To another report. */
  public EvaluateSpec withReport(String page) {
    return new EvaluateSpec(
        input,
        weights,
        normalisation,
        labels,
        moments,
        holdOut,
        holdOutBlock,
        seed,
        training,
        curve,
        page,
        overwrite,
        gates);
  }

  /** Replaces a report that is there. */
  public EvaluateSpec overwriting() {
    return new EvaluateSpec(
        input,
        weights,
        normalisation,
        labels,
        moments,
        holdOut,
        holdOutBlock,
        seed,
        training,
        curve,
        report,
        true,
        gates);
  }
}
