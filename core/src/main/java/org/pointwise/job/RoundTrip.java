package org.pointwise.job;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.TrainingTiles;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.Tile;

/**
 * Reduction and reconstruction of pixels by one candidate. A candidate with a stored result takes
 * its reduced pixels from there. Confined to one thread.
 */
final class RoundTrip implements AutoCloseable {
  private final EvaluationPlan plan;
  private final int in;
  private final int out;
  private final TileKernel encoder;
  private final TileKernel decoder;
  private final @Nullable StoredPixels stored;
  private final @Nullable TrainingTiles fit;
  private byte[] reduced = new byte[0]; // [pixel][out], float32
  private byte[] halfReduced = new byte[0];
  private byte[] back = new byte[0]; // [pixel][in]
  private byte[] halfBack = new byte[0];
  private BitSet training = new BitSet();

  /**
   * @param stored the stored result of the candidate; null to compute it
   */
  RoundTrip(
      EvaluationPlan plan,
      Candidate candidate,
      @Nullable StoredPixels stored,
      KernelProvider provider) {
    this.plan = plan;
    this.in = plan.input().shape().c();
    this.out = candidate.layer().outChannels();
    this.encoder = kernel(candidate.layer(), plan.input().quantisation(), provider);
    this.decoder = kernel(candidate.decoder(), Quantisation.none(ElementType.FLOAT32), provider);
    this.stored = stored;
    this.fit = candidate.fit() == EvaluationPlan.NO_FIT ? null : plan.fits().get(candidate.fit());
  }

  private static TileKernel kernel(
      PointwiseLayer layer, Quantisation quantisation, KernelProvider provider) {
    return provider.kernel(
        List.of(layer),
        quantisation,
        List.of(Quantisation.floating(ElementType.FLOAT32)),
        Overflow.SATURATE);
  }

  @Override
  public void close() {
    encoder.close();
    decoder.close();
    if (stored != null) {
      stored.close();
    }
  }

  /** Reduces and reconstructs the pixels of a tile of one image. */
  void apply(Tile tile) {
    Box box = tile.box();
    int pixels = (int) box.pixels();
    if (back.length < pixels * in * Float.BYTES) {
      reduced = new byte[pixels * out * Float.BYTES];
      halfReduced = new byte[reduced.length];
      back = new byte[pixels * in * Float.BYTES];
      halfBack = new byte[back.length];
    }
    if (stored == null) {
      encoder.apply(tile, List.of(ChannelBlock.packed(reduced, box, out)));
    } else {
      stored.read(box, reduced);
    }
    for (int i = 0; i < pixels * out; i++) {
      float half = half(ElementAccess.float32At(reduced, i * Float.BYTES));
      ElementAccess.putFloat32(halfReduced, i * Float.BYTES, half);
    }
    decode(reduced, back, box);
    decode(halfReduced, halfBack, box);
    training = fit == null ? new BitSet() : fit.in(box, plan.input());
  }

  /** Converts a value as {@code reduce --dtype float16 --overflow saturate} stores it. */
  private static float half(float value) {
    float half = Half.toFloat(Half.fromFloat(value) & 0xffff);
    return overflows(value) ? Math.copySign(Half.MAX, value) : half;
  }

  private static boolean overflows(float value) {
    return Float.isFinite(value) && Float.isInfinite(Half.toFloat(Half.fromFloat(value) & 0xffff));
  }

  private void decode(byte[] from, byte[] to, Box box) {
    decoder.apply(
        new Tile(box, List.of(ChannelBlock.packed(from, box, out)), 0),
        List.of(ChannelBlock.packed(to, box, in)));
  }

  /** Returns whether all reduced channels of a pixel are finite. */
  boolean usable(int p) {
    for (int o = 0; o < out; o++) {
      if (!Float.isFinite(ElementAccess.float32At(reduced, (p * out + o) * Float.BYTES))) {
        return false;
      }
    }
    return true;
  }

  /** Counts a pixel that is usable in the input if the stored result has no value of it. */
  void countLost(int p, EvaluationSums sums) {
    if (stored != null && !usable(p)) {
      sums.addLost();
    }
  }

  /** Returns the reduced channels of a pixel. */
  float[] channels(int p) {
    float[] channels = new float[out];
    for (int o = 0; o < out; o++) {
      channels[o] = ElementAccess.float32At(reduced, (p * out + o) * Float.BYTES);
    }
    return channels;
  }

  void addToHistograms(int p, EvaluationSums sums) {
    for (int h = 0; h < plan.centres().length; h++) {
      float value = ElementAccess.float32At(reduced, (p * out + h) * Float.BYTES);
      sums.addToHistogram(h, ((value - plan.centres()[h]) / plan.spreads()[h] + 1) / 2);
    }
  }

  /** Returns the length of the difference between a pixel and its reconstruction. */
  double error(double[] pixel, int p) {
    double error = 0;
    for (int c = 0; c < in; c++) {
      double apart = pixel[c] - ElementAccess.float32At(back, (p * in + c) * Float.BYTES);
      error += apart * apart;
    }
    return Math.sqrt(error);
  }

  /** Adds a pixel and its reconstruction to the sums. */
  void compare(double[] pixel, int p, EvaluationSums sums) {
    double error = 0;
    double half = 0;
    double squared = 0;
    double product = 0;
    double squaredBack = 0;
    for (int c = 0; c < in; c++) {
      double x = pixel[c];
      double y = ElementAccess.float32At(back, (p * in + c) * Float.BYTES);
      double z = ElementAccess.float32At(halfBack, (p * in + c) * Float.BYTES);
      error += (x - y) * (x - y);
      half += (x - z) * (x - z);
      squared += x * x;
      product += x * y;
      squaredBack += y * y;
    }
    long overflowed = 0;
    for (int o = 0; o < out; o++) {
      overflowed +=
          overflows(ElementAccess.float32At(reduced, (p * out + o) * Float.BYTES)) ? 1 : 0;
    }
    sums.addOverflowed(overflowed);
    sums.addPixel(error, half, squared, product, squaredBack);
    if (training.get(p)) {
      sums.addTrainingPixel();
    }
  }
}
