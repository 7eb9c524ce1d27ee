package org.pointwise.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;

/**
 * The methods that need only moments. All methods are affine; the mean is folded into the bias, so
 * that the mean pixel maps to 0. Except in a random projection, the weight of largest magnitude in
 * a row is positive, and the rows are in descending order of what they preserve, so that the first
 * F″ of F′ channels are the best F″ of their method. The decoder is always {@link
 * LinearDecoder#leastSquares} on the same pixels, so that the variance that the methods preserve
 * can be compared.
 */
public final class Projections {
  private final FeatureMoments found;
  private final Moments all;
  private final int channels;
  private final List<String> warnings = new ArrayList<>();

  /**
   * @throws InvalidInputException when there are too few pixels or all pixels are the same
   */
  public Projections(FeatureMoments found) {
    this.found = found;
    this.all = found.overall();
    this.channels = found.channels();
    if (all.count() == 0) {
      throw new InvalidInputException(
          "Cannot learn a layer: none of the pixels can be used (%d are nodata or missing, %d not finite); check the input, --nodata and --sample"
              .formatted(found.masked(), found.nonFinitePixels()));
    }
    if (all.count() <= channels) {
      throw new InvalidInputException(
          "Cannot learn a layer of %d channels from %d pixels: more pixels than channels are needed; use more data or a larger --sample"
              .formatted(channels, all.count()));
    }
    if (!(all.totalVariance() > 0)) {
      throw new InvalidInputException(
          "Cannot learn a layer: all %d pixels are the same; check the input"
              .formatted(all.count()));
    }
    warnOfConstants();
  }

  private void warnOfConstants() {
    long zero =
        IntStream.range(0, channels)
            .filter(c -> all.covariance(c, c) == 0 && found.max()[c] == 0)
            .count();
    long constant = IntStream.range(0, channels).filter(c -> all.covariance(c, c) == 0).count();
    if (constant > 0) {
      warnings.add(
          "%d of %d channels are constant, %d of them zero; they get no weight"
              .formatted(constant, channels, zero));
    }
  }

  /**
   * The number of channels to produce.
   *
   * @param channels null to preserve a part of the variance
   * @param variance the part to preserve, 0 … 1
   */
  public record Target(@Nullable Integer channels, double variance) {
    int count(double[] eigenvalues, double total) {
      int max = eigenvalues.length;
      if (channels != null) {
        return requireAtMost(channels, max, "channels");
      }
      double kept = 0;
      for (int k = 0; k < max; k++) {
        kept += eigenvalues[k];
        if (kept >= variance * total) {
          return k + 1;
        }
      }
      return max;
    }
  }

  static int requireAtMost(int wanted, int max, String of) {
    if (wanted < 1 || wanted > max) {
      throw new InvalidInputException(
          "Cannot make %d channels: %d %s allow 1 … %d; choose --channels in that range"
              .formatted(wanted, max, of, max));
    }
    return wanted;
  }

  /** Returns the part of the variance that each principal component holds, descending. */
  public double[] scree() {
    double[] values = LinearAlgebra.symmetric(all.covarianceMatrix(), channels, 1).values();
    double total = all.totalVariance();
    return Arrays.stream(values).map(value -> Math.max(0, value) / total).toArray();
  }

  /** Learns principal components: the leading eigenvectors of the covariance. */
  public LearnedLayer pca(Target target) {
    PrincipalComponents components = PrincipalComponents.of(all, target, warnings);
    return layer("pca", components.rows(), components.values());
  }

  /**
   * Learns principal components scaled to unit variance: ÷ √(variance + epsilon).
   *
   * @throws InvalidInputException when a component has no variance to scale
   */
  public LearnedLayer whiten(Target target, double epsilon) {
    PrincipalComponents components = PrincipalComponents.of(all, target, warnings);
    return layer("whiten", components.whitened(epsilon), components.values());
  }

  /**
   * Learns Fisher's linear discriminants: the directions with the largest scatter between the class
   * means relative to the scatter within classes; at most one fewer than classes.
   *
   * @throws InvalidInputException when there are no labels, a class is empty, or there is no
   *     scatter within classes
   */
  public LearnedLayer lda(@Nullable Integer wanted) {
    return layer("lda", LinearDiscriminants.of(found, wanted, warnings), null);
  }

  /**
   * Selects the channels of largest variance unchanged: the baseline that drops the other channels.
   */
  public LearnedLayer select(int wanted) {
    int count = requireAtMost(wanted, channels, "channels");
    return layer("select", Baselines.select(all, count), null);
  }

  /**
   * Returns a Gaussian random projection that preserves the expected squared length of a pixel
   * minus the mean: the baseline that learns nothing.
   */
  public LearnedLayer random(int wanted, long seed) {
    int count = requireAtMost(wanted, channels, "channels");
    LearnedLayer learned = layer("random", Baselines.random(channels, count, seed), null);
    learned.metadata().put("randomSeed", String.valueOf(seed));
    return learned;
  }

  /**
   * Returns the affine layer of some rows with the mean folded in, its decoder and its explained
   * variance.
   *
   * @param variances of all principal components, including those left out; null for other methods
   */
  private LearnedLayer layer(String method, double[][] rows, double @Nullable [] variances) {
    PointwiseLayer layer = LinearDecoder.centred(rows, all.mean());
    PointwiseLayer decoder = LinearDecoder.leastSquares(layer, all);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("method", method);
    metadata.put("inChannels", String.valueOf(channels));
    metadata.put("outChannels", String.valueOf(rows.length));
    metadata.put("pixels", String.valueOf(all.count()));
    metadata.put(
        "explainedVariance", LearnedLayer.text(LinearDecoder.explained(layer, decoder, all)));
    if (variances != null) {
      StringBuilder parts = new StringBuilder();
      for (int k = 0; k < rows.length; k++) {
        double part = Math.max(0, variances[k]) / all.totalVariance();
        parts.append(k == 0 ? "" : " ").append(LearnedLayer.text(part));
      }
      metadata.put("explainedVarianceByChannel", parts.toString());
    }
    return new LearnedLayer(layer, decoder, null, metadata, List.copyOf(warnings));
  }
}
