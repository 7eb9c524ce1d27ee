package org.pointwise;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.weights.WeightsRef;

/**
 * A layer F → F′ to learn, with its decoder F′ → F.
 *
 * @param input the features; null where it is learned from moments
 * @param moments files of moments to merge and learn from; empty where it is learned from an input
 * @param weights the file to write, {@code .safetensors}, {@code .npy} or {@code .onnx}
 * @param channels F′; null where it follows from {@code keepVariance}, or from the labels
 * @param keepVariance as many channels as keep this part of the variance; null for 0.99, where
 *     there are no {@code channels}
 * @param epsilon of {@link FitMethod#WHITEN}: added to each variance
 * @param pixels which are learned from
 * @param training of what has no closed form
 * @param align an old layer towards which the new channels are turned; null for none
 * @param savedMoments where the moments are kept; null for beside the weights
 * @param overwrite replace files that are there
 * @param gates what the layer has to reach
 */
public record FitSpec(
    @Nullable InputSpec input,
    List<String> moments,
    String weights,
    FitMethod method,
    @Nullable Integer channels,
    @Nullable Double keepVariance,
    double epsilon,
    PixelsSpec pixels,
    TrainingSpec training,
    @Nullable WeightsRef align,
    @Nullable String savedMoments,
    boolean overwrite,
    Gates gates) {
  /**
   * @throws IllegalArgumentException where one part does not go with another
   */
  public FitSpec {
    moments = List.copyOf(moments);
    String problem = problem(input, moments, method, channels, keepVariance, pixels, gates);
    if (problem == null && align != null && (method == FitMethod.SELECT || method.trained())) {
      problem = "--align turns channels, but those of %s have a meaning each".formatted(method);
    }
    if (problem == null && !(epsilon >= 0)) {
      problem = "--epsilon is at least 0";
    }
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
  }

  private static @Nullable String problem(
      @Nullable InputSpec input,
      List<String> moments,
      FitMethod method,
      @Nullable Integer channels,
      @Nullable Double keepVariance,
      PixelsSpec pixels,
      Gates gates) {
    if ((input == null) == moments.isEmpty()) {
      return moments.isEmpty()
          ? "Missing required parameter: give INPUT and WEIGHTS, or WEIGHTS and --moments"
          : "With --moments there is no INPUT: give WEIGHTS alone, before --moments";
    }
    if (channels != null && keepVariance != null) {
      return "--channels and --keep-variance exclude each other";
    }
    if (keepVariance != null && !(keepVariance > 0 && keepVariance <= 1)) {
      return "--keep-variance is more than 0 and at most 1";
    }
    boolean countNeeded =
        method == FitMethod.SELECT || method == FitMethod.RANDOM || method == FitMethod.BOTTLENECK;
    if (countNeeded && channels == null) {
      return "--method %s needs --channels".formatted(method);
    }
    if (input == null && method.trained()) {
      return "--method %s learns from pixels, which --moments does not hold; give INPUT"
          .formatted(method);
    }
    boolean classes = method == FitMethod.SCORE || pixels.labels() != null;
    if (gates.accuracy() != null && !(method.trained() && classes)) {
      return "--min-accuracy goes with score, and bottleneck with --labels; pointwise evaluate measures it for any layer";
    }
    if (gates.variance() != null && method == FitMethod.BOTTLENECK && classes) {
      return "--min-variance does not go with a bottleneck that predicts labels; pointwise evaluate measures it";
    }
    if (keepVariance != null && method != FitMethod.PCA && method != FitMethod.WHITEN) {
      return "--keep-variance goes with pca and whiten";
    }
    return null;
  }

  /** Principal components of all pixels, as many as asked for. */
  public static FitSpec pca(InputSpec input, String weights, int channels) {
    return new FitSpec(
        input,
        List.of(),
        weights,
        FitMethod.PCA,
        channels,
        null,
        0,
        PixelsSpec.ALL,
        TrainingSpec.STANDARD,
        null,
        null,
        false,
        Gates.NONE);
  }

  /** By another method. */
  public FitSpec withMethod(FitMethod other) {
    return new FitSpec(
        input,
        moments,
        weights,
        other,
        channels,
        keepVariance,
        epsilon,
        pixels,
        training,
        align,
        savedMoments,
        overwrite,
        gates);
  }

  /** Of other pixels. */
  public FitSpec withPixels(PixelsSpec others) {
    return new FitSpec(
        input,
        moments,
        weights,
        method,
        channels,
        keepVariance,
        epsilon,
        others,
        training,
        align,
        savedMoments,
        overwrite,
        gates);
  }

  /** With other settings of the training. */
  public FitSpec withTraining(TrainingSpec other) {
    return new FitSpec(
        input,
        moments,
        weights,
        method,
        channels,
        keepVariance,
        epsilon,
        pixels,
        other,
        align,
        savedMoments,
        overwrite,
        gates);
  }

  /** Replaces files that are there. */
  public FitSpec overwriting() {
    return new FitSpec(
        input,
        moments,
        weights,
        method,
        channels,
        keepVariance,
        epsilon,
        pixels,
        training,
        align,
        savedMoments,
        true,
        gates);
  }

  /** The number of channels; for messages and defaults. */
  int count() {
    return channels == null ? 0 : channels;
  }

  double variance() {
    return keepVariance == null ? 0.99 : keepVariance;
  }
}
