package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/** Computes tiles on the CPU with the inner loops of a {@link KernelProvider}. */
final class CpuKernel implements TileKernel {
  private final KernelProvider provider;
  private final PackedWeights heads;
  private final Quantisation quantisation;
  private final List<HeadEncoder> encoders;
  private final PixelRuns pixels = new PixelRuns(BlockKernel.MAX_PIXELS);
  private final boolean[] mask = new boolean[BlockKernel.MAX_PIXELS];
  private final WideElements wideElements;
  private final TileCounts counts = new TileCounts();
  private @Nullable BlockKernel pass;
  private boolean keptPlanes; // layout of the pass

  /**
   * @param layers the heads, all with the same number of input channels
   * @param outputs the quantisations of the heads, all floating
   * @param overflow how to handle finite results that are too large for the output's type
   */
  CpuKernel(
      KernelProvider provider,
      List<PointwiseLayer> layers,
      Quantisation quantisation,
      List<Quantisation> outputs,
      Overflow overflow) {
    this.provider = provider;
    this.heads = new PackedWeights(layers);
    this.quantisation = quantisation;
    this.wideElements = new WideElements(quantisation);
    this.encoders =
        IntStream.range(0, layers.size())
            .mapToObj(
                h -> new HeadEncoder(heads.places().get(h), outputs.get(h), overflow, provider))
            .toList();
  }

  @Override
  public TileCounts counts() {
    return counts;
  }

  @Override
  public void apply(Tile tile, List<ChannelBlock> outputs) {
    if (tile.constant() && tile.box().pixels() > 1) {
      TileCounts before = counts.copy();
      Box box = tile.box();
      Box first = new Box(box.n0(), box.n0() + 1, box.y0(), box.y0() + 1, box.x0(), box.x0() + 1);
      apply(tile.crop(first), outputs);
      outputs.forEach(output -> output.repeatFirstPixel(box));
      counts.addAgain(before, box.pixels() - 1);
      return;
    }
    BlockKernel pass = pass(tile);
    boolean wide = !tile.nodata() && wideElements.appliesTo(tile);
    pixels.start(tile.box(), pass.block());
    for (long first = 0; pixels.next(); first += pixels.count()) {
      Arrays.fill(mask, 0, pixels.count(), tile.nodata());
      if (tile.mask() != null) {
        tile.mask().mark(tile.box(), first, pixels.count(), mask);
      }
      if (wide) {
        wideElements.examine(tile, first, pixels.count(), mask, counts);
      }
      if (!tile.nodata()) {
        pass.multiply(tile.blocks(), pixels, mask);
        counts.addNonFinite(pass.nonFinite(pixels, mask));
      }
      for (int p = 0; p < pixels.count(); p++) {
        counts.addMasked(mask[p] ? 1 : 0);
      }
      for (int h = 0; h < encoders.size(); h++) {
        pass.encode(encoders.get(h), pixels, mask, outputs.get(h), counts);
      }
    }
  }

  @Override
  public void skip(Tile nodata) {
    counts.addMasked(nodata.box().pixels());
  }

  @Override
  public void close() {
    pass = null;
  }

  /**
   * Returns the pass for the memory layout of a tile. A constant or nodata tile has no layout and
   * uses the existing pass. Only one pass is kept, because each has its own copy of the weights.
   */
  private BlockKernel pass(Tile tile) {
    boolean planes = false;
    for (ChannelBlock block : tile.blocks()) {
      planes |= block.strideC() > 1 || block.strideC() < 0;
    }
    BlockKernel kept = pass;
    if (kept == null || (!tile.nodata() && !tile.constant() && planes != keptPlanes)) {
      pass = null; // lets the collector free it before the next allocates
      kept =
          planes
              ? new ChannelsFirstKernel(heads, quantisation, provider)
              : new ChannelsLastKernel(heads, quantisation, provider);
      pass = kept;
      keptPlanes = planes;
    }
    return kept;
  }
}
