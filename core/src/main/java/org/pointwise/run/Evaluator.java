package org.pointwise.run;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.Tile;

/** Sends pixels through a layer and back and compares. Confined to one thread. */
public final class Evaluator {
  private static final int MOST_PIXELS = 4096;

  private final EvaluationPlan plan;
  private final FeatureSource.Reader reader;
  private final TileKernel encoder;
  private final TileKernel decoder;
  private final int in;
  private final int out;
  private final int histograms;
  private byte[] reduced = new byte[0]; // [pixel][out], float32
  private byte[] back = new byte[0]; // [pixel][in]
  private byte[] halfBack = new byte[0];

  /** Hears of each pixel, for pictures. */
  @FunctionalInterface
  public interface PixelListener {
    /**
     * A pixel that is not masked.
     *
     * @param reduced its reduced channels
     * @param error |x − x̂|
     */
    void pixel(long n, long y, long x, float[] reduced, double error);
  }

  public Evaluator(EvaluationPlan plan, ByteStores stores, KernelChoice choice) {
    this.plan = plan;
    this.in = plan.layer().inChannels();
    this.out = plan.layer().outChannels();
    this.histograms = plan.centres().length;
    this.encoder = kernel(plan.layer(), plan.dequantisation(), choice);
    this.decoder = kernel(plan.decoder(), Dequantisation.NONE, choice);
    try {
      this.reader = Sources.reopen(stores, plan.input(), plan.dequantisation()).reader();
    } catch (IOException e) {
      throw Sources.unreadable(plan.input().uri(), e);
    }
  }

  private static TileKernel kernel(
      PointwiseLayer layer, Dequantisation dequantisation, KernelChoice choice) {
    return new TileKernel(choice, List.of(layer), dequantisation, Overflow.SATURATE);
  }

  /** All tiles of a unit. */
  EvaluationSums run(long ordinal) {
    EvaluationSums sums = new EvaluationSums(histograms);
    for (long cell = plan.units().first(ordinal); cell < plan.units().end(ordinal); cell++) {
      evaluate(plan.units().cells().box(cell), sums, null);
    }
    return sums;
  }

  /** The taken tiles of a cell. */
  public void evaluate(Box cell, EvaluationSums sums, @Nullable PixelListener listener) {
    List<Box> tiles = Tiles.of(cell, plan.tiles());
    if (tiles.isEmpty()) {
      return;
    }
    try {
      Tile stored = reader.read(cell);
      for (Box box : tiles) {
        double[] before = {sums.squaredError(), sums.squared()};
        int rows = Math.max(1, MOST_PIXELS / box.x());
        box.split(new Extent(1, rows, box.x()), part -> compare(stored, part, sums, listener));
        double squared = sums.squared() - before[1];
        if (squared > 0) {
          double error = Math.sqrt((sums.squaredError() - before[0]) / squared);
          sums.noteTile(error, box.n0(), box.y0(), box.x0());
        }
      }
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot evaluate on %s: %s".formatted(plan.input().uri(), e), e);
    }
  }

  private void compare(
      Tile stored, Box box, EvaluationSums sums, @Nullable PixelListener listener) {
    int pixels = (int) box.pixels();
    if (stored.missing()) {
      for (int p = 0; p < pixels; p++) {
        sums.skipPixel();
      }
      return;
    }
    if (back.length < pixels * in * Float.BYTES) {
      reduced = new byte[pixels * out * Float.BYTES];
      back = new byte[pixels * in * Float.BYTES];
      halfBack = new byte[back.length];
    }
    Tile tile = Tiles.within(stored, box);
    encoder.apply(tile, List.of(ChannelBlock.packed(reduced, box, out)));
    decoder.apply(
        new Tile(box, List.of(ChannelBlock.packed(reduced, box, out)), 0),
        List.of(ChannelBlock.packed(back, box, in)));
    byte[] full = reduced.clone();
    for (int i = 0; i < pixels * out; i++) {
      float value = Elements.float32At(reduced, i * Float.BYTES);
      Elements.putFloat32(reduced, i * Float.BYTES, Half.toFloat(Half.fromFloat(value) & 0xffff));
    }
    decoder.apply(
        new Tile(box, List.of(ChannelBlock.packed(reduced, box, out)), 0),
        List.of(ChannelBlock.packed(halfBack, box, in)));
    float[] channels = new float[out];
    for (int p = 0; p < pixels; p++) {
      boolean usable = true;
      for (int o = 0; o < out; o++) {
        channels[o] = Elements.float32At(full, (p * out + o) * Float.BYTES);
        usable &= Float.isFinite(channels[o]);
      }
      if (!usable) {
        sums.skipPixel();
        continue;
      }
      for (int h = 0; h < histograms; h++) {
        double place = (channels[h] - plan.centres()[h]) / plan.spreads()[h];
        sums.addToHistogram(h, (place + 1) / 2);
      }
      double error = compare(tile, p, sums);
      if (listener != null) {
        listener.pixel(box.n0(), box.y0() + p / box.x(), box.x0() + p % box.x(), channels, error);
      }
    }
  }

  private double compare(Tile tile, int p, EvaluationSums sums) {
    Box box = tile.box();
    double error = 0;
    double half = 0;
    double squared = 0;
    double product = 0;
    double squaredBack = 0;
    for (ChannelBlock from : tile.blocks()) {
      for (int c = 0; c < from.channels(); c++) {
        int at = from.at(0, p / box.x(), p % box.x(), c);
        double x =
            Elements.doubleAt(from.bytes(), at, from.type(), from.order())
                    * plan.dequantisation().scale()
                + plan.dequantisation().offset();
        int place = (p * in + from.firstChannel() + c) * Float.BYTES;
        double y = Elements.float32At(back, place);
        double z = Elements.float32At(halfBack, place);
        error += (x - y) * (x - y);
        half += (x - z) * (x - z);
        squared += x * x;
        product += x * y;
        squaredBack += y * y;
      }
    }
    sums.addPixel(error, half, squared, product, squaredBack);
    return Math.sqrt(error);
  }
}
