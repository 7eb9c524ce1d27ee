package org.pointwise.learn;

import java.util.Arrays;

/**
 * Sums over pixels that an evaluation passes through a layer and its decoder. Mutable, confined to
 * one thread. The sums of units are added in a tree over their ordinals, so that the result is
 * always the same.
 */
public final class EvaluationSums {
  /**
   * Number of bins of the angle between a pixel and its reconstruction, by the logarithm of 1 −
   * cosine.
   */
  private static final int COSINE_BINS = 2048;

  private static final double MIN_LOG = -9;
  private static final double MAX_LOG = Math.log10(2);

  /** Number of bins of a reduced channel's histogram. */
  public static final int BINS = 64;

  private static final int FIELDS = 14;

  private final double[] fields;
  private double errorBefore;
  private double squaredBefore;
  private final double[] cosines;
  private final double[] histograms; // [channel][BINS]

  /**
   * @param channels number of channels that get a histogram
   */
  public EvaluationSums(int channels) {
    this(new double[FIELDS + COSINE_BINS + channels * BINS]);
    fields[6] = 1; // smallest cosine
    fields[7] = -1; // largest relative error of a block
  }

  private EvaluationSums(double[] all) {
    this.fields = Arrays.copyOf(all, FIELDS);
    this.cosines = Arrays.copyOfRange(all, FIELDS, FIELDS + COSINE_BINS);
    this.histograms = Arrays.copyOfRange(all, FIELDS + COSINE_BINS, all.length);
  }

  /** Restores sums from {@link #toArray}. */
  public static EvaluationSums of(double[] all) {
    return new EvaluationSums(all);
  }

  /** Returns all numbers for transfer. */
  public double[] toArray() {
    double[] all = Arrays.copyOf(fields, FIELDS + COSINE_BINS + histograms.length);
    System.arraycopy(cosines, 0, all, FIELDS, COSINE_BINS);
    System.arraycopy(histograms, 0, all, FIELDS + COSINE_BINS, histograms.length);
    return all;
  }

  /** Adds the sums of a unit. */
  public void add(EvaluationSums other) {
    for (int i = 0; i < 6; i++) {
      fields[i] += other.fields[i];
    }
    fields[6] = Math.min(fields[6], other.fields[6]);
    if (other.fields[7] > fields[7]) {
      System.arraycopy(other.fields, 7, fields, 7, 4);
    }
    for (int i = 11; i < FIELDS; i++) {
      fields[i] += other.fields[i];
    }
    for (int i = 0; i < COSINE_BINS; i++) {
      cosines[i] += other.cosines[i];
    }
    for (int i = 0; i < histograms.length; i++) {
      histograms[i] += other.histograms[i];
    }
  }

  /**
   * Adds a pixel.
   *
   * @param squaredError |x − x̂|²
   * @param halfError the same where the reduced pixel is stored as float16 with saturation
   * @param squared |x|²
   * @param product x·x̂
   * @param squaredBack |x̂|²
   */
  public void addPixel(
      double squaredError, double halfError, double squared, double product, double squaredBack) {
    double cosine =
        squared == 0 && squaredBack == 0
            ? 1
            : squared == 0 || squaredBack == 0 ? 0 : product / Math.sqrt(squared * squaredBack);
    cosine = Math.max(-1, Math.min(1, cosine));
    fields[0]++;
    fields[1] += squaredError;
    fields[2] += halfError;
    fields[3] += squared;
    fields[4] += cosine;
    fields[6] = Math.min(fields[6], cosine);
    double log = Math.log10(Math.max(1e-9, 1 - cosine));
    int bin = (int) ((log - MIN_LOG) / (MAX_LOG - MIN_LOG) * COSINE_BINS);
    cosines[Math.max(0, Math.min(COSINE_BINS - 1, bin))]++;
  }

  /** Counts pixels that are skipped because they are nodata or not finite. */
  public void skip(long pixels) {
    fields[5] += pixels;
  }

  /** Counts a pixel that lies in the tiles that the layer was fitted on. */
  public void addTrainingPixel() {
    fields[12]++;
  }

  /** Counts a pixel of the input that is stored as nodata in the reduced array. */
  public void addLost() {
    fields[13]++;
  }

  /** Counts values of reduced pixels that float16 saturates. */
  public void addOverflowed(long values) {
    fields[11] += values;
  }

  /**
   * Adds a value of a reduced channel; {@code place} 0 … 1 is its position within the histogram.
   */
  public void addToHistogram(int channel, double place) {
    int bin = Math.max(0, Math.min(BINS - 1, (int) (place * BINS)));
    histograms[channel * BINS + bin]++;
  }

  /** Begins a block, to which the next pixels belong. */
  public void beginTile() {
    errorBefore = fields[1];
    squaredBefore = fields[3];
  }

  /**
   * Ends the block that begins at (n, y, x), and stores its relative error if it is the largest.
   */
  public void endTile(long n, long y, long x) {
    double squared = fields[3] - squaredBefore;
    double relativeError = Math.sqrt((fields[1] - errorBefore) / squared);
    if (squared > 0 && relativeError > fields[7]) {
      fields[7] = relativeError;
      fields[8] = n;
      fields[9] = y;
      fields[10] = x;
    }
  }

  public long pixels() {
    return (long) fields[0];
  }

  public long skipped() {
    return (long) fields[5];
  }

  /** Returns how many of the pixels lie in the tiles that the layer was fitted on. */
  public long trainingPixels() {
    return (long) fields[12];
  }

  /** Returns how many pixels of the input are stored as nodata in the reduced array. */
  public long lost() {
    return (long) fields[13];
  }

  /** Returns Σ|x − x̂|². */
  public double squaredError() {
    return fields[1];
  }

  /** Returns how many finite values of the reduced pixels are too large for float16. */
  public long overflowed() {
    return (long) fields[11];
  }

  /** Returns Σ|x − x̂|² where the reduced pixels are stored as float16 with saturation. */
  public double halfSquaredError() {
    return fields[2];
  }

  /** Returns Σ|x|². */
  public double squared() {
    return fields[3];
  }

  public double meanCosine() {
    return fields[4] / fields[0];
  }

  public double minCosine() {
    return fields[6];
  }

  /**
   * Returns the cosine below which {@code part} of the pixels lie. 1 − cosine is accurate to one
   * part in a hundred.
   */
  public double cosineQuantile(double part) {
    double target = part * fields[0];
    double seen = 0;
    for (int bin = COSINE_BINS - 1; bin >= 0; bin--) {
      seen += cosines[bin];
      if (seen >= target && seen > 0) {
        return 1 - Math.pow(10, MIN_LOG + (MAX_LOG - MIN_LOG) * (bin + 0.5) / COSINE_BINS);
      }
    }
    return 1;
  }

  /** Returns the largest relative error |x − x̂| ÷ |x| of a block; −1 without blocks. */
  public double worstBlockError() {
    return fields[7];
  }

  /** Returns where the block of largest relative error begins: n, y, x. */
  public long[] worstBlock() {
    return new long[] {(long) fields[8], (long) fields[9], (long) fields[10]};
  }

  /** Returns how many values of a reduced channel lie in each bin. */
  public double[] histogram(int channel) {
    return Arrays.copyOfRange(histograms, channel * BINS, (channel + 1) * BINS);
  }
}
