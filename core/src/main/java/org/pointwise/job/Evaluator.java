package org.pointwise.job;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.Tile;
import org.pointwise.work.InputVersion;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitResultCache;
import org.pointwise.work.UnitWorker;

/**
 * Reduces pixels by layers, reconstructs them by decoders, and compares the result with the input.
 * Confined to one thread.
 */
public final class Evaluator implements UnitWorker {
  private final EvaluationPlan plan;
  private final SelectedTiles tiles;
  private final int in;
  private final List<RoundTrip> ways = new ArrayList<>();
  private final PixelReader pixels;
  private final @Nullable UnitResultCache kept;

  /** Receives each pixel, for pictures. */
  @FunctionalInterface
  public interface PixelListener {
    /**
     * Receives a pixel that is not masked.
     *
     * @param reduced its channels as the first candidate reduces them
     * @param error |x − x̂|
     */
    void pixel(long n, long y, long x, float[] reduced, double error);
  }

  public Evaluator(EvaluationPlan plan, ByteStores stores, KernelProvider provider) {
    this(plan, stores, provider, UnitResultCache.LONG);
  }

  /**
   * @param min results of units that took at least this long are cached
   */
  Evaluator(EvaluationPlan plan, ByteStores stores, KernelProvider provider, Duration min) {
    this.plan = plan;
    this.in = plan.input().shape().c();
    this.pixels = new PixelReader(plan.input().quantisation(), in);
    for (Candidate candidate : plan.candidates()) {
      ways.add(new RoundTrip(candidate, provider));
    }
    this.tiles = SelectedTiles.of(plan.input(), plan.units(), plan.holdout(), stores);
    this.kept =
        plan.destination().isEmpty()
            ? null
            : new UnitResultCache(plan.destination(), plan.fingerprintInputs(), stores, min);
  }

