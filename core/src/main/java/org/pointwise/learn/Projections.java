package org.pointwise.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;

/**
 * The methods that need only moments. All methods are affine; the mean is folded into the bias, so
 * that the mean pixel maps to 0. Except in a random projection, the weight of largest magnitude in
 * a row is positive, and the rows are in descending order of what they preserve, so that the first
 * F″ of F′ channels are the best F″ of their method. The decoder is always {@link
 * LinearDecoder#leastSquares} on the same pixels, so that the variance that the methods preserve
 * can be compared.
 *
 * <p>Two different pixels suffice. Principal components and discriminants are at most as many as
 * the numerical rank of the pixels.
 */
public final class Projections {
  private final FeatureMoments moments;
  private final NumericalRank ranked;
  private final Moments all;
  private final int channels;
  private final double[] units;
  private final boolean standardised;
  private final List<String> warnings = new ArrayList<>();

  /**
   * @throws InvalidInputException when there are no pixels or all pixels are the same
   */
  public Projections(FeatureMoments moments) {
    this(moments, rankOf(moments));
  }

  /**
   * @param ranked the rank of the moments
   * @throws InvalidInputException when all pixels are the same
   */
  Projections(FeatureMoments moments, NumericalRank ranked) {
    this.moments = moments;
    this.ranked = ranked;
    this.all = ranked.moments();
    this.channels = moments.channels();
    this.units = new double[channels];
    this.standardised = false;
    Arrays.fill(units, 1);
    if (ranked.rank() == 0) {
      throw new InvalidInputException(
          "Cannot learn a layer: %s; at least two different pixels are needed; check the input or use more data"
              .formatted(all.count() == 1 ? "there is one pixel" : allTheSame(all.count())));
    }
    warnOfConstants();
  }

  private static NumericalRank rankOf(FeatureMoments moments) {
    Moments all = moments.overall();
    if (all.count() == 0) {
      throw new InvalidInputException(
          "Cannot learn a layer: none of the pixels can be used (%d are nodata or missing, %d not finite); check the input, --nodata and --sample"
              .formatted(moments.masked(), moments.nonFinitePixels()));
    }
    return NumericalRank.of(all, moments.isInFloat64());
  }

  private Projections(Projections of) {
    this.moments = of.moments;
    this.ranked = of.ranked;
    this.all = of.all;
    this.channels = of.channels;
    this.units = ranked.deviations().clone();
    this.standardised = true;
    for (int c = 0; c < channels; c++) {
      units[c] = units[c] > 0 ? units[c] : 1;
    }
    warnings.addAll(of.warnings);
  }

  /**
   * Returns the methods for standardised channels: each channel is divided by its standard
   * deviation, and a constant channel by 1, as scikit-learn's StandardScaler does. The division is
   * folded into the layer, which reads and whose decoder returns channels in their own units. Only
   * {@link #pca}, {@link #whiten} and {@link #random} differ. Their explained variance is that of
   * the standardised channels, and the signs of components are those of the weights before the
   * division.
   */
  public Projections standardised() {
    return new Projections(this);
  }

  private static String allTheSame(long pixels) {
    return "all %d pixels are the same".formatted(pixels);
  }

  private void warnOfConstants() {
    double[] deviations = ranked.deviations();
    long constant = Arrays.stream(deviations).filter(deviation -> deviation == 0).count();
    long zero =
        IntStream.range(0, channels)
            .filter(c -> deviations[c] == 0 && moments.max()[c] == 0)
            .count();
    if (constant > 0) {
      warnings.add(
          "%d of %s %s constant, %d of them zero: without variance to keep"
              .formatted(
                  constant, Count.of(channels, "channel"), constant == 1 ? "is" : "are", zero));
    }
  }

  /**
   * The number of channels to produce.
   *
   * @param channels null to preserve a part of the variance
   * @param variance the part to preserve, 0 … 1
   */
  public record Target(@Nullable Integer channels, double variance) {}

  static int requireAtMost(int requested, int max, String reason) {
    if (requested < 1 || requested > max) {
      throw new InvalidInputException(
          "Cannot make %d channels: %s allow 1 … %d; choose --channels in that range"
              .formatted(requested, reason, max));
    }
    return requested;
  }

  /**
   * Returns the numerical rank of the pixels: the number of channels that determine the others. It
   * is at most the number of pixels less one. Scaling the channels does not change it.
   */
  public int rank() {
    return ranked.rank();
  }

  /** Returns the part of the variance that each principal component holds, descending. */
  public double[] scree() {
    double[] values = LinearAlgebra.symmetric(all.covarianceMatrix(), channels, 0).values();
    double total = all.totalVariance();
    return Arrays.stream(values).map(value -> Math.max(0, value) / total).toArray();
  }

  /**
   * Learns principal components: the leading eigenvectors of the covariance.
   *
   * @throws InvalidInputException when more components are wanted than the rank
   */
  public LearnedLayer pca(Target target) {
    PrincipalComponents components = components(target, ranked);
    return layer("pca", centred(components.rows()), components.values(), ranked);
  }

  /** Learns at most {@code max} principal components, fewer where the rank is less. */
  public LearnedLayer leading(int max) {
    PrincipalComponents components =
        PrincipalComponents.of(ranked, units, (values, rank) -> Math.min(max, rank));
    return layer("pca", centred(components.rows()), components.values(), ranked);
  }

