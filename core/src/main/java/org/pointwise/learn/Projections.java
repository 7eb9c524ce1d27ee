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
 * The methods that need no more than moments. All are affine; the mean is folded into the bias, so
 * that the mean pixel becomes 0. A row's sign makes its weight of largest magnitude positive, and
 * rows are in descending order of what they hold, so that the first F″ of F′ channels are the best
 * F″ of their kind. The decoder is always that of {@link LinearDecoder#leastSquares} on the same
 * pixels, so that what the methods keep can be compared.
 */
public final class Projections {
  private final FeatureMoments found;
  private final Moments all;
  private final int channels;
  private final List<String> warnings = new ArrayList<>();

  /**
   * @throws InvalidInputException when there is too little to learn from
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
   * How many channels to make.
   *
   * @param channels null to keep a part of the variance
   * @param variance the part to keep, 0 … 1
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

  /** The part of the variance that each principal component holds, descending. */
  public double[] scree() {
    double[] values = LinearAlgebra.symmetric(all.covarianceMatrix(), channels, 1).values();
    double total = all.totalVariance();
    return Arrays.stream(values).map(value -> Math.max(0, value) / total).toArray();
  }

  /** Principal components: the leading eigenvectors of the covariance. */
  public LearnedLayer pca(Target target) {
    PrincipalComponents components = PrincipalComponents.of(all, target, warnings);
    return layer("pca", components.rows(), components.values());
  }

  /**
   * Principal components scaled to unit variance: ÷ √(variance + epsilon).
   *
   * @throws InvalidInputException when a component has no variance to scale
   */
  public LearnedLayer whiten(Target target, double epsilon) {
    PrincipalComponents components = PrincipalComponents.of(all, target, warnings);
    return layer("whiten", components.whitened(epsilon), components.values());
  }

  /**
   * Fisher's linear discriminants: the directions that spread the classes' means most against the
   * spread within classes; at most one fewer than classes.
   *
   * @throws InvalidInputException when there are no labels, a class is empty, or there is no
   *     scatter within classes
   */
  public LearnedLayer lda(@Nullable Integer wanted) {
    return layer("lda", LinearDiscriminants.of(found, wanted, warnings), null);
  }

  /** The channels of most variance, as they are: the baseline that drops the others. */
  public LearnedLayer select(int wanted) {
    int count = requireAtMost(wanted, channels, "channels");
    return layer("select", Baselines.select(all, count), null);
  }

  /** A Gaussian random projection of expected length one: the baseline that learns nothing. */
  public LearnedLayer random(int wanted, long seed) {
    int count = requireAtMost(wanted, channels, "channels");
    LearnedLayer learned = layer("random", Baselines.random(channels, count, seed), null);
    learned.metadata().put("randomSeed", String.valueOf(seed));
    return learned;
  }

  /**
   * The affine layer of some rows, the mean folded in, with its decoder and what it keeps.
   *
   * @param variances of the rows, and of what is left out, where they are principal components
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
