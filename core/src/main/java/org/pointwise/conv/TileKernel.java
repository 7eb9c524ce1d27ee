package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/**
 * Applies all heads to a tile in one pass over its input: stored numbers in, stored numbers out.
 *
 * <p>Confined to one thread: it keeps its buffers from tile to tile ({@link #scratchBytes}).
 */
public final class TileKernel {
  /** Pixels computed together: sixteen register tiles. */
  static final int BLOCK = 16 * Microkernel.ROWS;

  private final Microkernel microkernel;
  private final PackedHeads heads;
  private final PixelPacker packer;
  private final List<HeadEncoder> encoders;
  private final float[] sums; // [BLOCK][paddedColumns]
  private final float[] partials; // [BLOCK][narrowRows][DOT_LANES]
  private final TileCounts counts = new TileCounts();

  /**
   * @param layers the heads, all of the same number of input channels
   * @param overflow what to do with finite results too large for the output's type
   */
  public TileKernel(
      KernelChoice choice,
      List<PointwiseLayer> layers,
      Dequantisation dequantisation,
      Overflow overflow) {
    this.microkernel = choice.microkernel();
    this.heads = new PackedHeads(layers, microkernel.lanes());
    this.packer =
        new PixelPacker(dequantisation, heads.paddedColumns() > 0, heads.narrowRows() > 0);
    this.sums = new float[BLOCK * heads.paddedColumns()];
    this.partials = new float[BLOCK * heads.narrowRows() * PackedHeads.DOT_LANES];
    this.encoders =
        heads.places().stream()
            .map(place -> new HeadEncoder(place, heads, overflow, microkernel))
            .toList();
  }

  /** Bytes of packed weights and scratch that a kernel of these layers keeps. */
  public static long scratchBytes(List<PointwiseLayer> layers) {
    long in = layers.get(0).inChannels();
    long out = layers.stream().mapToLong(PointwiseLayer::outChannels).sum() + 32;
    long slice = Math.min(in + PackedHeads.DOT_LANES, PackedHeads.SLICE);
    return Float.BYTES * (in * out + BLOCK * (out * PackedHeads.DOT_LANES + 3 * slice));
  }

  /** Counts since the last {@link TileCounts#reset}. */
  public TileCounts counts() {
    return counts;
  }

  /**
   * Reduces {@code tile}; head h writes the tile's pixels to {@code outputs.get(h)}, whose element
   * (0,0,0,0) is the tile's first pixel. Writes nothing else. A missing tile, and a masked pixel,
   * become NaN.
   */
  public void apply(Tile tile, List<ChannelBlock> outputs) {
    Box box = tile.box();
    if (tile.missing()) {
      counts.addMasked(box.pixels());
    }
    PixelRun pixels = new PixelRun(box, BLOCK);
    while (pixels.next()) {
      if (tile.missing()) {
        packer.maskAll(pixels.count());
      } else {
        multiply(tile.blocks(), pixels);
        counts.addMasked(packer.maskedPixels(pixels.count()));
      }
      for (int h = 0; h < encoders.size(); h++) {
        encoders
            .get(h)
            .encode(sums, partials, packer.mask(), pixels, outputs.get(h), counts, h == 0);
      }
    }
  }

  private void multiply(List<ChannelBlock> blocks, PixelRun pixels) {
    int groups = (pixels.count() + Microkernel.ROWS - 1) / Microkernel.ROWS;
    Arrays.fill(sums, 0, groups * Microkernel.ROWS * heads.paddedColumns(), 0);
    Arrays.fill(
        partials, 0, groups * Microkernel.ROWS * heads.narrowRows() * PackedHeads.DOT_LANES, 0);
    packer.clearMask(pixels.count());
    for (int k = 0; k < heads.inChannels(); k += PackedHeads.SLICE) {
      int depth = Math.min(PackedHeads.SLICE, heads.inChannels() - k);
      packer.pack(blocks, pixels, k, depth);
      multiplyPanels(k, depth, groups);
      multiplyRows(k, depth, pixels.count());
    }
  }

  private void multiplyPanels(int k, int depth, int groups) {
    int stride = heads.paddedColumns();
    int whole = 2 * microkernel.lanes();
    for (int column = 0; column < stride; column += whole) {
      int width = Math.min(whole, stride - column);
      int panel = heads.panelAt(k, depth, column);
      for (int g = 0; g < groups; g++) {
        microkernel.multiply(
            packer.interleaved(),
            g * Microkernel.ROWS * PackedHeads.SLICE,
            heads.panels(),
            panel,
            width,
            depth,
            sums,
            g * Microkernel.ROWS * stride + column,
            stride);
      }
    }
  }

  private void multiplyRows(int k, int depth, int pixels) {
    int padded = PackedHeads.paddedIn(depth);
    int pixelSums = heads.narrowRows() * PackedHeads.DOT_LANES;
    for (int p = 0; p < pixels; p += Microkernel.DOT_PIXELS) {
      for (int o = 0; o < heads.narrowRows(); o++) {
        microkernel.dot(
            packer.rows(),
            p * PackedHeads.SLICE,
            PackedHeads.SLICE,
            Math.min(Microkernel.DOT_PIXELS, pixels - p),
            heads.rows(),
            o * heads.paddedIn() + k,
            padded,
            partials,
            p * pixelSums + o * PackedHeads.DOT_LANES,
            pixelSums);
      }
    }
  }
}