  /**
   * Evaluates all selected pixels of a unit. The result holds the sums of each candidate, one after
   * another.
   */
  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, wanted) -> {
      try {
        if (kept == null) {
          tiles.renew(ordinal);
          return UnitResult.of(sums(ordinal, wanted));
        }
        InputVersion objects = tiles.objects(ordinal);
        tiles.renew(objects);
        String basis = Long.toHexString(objects.digest());
        return UnitResult.of(kept.of(ordinal, basis, () -> sums(ordinal, wanted)));
      } catch (IOException e) {
        throw unfinished(e);
      }
    };
  }

  private double[] sums(long ordinal, Runnable wanted) {
    List<EvaluationSums> sums = plan.empty();
    try {
      tiles.each(
          ordinal, wanted, (tileBox, box, taken, stored) -> compare(stored, taken, sums, null));
    } catch (IOException e) {
      throw unfinished(e);
    }
    return plan.joined(sums);
  }

  /** Evaluates the selected parts of a tile. */
  public void evaluate(Box tileBox, List<EvaluationSums> sums, PixelListener listener) {
    List<Box> taken = tiles.taken(tileBox);
    if (!taken.isEmpty()) {
      try {
        compare(tiles.reader().read(tileBox), taken, sums, listener);
      } catch (IOException e) {
        throw unfinished(e);
      }
    }
  }

  private IncompleteRunException unfinished(IOException e) {
    return new IncompleteRunException(
        "Cannot evaluate on %s: %s".formatted(plan.input().uri(), e), e);
  }

  private void compare(
      @Nullable Tile stored,
      List<Box> taken,
      List<EvaluationSums> sums,
      @Nullable PixelListener listener) {
    if (stored == null) {
      return; // no part is selected
    }
    for (Box tile : taken) {
      sums.forEach(EvaluationSums::beginTile);
      Extent part = new Extent(1, Math.max(1, EvaluationPlan.PIXELS_AT_ONCE / tile.x()), tile.x());
      tile.split(part, box -> compare(stored.within(box), sums, listener));
      sums.forEach(sum -> sum.endTile(tile.n0(), tile.y0(), tile.x0()));
    }
  }

  @Override
  public void close() {
    tiles.close();
    ways.forEach(RoundTrip::close);
  }

  private void compare(Tile tile, List<EvaluationSums> sums, @Nullable PixelListener listener) {
    Box box = tile.box();
    if (tile.nodata()) {
      sums.forEach(sum -> sum.skip(box.pixels()));
      return;
    }
    ways.forEach(way -> way.apply(tile));
    RoundTrip first = ways.get(0);
    for (int p = 0; p < box.pixels(); p++) {
      double[] pixel = pixels.read(tile, p);
      if (!pixels.usable() || !first.usable(p)) { // a ReLU maps −∞ to 0
        sums.forEach(sum -> sum.skip(1));
        continue;
      }
      for (int i = 0; i < ways.size(); i++) {
        ways.get(i).compare(pixel, p, sums.get(i));
      }
      first.addToHistograms(p, sums.get(0));
      if (listener != null) {
        double error = first.error(pixel, p);
        listener.pixel(
            box.n0(), box.y0() + p / box.x(), box.x0() + p % box.x(), first.channels(p), error);
      }
    }
  }

  /** Reduction and reconstruction by one candidate. */
  private final class RoundTrip {
    private final TileKernel encoder;
    private final TileKernel decoder;
    private final int out;
    private byte[] reduced = new byte[0]; // [pixel][out], float32
    private byte[] halfReduced = new byte[0];
    private byte[] back = new byte[0]; // [pixel][in]
    private byte[] halfBack = new byte[0];

    RoundTrip(Candidate candidate, KernelProvider provider) {
      this.encoder = kernel(candidate.layer(), plan.input().quantisation(), provider);
      this.decoder = kernel(candidate.decoder(), Quantisation.none(ElementType.FLOAT32), provider);
      this.out = candidate.layer().outChannels();
    }

    private static TileKernel kernel(
        PointwiseLayer layer, Quantisation quantisation, KernelProvider provider) {
      return provider.kernel(
          List.of(layer),
          quantisation,
          List.of(Quantisation.floating(ElementType.FLOAT32)),
          Overflow.SATURATE);
    }

    void close() {
      encoder.close();
      decoder.close();
    }

    void apply(Tile tile) {
      Box box = tile.box();
      int pixels = (int) box.pixels();
      if (back.length < pixels * in * Float.BYTES) {
        reduced = new byte[pixels * out * Float.BYTES];
        halfReduced = new byte[reduced.length];
        back = new byte[pixels * in * Float.BYTES];
        halfBack = new byte[back.length];
      }
      encoder.apply(tile, List.of(ChannelBlock.packed(reduced, box, out)));
      for (int i = 0; i < pixels * out; i++) {
        float half = half(ElementAccess.float32At(reduced, i * Float.BYTES));
        ElementAccess.putFloat32(halfReduced, i * Float.BYTES, half);
      }
      decode(reduced, back, box);
      decode(halfReduced, halfBack, box);
    }

    /** Converts a value as {@code reduce --dtype float16 --overflow saturate} stores it. */
    private static float half(float value) {
      float half = Half.toFloat(Half.fromFloat(value) & 0xffff);
      return overflows(value) ? Math.copySign(Half.MAX, value) : half;
    }

    private static boolean overflows(float value) {
      return Float.isFinite(value)
          && Float.isInfinite(Half.toFloat(Half.fromFloat(value) & 0xffff));
    }

    private void decode(byte[] from, byte[] to, Box box) {
      decoder.apply(
          new Tile(box, List.of(ChannelBlock.packed(from, box, out)), 0),
          List.of(ChannelBlock.packed(to, box, in)));
    }

    boolean usable(int p) {
      for (int o = 0; o < out; o++) {
        if (!Float.isFinite(ElementAccess.float32At(reduced, (p * out + o) * Float.BYTES))) {
          return false;
        }
      }
      return true;
    }

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

    double error(double[] pixel, int p) {
      double error = 0;
      for (int c = 0; c < in; c++) {
        double apart = pixel[c] - ElementAccess.float32At(back, (p * in + c) * Float.BYTES);
        error += apart * apart;
      }
      return Math.sqrt(error);
    }

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
    }
  }
}
