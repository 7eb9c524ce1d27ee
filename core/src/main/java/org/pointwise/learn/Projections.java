package org.pointwise.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;

/**
 * The methods that need no more than moments. All are affine; the mean is folded into the bias, so
 * that the mean pixel becomes 0. A row's sign makes its weight of largest magnitude positive, and
 * rows are in descending order of what they hold, so that the first F″ of F′ channels are the best
 * F″ of their kind. The decoder is always that of {@link Affine#leastSquares} on the same pixels,
 * so that what the methods keep can be compared.
 */
public final class Projections {
  /** A part of the variance below which a direction holds nothing but rounding. */
  private static final double NOTHING = 1e-12;

  /** The same for scatter within classes, which is divided by: float32 sums leave more. */
  private static final double SCATTER = 1e-7;

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
            .filter(c -> all.covariance(c, c) == 0 && found.most()[c] == 0)
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
      int most = eigenvalues.length;
      if (channels != null) {
        return requireAtMost(channels, most, "channels");
      }
      double kept = 0;
      for (int k = 0; k < most; k++) {
        kept += eigenvalues[k];
        if (kept >= variance * total) {
          return k + 1;
        }
      }
      return most;
    }
  }

  private static int requireAtMost(int wanted, int most, String of) {
    if (wanted < 1 || wanted > most) {
      throw new InvalidInputException(
          "Cannot make %d channels: %d %s allow 1 … %d; choose --channels in that range"
              .formatted(wanted, most, of, most));
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
    Spectrum spectrum = spectrum(target);
    return layer("pca", spectrum.vectors(), spectrum);
  }

  /**
   * Principal components scaled to unit variance: ÷ √(variance + epsilon).
   *
   * @throws InvalidInputException when a component has no variance to scale
   */
  public LearnedLayer whiten(Target target, double epsilon) {
    Spectrum spectrum = spectrum(target);
    double[][] rows = spectrum.vectors();
    for (int k = 0; k < rows.length; k++) {
      double variance = Math.max(0, spectrum.values()[k]);
      if (variance + epsilon <= NOTHING * spectrum.values()[0]) {
        throw new InvalidInputException(
            "Cannot whiten %d channels: only %d carry variance; use --channels %d or --epsilon"
                .formatted(rows.length, k, k));
      }
      double scale = 1 / Math.sqrt(variance + epsilon);
      for (int c = 0; c < channels; c++) {
        rows[k][c] *= scale;
      }
    }
    return layer("whiten", rows, spectrum);
  }

  private record Spectrum(double[] values, double[][] vectors) {}

  private Spectrum spectrum(Target target) {
    double[] covariance = all.covarianceMatrix();
    double total = all.totalVariance();
    Integer wanted = target.channels();
    // The number of vectors is known only once the values are.
    int count =
        wanted != null
            ? requireAtMost(wanted, channels, "channels")
            : target.count(LinearAlgebra.symmetric(covariance, channels, 1).values(), total);
    LinearAlgebra.Eigen eigen = LinearAlgebra.symmetric(covariance, channels, count);
    int carrying = 0;
    while (carrying < channels && eigen.values()[carrying] > NOTHING * eigen.values()[0]) {
      carrying++;
    }
    if (carrying < count) {
      warnings.add(
          "only %d of %d components carry variance; the rest are arbitrary directions"
              .formatted(carrying, count));
    }
    for (double[] row : eigen.vectors()) {
      orient(row);
    }
    return new Spectrum(eigen.values(), eigen.vectors());
  }

  /** Makes the weight of largest magnitude positive, the first where several are. */
  private static void orient(double[] row) {
    int largest = 0;
    for (int c = 1; c < row.length; c++) {
      if (Math.abs(row[c]) > Math.abs(row[largest]) * (1 + 1e-9)) {
        largest = c;
      }
    }
    if (row[largest] < 0) {
      for (int c = 0; c < row.length; c++) {
        row[c] = -row[c];
      }
    }
  }

  /**
   * Fisher's linear discriminants: the directions that spread the classes' means most against the
   * spread within classes; at most one fewer than classes.
   *
   * @throws InvalidInputException when there are no labels, a class is empty, or there is no
   *     scatter within classes
   */
  public LearnedLayer lda(@Nullable Integer wanted) {
    found.requireClasses("lda");
    int most = Math.min(channels, found.classes() - 1);
    int count = wanted == null ? most : requireAtMost(wanted, most, "classes less one");
    Moments labelled = new Moments(channels);
    double[] within = new double[channels * channels];
    for (int label = 0; label < found.classes(); label++) {
      Moments group = Objects.requireNonNull(found.groups().get(label));
      labelled.add(group);
      addScaled(within, group.covarianceMatrix(), group.count());
    }
    double[] between = labelled.covarianceMatrix();
    for (int i = 0; i < within.length; i++) {
      within[i] /= labelled.count();
      between[i] -= within[i];
    }
    double[][] whitening = whitening(within);
    double[][] spread =
        LinearAlgebra.multiply(
            LinearAlgebra.multiply(whitening, LinearAlgebra.rows(between, channels)),
            LinearAlgebra.transpose(whitening));
    LinearAlgebra.Eigen eigen =
        LinearAlgebra.symmetric(
            LinearAlgebra.flat(spread), spread.length, Math.min(count, spread.length));
    double[][] rows = LinearAlgebra.multiply(eigen.vectors(), whitening);
    for (double[] row : rows) {
      orient(row);
    }
    return layer("lda", rows, null);
  }

  /**
   * A row for each direction that has scatter within classes, scaled to one.
   *
   * @throws InvalidInputException when none has
   */
  private double[][] whitening(double[] within) {
    LinearAlgebra.Eigen eigen = LinearAlgebra.symmetric(within, channels, channels);
    int rank = 0;
    while (rank < channels && eigen.values()[rank] > SCATTER * eigen.values()[0]) {
      rank++;
    }
    if (rank == 0) {
      throw new InvalidInputException(
          "Cannot fit lda: there is no scatter within classes, all pixels of a class are the same; check --labels");
    }
    if (rank < channels) {
      warnings.add(
          "the scatter within classes is singular: %d of %d directions have none and are left out"
              .formatted(channels - rank, channels));
    }
    double[][] rows = Arrays.copyOf(eigen.vectors(), rank);
    for (int k = 0; k < rank; k++) {
      double scale = 1 / Math.sqrt(eigen.values()[k]);
      for (int c = 0; c < channels; c++) {
        rows[k][c] *= scale;
      }
    }
    return rows;
  }

  private static void addScaled(double[] sum, double[] values, double scale) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i] * scale;
    }
  }

  /** The channels of most variance, as they are: the baseline that drops the others. */
  public LearnedLayer select(int wanted) {
    int count = requireAtMost(wanted, channels, "channels");
    Integer[] order = IntStream.range(0, channels).boxed().toArray(Integer[]::new);
    Arrays.sort(
        order,
        (a, b) -> {
          int byVariance = Double.compare(all.covariance(b, b), all.covariance(a, a));
          return byVariance != 0 ? byVariance : a - b;
        });
    double[][] rows = new double[count][channels];
    for (int k = 0; k < count; k++) {
      rows[k][order[k]] = 1;
    }
    return layer("select", rows, null);
  }

  /** A Gaussian random projection of expected length one: the baseline that learns nothing. */
  public LearnedLayer random(int wanted, long seed) {
    int count = requireAtMost(wanted, channels, "channels");
    Random random = new Random(seed);
    double[][] rows = new double[count][channels];
    for (double[] row : rows) {
      for (int c = 0; c < channels; c++) {
        row[c] = random.nextGaussian() / Math.sqrt(count);
      }
    }
    LearnedLayer learned = layer("random", rows, null);
    learned.facts().put("randomSeed", String.valueOf(seed));
    return learned;
  }

  /** The affine layer of some rows, the mean folded in, with its decoder and what it keeps. */
  private LearnedLayer layer(String method, double[][] rows, @Nullable Spectrum spectrum) {
    PointwiseLayer layer = Affine.centred(rows, all.mean());
    PointwiseLayer decoder = Affine.leastSquares(layer, all);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("method", method);
    facts.put("inChannels", String.valueOf(channels));
    facts.put("outChannels", String.valueOf(rows.length));
    facts.put("pixels", String.valueOf(all.count()));
    facts.put("explainedVariance", text(Affine.explained(layer, decoder, all)));
    if (spectrum != null) {
      StringBuilder variances = new StringBuilder();
      for (int k = 0; k < rows.length; k++) {
        double part = Math.max(0, spectrum.values()[k]) / all.totalVariance();
        variances.append(k == 0 ? "" : " ").append(text(part));
      }
      facts.put("explainedVarianceByChannel", variances.toString());
    }
    return new LearnedLayer(layer, decoder, null, facts, List.copyOf(warnings));
  }

  static String text(double value) {
    return String.format(Locale.ROOT, "%.9g", value);
  }

  /** The layer of given weights and no activation. */
  static PointwiseLayer linear(double[][] weights, double[] bias) {
    float[] w = new float[weights.length * weights[0].length];
    float[] b = new float[bias.length];
    for (int o = 0; o < weights.length; o++) {
      for (int c = 0; c < weights[0].length; c++) {
        w[o * weights[0].length + c] = (float) weights[o][c];
      }
      b[o] = (float) bias[o];
    }
    return PointwiseLayer.of(w, b, Activation.NONE);
  }
}
