package org.pointwise;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.weights.WeightsRef;

/**
 * Describes a layer F → F′ to learn, with its decoder F′ → F. Immutable.
 *
 * @param input the features; null if the layer is learned from moments
 * @param moments moments files to merge and learn from; empty if the layer is learned from an input
 * @param weights the file to write, {@code .safetensors}, {@code .npy} or {@code .onnx}
 * @param method how the layer is learned
 * @param channels F′; null if {@code keepVariance} or the labels determine it
 * @param keepVariance the fraction of the variance to keep, which determines the number of
 *     channels; null for 0.99 if {@code channels} is null
 * @param epsilon for {@link FitMethod#WHITEN}: a number added to each variance
 * @param standardise whether the channels are divided by their standard deviation before they are
 *     learned from, with the division folded into the layer; for {@link FitMethod#PCA}, {@link
 *     FitMethod#WHITEN} and {@link FitMethod#RANDOM}. The variance to keep, and the kept variance,
 *     are then those of the divided channels.
 * @param pixels the pixels to learn from
 * @param training settings for methods without a closed form
 * @param align an old layer towards which the new channels are rotated; null for none
 * @param savedMoments the file in which the moments are stored; null for a file beside the weights
 *     or, if one moments file is given, for none
 * @param overwrite whether to replace already stored files
 * @param gates the minimum quality of the layer
 */
