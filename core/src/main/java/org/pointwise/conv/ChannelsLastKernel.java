package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ChannelBlock;

/**
 * The kernel for inputs in which the channels of a pixel are adjacent. Pixels are the lines of the
 * register tile and outputs its columns. Narrow heads read float32 pixels in place.
 */
final class ChannelsLastKernel implements BlockKernel {
  private static final int BLOCK = 8 * Microkernel.LINES;

  /**
   * Pixels whose dot products are computed together, so that weights are read once for all of them.
   */
  static final int DOT_BLOCK = 4 * Microkernel.DOT_PIXELS;

  /** Channels per pass of the dot products: the weights of eight outputs are 16 KiB. */
  private static final int DOT_DEPTH = 512;

  private final PackedWeights heads;
  private final PanelPacker packer;
  private final Microkernel microkernel;
  private final NonFiniteCounter finiteness;
  private final int lanes;
  private final int columns;
  private final float[] panels;
  private final byte[] rows;
  private final byte[] lines; // [pixel][LINE]
  private final byte[] pixelRows; // [pixel][padded channels]
  private final Accumulators sums; // lines: pixels; columns: wide outputs
  private final Accumulators dots; // lines: pixels; columns: narrow outputs
  private final float[] partials; // [pixel][narrow][DOT_LANES]

  ChannelsLastKernel(PackedWeights heads, Quantisation quantisation, KernelProvider provider) {
    this.heads = heads;
    this.packer = new PanelPacker(quantisation, provider.conversions());
    this.microkernel = provider.microkernel();
    this.finiteness = new NonFiniteCounter(heads.places(), microkernel);
    this.lanes = microkernel.lanes();
    this.columns = PackedWeights.roundUp(heads.wide(), lanes);
    this.panels = heads.panels(lanes);
    this.rows = heads.rows();
    this.lines = new byte[columns == 0 ? 0 : BLOCK * Microkernel.LINE_BYTES];
    this.pixelRows = new byte[heads.narrow() == 0 ? 0 : DOT_BLOCK * heads.rowBytes()];
    this.sums = Accumulators.of(BLOCK, columns, 2 * lanes);
    this.dots = Accumulators.of(BLOCK + DOT_BLOCK, heads.narrow(), Math.max(1, heads.narrow()));
    this.partials = new float[DOT_BLOCK * heads.narrow() * PackedWeights.DOT_LANES];
  }

  @Override
  public int block() {
    return BLOCK;
  }

  @Override
  public void multiply(List<ChannelBlock> blocks, PixelRuns pixels, boolean[] mask) {
    if (columns > 0) {
      Arrays.fill(sums.values(), 0);
      for (int k = 0; k < heads.inChannels(); k += PackedWeights.SLICE) {
        int depth = Math.min(PackedWeights.SLICE, heads.inChannels() - k);
        packer.pixels(
            blocks, pixels, 0, pixels.count(), k, depth, lines, Microkernel.LINE_BYTES, mask);
        multiplyPanels(k, depth, pixels.count());
      }
    }
    if (heads.narrow() > 0) {
      dotPixels(blocks, pixels, mask);
    }
  }

  private void multiplyPanels(int k, int depth, int count) {
    for (int p = 0; p < count; p += Microkernel.LINES) {
      for (int column = 0; column < columns; column += 2 * lanes) {
        microkernel.multiply(
            lines,
            p * Microkernel.LINE_BYTES,
            Microkernel.LINES,
            panels,
            k * columns + column * depth,
            Math.min(2 * lanes, columns - column),
            depth,
            sums.values(),
            sums.index(p, column));
      }
    }
  }

  private void dotPixels(List<ChannelBlock> blocks, PixelRuns pixels, boolean[] mask) {
    ChannelBlock block = blocks.get(0);
    boolean stored =
        packer.isPacked(blocks, block.strideC())
            && heads.inChannels() % PackedWeights.DOT_LANES == 0;
    if (stored) {
      pixels.locate(block);
      for (int run = 0; run < pixels.runs(); run++) {
        for (int p = 0; p < pixels.length(run); p += DOT_BLOCK) {
          int count = Math.min(DOT_BLOCK, pixels.length(run) - p);
          int at = pixels.byteOffset(run) + p * pixels.step();
          dot(block.bytes(), at, pixels.step(), pixels.pixel(run) + p, count);
        }
      }
      return;
    }
    for (int p = 0; p < pixels.count(); p += DOT_BLOCK) {
      int count = Math.min(DOT_BLOCK, pixels.count() - p);
      packer.pixels(
          blocks, pixels, p, count, 0, heads.inChannels(), pixelRows, heads.rowBytes(), mask);
      dot(pixelRows, 0, heads.rowBytes(), p, count);
    }
  }

  private void dot(byte[] x, int at, int step, int pixel, int count) {
    int stride = heads.narrow() * PackedWeights.DOT_LANES;
    int depth = heads.rowBytes() / Float.BYTES;
    Arrays.fill(partials, 0, count * stride, 0);
    for (int k = 0; k < depth; k += DOT_DEPTH) {
      for (int p = 0; p < count; p += Microkernel.DOT_PIXELS) {
        microkernel.dot(
            x,
            at + p * step + k * Float.BYTES,
            step,
            Math.min(Microkernel.DOT_PIXELS, count - p),
            rows,
            k * Float.BYTES,
            heads.rowBytes(),
            heads.narrow(),
            Math.min(DOT_DEPTH, depth - k),
            partials,
            p * stride,
            stride);
      }
    }
    microkernel.addPartials(partials, count * heads.narrow(), dots.values(), dots.index(pixel, 0));
  }

  @Override
  public long nonFinite(PixelRuns pixels, boolean[] mask) {
    return finiteness.count(sums, dots, false, pixels.count(), mask);
  }

  @Override
  public void encode(
      HeadEncoder encoder, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    encoder.encodePixels(encoder.place().narrow() ? dots : sums, pixels, mask, out, counts);
  }
}
