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
 * @param savedMoments where the moments are kept; null for beside the weights, or, where one file
 *     of moments is given, nowhere else
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
    QualityGates gates) {
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
      QualityGates gates) {
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
      return "--fail-below-accuracy goes with score, and bottleneck with --labels; pointwise evaluate measures it for any layer";
    }
    if (gates.variance() != null && method == FitMethod.BOTTLENECK && classes) {
      return "--fail-below-variance does not go with a bottleneck that predicts labels; pointwise evaluate measures it";
    }
    if (keepVariance != null && method != FitMethod.PCA && method != FitMethod.WHITEN) {
      return "--keep-variance goes with pca and whiten";
    }
    return null;
  }

  /**
   * From an input.
   *
   * @param weights the file to write
   */
  public static Builder of(InputSpec input, String weights) {
    return new Builder(input, List.of(), weights);
  }

  /**
   * From files of moments, merged.
   *
   * @param weights the file to write
   */
  public static Builder ofMoments(List<String> moments, String weights) {
    return new Builder(null, moments, weights);
  }

  /** Builds a spec; what is not set is as the command line has it. */
  public static final class Builder {
    private FitMethod method = FitMethod.PCA;
    private @Nullable Integer channels;
    private @Nullable Double keepVariance;
    private double epsilon;
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

    /** How it is learned. */
    public Builder method(FitMethod value) {
      method = value;
      return this;
    }

    /** F′. */
    public Builder channels(int count) {
      channels = count;
      return this;
    }

    /** As many channels as keep this part of the variance. */
    public Builder keepVariance(double part) {
      keepVariance = part;
      return this;
    }

    /** Of {@link FitMethod#WHITEN}: added to each variance. */
    public Builder epsilon(double added) {
      epsilon = added;
      return this;
    }

    /** Which pixels are learned from. */
    public Builder pixels(PixelsSpec some) {
      pixels = some;
      return this;
    }

    /** Of what has no closed form. */
    public Builder training(TrainingSpec settings) {
      training = settings;
      return this;
    }

    /** Turns the new channels towards those of an old layer, {@code FILE[#NAME]}. */
    public Builder align(String layer) {
      align = WeightsRef.parse(layer);
      return this;
    }

    /** Where the moments are kept. */
    public Builder savedMoments(String file) {
      savedMoments = file;
      return this;
    }

    /** Replaces files that are there. */
    public Builder overwrite() {
      overwrite = true;
      return this;
    }

    /** What the layer has to reach. */
    public Builder gates(QualityGates some) {
      gates = some;
      return this;
    }

    /**
     * The spec.
     *
     * @throws IllegalArgumentException where one part does not go with another
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
          pixels,
          training,
          align,
          savedMoments,
          overwrite,
          gates);
    }
  }

  /** The number of channels; 0 where none is given. */
  int count() {
    return channels == null ? 0 : channels;
  }

  double variance() {
    return keepVariance == null ? 0.99 : keepVariance;
  }
}