public record FitSpec(
    @Nullable InputSpec input,
    List<String> moments,
    String weights,
    FitMethod method,
    @Nullable Integer channels,
    @Nullable Double keepVariance,
    double epsilon,
    boolean standardise,
    PixelsSpec pixels,
    TrainingSpec training,
    @Nullable WeightsRef align,
    @Nullable String savedMoments,
    boolean overwrite,
    QualityGates gates) {
  /**
   * @throws IllegalArgumentException if the components contradict each other
   */
  public FitSpec {
    moments = List.copyOf(moments);
    String problem = problem(input, moments, method, channels, keepVariance, pixels, gates);
    if (problem == null && align != null && (method == FitMethod.SELECT || method.trained())) {
      problem =
          "--align rotates the channels, but each channel of --method %s has a fixed meaning"
              .formatted(method);
    }
    if (problem == null && standardise && !method.standardises()) {
      problem =
          "--standardise goes with --method %s, not with %s"
              .formatted(standardisingMethods(), method);
    }
    if (problem == null && !(epsilon >= 0)) {
      problem = "--epsilon must be at least 0";
    }
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
  }

  private static String standardisingMethods() {
    return Arrays.stream(FitMethod.values())
        .filter(FitMethod::standardises)
        .map(FitMethod::toString)
        .collect(Collectors.joining(", "));
  }

  private static @Nullable String problem(
      @Nullable InputSpec input,
      List<String> moments,
      FitMethod method,
      @Nullable Integer channels,
      @Nullable Double keepVariance,
      PixelsSpec pixels,
      QualityGates gates) {
    if ((input == null) == moments.isEmpty()) {
      return moments.isEmpty()
          ? "Missing required parameter: give INPUT and WEIGHTS, or WEIGHTS and --moments"
          : "With --moments there is no INPUT: give WEIGHTS alone, before --moments";
    }
    if (channels != null && keepVariance != null) {
      return "--channels and --keep-variance contradict each other: give one of them";
    }
    if (keepVariance != null && !(keepVariance > 0 && keepVariance <= 1)) {
      return "--keep-variance must be more than 0 and at most 1";
    }
    if (channels != null && channels < 1) {
      return "--channels must be at least 1";
    }
    boolean countNeeded =
        method == FitMethod.SELECT || method == FitMethod.RANDOM || method == FitMethod.BOTTLENECK;
    if (countNeeded && channels == null) {
      return "--method %s needs --channels".formatted(method);
    }
    if (input != null && method.needsLabels() && pixels.labels() == null) {
      return "--method %s learns from classes: give --labels".formatted(method);
    }
    if (input == null && method.trained()) {
      return "--method %s learns from pixels, which --moments does not hold; give INPUT"
          .formatted(method);
    }
    boolean classes = method == FitMethod.SCORE || pixels.labels() != null;
    if (gates.accuracy() != null && !(method.trained() && classes)) {
      return "--fail-below-accuracy needs --method score, or bottleneck with --labels; pointwise evaluate measures it for any layer";
    }
    if (gates.variance() != null && method == FitMethod.BOTTLENECK && classes) {
      return "--fail-below-variance does not go with a bottleneck that predicts labels; pointwise evaluate measures it";
    }
    if (keepVariance != null && method != FitMethod.PCA && method != FitMethod.WHITEN) {
      return "--keep-variance needs --method pca or whiten";
    }
    return null;
  }

  /**
   * Returns a builder for a fit from an input.
   *
   * @param weights the file to write
   */
  public static Builder of(InputSpec input, String weights) {
    return new Builder(input, List.of(), weights);
  }

  /**
   * Returns a builder for a fit from moments files, which are merged.
   *
   * @param weights the file to write
   */
  public static Builder ofMoments(List<String> moments, String weights) {
    return new Builder(null, moments, weights);
  }

  /** Builds a spec. Components that are not set have the defaults of the command line. */
  public static final class Builder {
    private FitMethod method = FitMethod.PCA;
    private @Nullable Integer channels;
    private @Nullable Double keepVariance;
    private double epsilon;
    private boolean standardise;
    private PixelsSpec pixels = PixelsSpec.ALL;
    private TrainingSpec training = TrainingSpec.STANDARD;
    private @Nullable WeightsRef align;
    private @Nullable String savedMoments;
    private boolean overwrite;
    private QualityGates gates = QualityGates.NONE;
    private @Nullable InputSpec input;
    private List<String> moments;
    private String weights;

    private Builder(@Nullable InputSpec input, List<String> moments, String weights) {
      this.input = input;
      this.moments = moments;
      this.weights = weights;
    }

    /** Sets the method. */
    public Builder method(FitMethod value) {
      method = value;
      return this;
    }

    /** Sets F′. */
    public Builder channels(int count) {
      channels = count;
      return this;
    }

    /** Sets the fraction of the variance to keep, which determines F′. */
    public Builder keepVariance(double part) {
      keepVariance = part;
      return this;
    }

    /** Sets the number that {@link FitMethod#WHITEN} adds to each variance. */
    public Builder epsilon(double added) {
      epsilon = added;
      return this;
    }

    /** Divides the channels by their standard deviation before they are learned from. */
    public Builder standardise() {
      standardise = true;
      return this;
    }

    /** Sets the pixels to learn from. */
    public Builder pixels(PixelsSpec value) {
      pixels = value;
      return this;
    }

    /** Sets how methods without a closed form are trained. */
    public Builder training(TrainingSpec settings) {
      training = settings;
      return this;
    }

    /** Rotates the new channels towards those of an old layer, {@code FILE[#NAME]}. */
    public Builder align(String layer) {
      align = WeightsRef.parse(layer);
      return this;
    }

    /** Sets the file in which the moments are stored. */
    public Builder savedMoments(String file) {
      savedMoments = file;
      return this;
    }

    /** Replaces already stored files. */
    public Builder overwrite() {
      overwrite = true;
      return this;
    }

    /** Sets the minimum quality of the layer. */
    public Builder gates(QualityGates value) {
      gates = value;
      return this;
    }

    /**
     * Returns the spec.
     *
     * @throws IllegalArgumentException if the components contradict each other
     */
    public FitSpec build() {
      return new FitSpec(
          input,
          moments,
          weights,
          method,
          channels,
          keepVariance,
          epsilon,
          standardise,
          pixels,
          training,
          align,
          savedMoments,
          overwrite,
          gates);
    }
  }

  /** Returns the number of channels; 0 if none is given. */
  int count() {
    return channels == null ? 0 : channels;
  }

  double variance() {
    return keepVariance == null ? 0.99 : keepVariance;
  }
}