  /**
   * Learns principal components scaled to unit variance: ÷ √(variance + epsilon). The variance is
   * Σ(x − mean)² ÷ n; scikit-learn's PCA divides by n − 1.
   *
   * @throws InvalidInputException when more components are wanted than the rank that float32 shows:
   *     layers compute in float32, and would scale its rounding errors to unit variance
   */
  public LearnedLayer whiten(Target target, double epsilon) {
    NumericalRank computable = moments.isInFloat64() ? NumericalRank.of(moments.overall()) : ranked;
    PrincipalComponents components = components(target, computable);
    return layer("whiten", centred(components.whitened(epsilon)), components.values(), computable);
  }

  private PrincipalComponents components(Target target, NumericalRank within) {
    Integer requested = target.channels();
    if (requested != null) {
      requireAtMost(requested, channels, channels + " channels");
    }
    return PrincipalComponents.of(
        within,
        units,
        (values, rank) -> {
          if (requested != null) {
            return requireRank(requested, rank);
          }
          double total = Arrays.stream(values).sum();
          double kept = values[0];
          int count = 1;
          while (count < rank && kept < target.variance() * total) {
            kept += values[count++];
          }
          return count;
        });
  }

  private int requireRank(int requested, int rank) {
    if (requested > rank) {
      throw new InvalidInputException(
          "Cannot make %d channels: %d pixels of %d channels have rank %d; choose --channels 1 … %d%s"
              .formatted(
                  requested,
                  all.count(),
                  channels,
                  rank,
                  rank,
                  all.count() <= channels ? ", or learn from more pixels" : ""));
    }
    return requested;
  }

  /**
   * Learns Fisher's linear discriminants: the directions with the largest scatter between the class
   * means relative to the scatter within classes; at most one fewer than classes.
   *
   * @throws InvalidInputException when there are no labels, a class is empty, there is no scatter
   *     within classes or between them, or more discriminants are wanted than there are
   */
  public LearnedLayer lda(@Nullable Integer requested) {
    LinearDiscriminants discriminants = LinearDiscriminants.of(moments, requested, warnings);
    LearnedLayer learned = layer("lda", centred(discriminants.rows()), null, ranked);
    learned.metadata().put("rankWithinClasses", String.valueOf(discriminants.rankWithin()));
    return learned;
  }

  /**
   * Selects the channels of largest variance unchanged, without subtracting the mean: the baseline
   * that drops the other channels.
   */
  public LearnedLayer select(int requested) {
    int count = requireAtMost(requested, channels, channels + " channels");
    double[][] rows = Baselines.select(moments.overall(), count);
    return layer("select", LinearDecoder.linear(rows, new double[count]), null, ranked);
  }

  /**
   * Returns a Gaussian random projection that preserves the expected squared length of a pixel
   * minus the mean: the baseline that learns nothing.
   */
  public LearnedLayer random(int requested, long seed) {
    int count = requireAtMost(requested, channels, channels + " channels");
    LearnedLayer learned =
        layer("random", centred(Baselines.random(channels, count, seed)), null, ranked);
    learned.metadata().put("randomSeed", String.valueOf(seed));
    return learned;
  }

  /**
   * Returns the decoder of smallest squared error of a layer without activation on these pixels.
   */
  public PointwiseLayer decoder(PointwiseLayer layer) {
    return LinearDecoder.leastSquares(layer, all);
  }

  /** Returns the affine layer of rows for standardised pixels, with mean and units folded in. */
  private PointwiseLayer centred(double[][] rows) {
    double[][] weights = new double[rows.length][channels];
    for (int k = 0; k < rows.length; k++) {
      for (int c = 0; c < channels; c++) {
        weights[k][c] = rows[k][c] / units[c];
      }
    }
    return LinearDecoder.centred(weights, all.mean());
  }

  /**
   * Returns a layer with its decoder and its explained variance.
   *
   * @param variances of all principal components, including those left out; null for other methods
   */
  private LearnedLayer layer(
      String method, PointwiseLayer layer, double @Nullable [] variances, NumericalRank within) {
    PointwiseLayer decoder = decoder(layer);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("method", method);
    metadata.put("inChannels", String.valueOf(channels));
    metadata.put("outChannels", String.valueOf(layer.outChannels()));
    metadata.put("pixels", String.valueOf(all.count()));
    metadata.put("rank", String.valueOf(within.rank()));
    double explained = LinearDecoder.explained(layer, decoder, all, units);
    metadata.put("explainedVariance", LearnedLayer.text(explained));
    if (standardised) {
      double unscaled = LinearDecoder.explained(layer, decoder, all);
      metadata.put("standardised", "true");
      metadata.put("explainedVarianceUnscaled", LearnedLayer.text(unscaled));
    }
    if (variances != null) {
      double total = Arrays.stream(variances).sum();
      StringBuilder parts = new StringBuilder();
      for (int k = 0; k < layer.outChannels(); k++) {
        double part = Math.max(0, variances[k]) / total;
        parts.append(k == 0 ? "" : " ").append(LearnedLayer.text(part));
      }
      metadata.put("explainedVarianceByChannel", parts.toString());
    }
    return new LearnedLayer(layer, decoder, null, metadata, List.copyOf(warnings));
  }
}
