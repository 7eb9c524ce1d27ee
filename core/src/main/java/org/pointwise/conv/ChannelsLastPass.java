package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ChannelBlock;

/**
 * Channels lie side by side: pixels become the lines of the register tile, outputs its columns.
 * Narrow heads alone read float32 pixels where they lie.
 */
final class ChannelsLastPass implements Pass {
  private final HeadLayout heads;
  private final Dequantisation dequantisation;
  private final Microkernel microkernel;
  private final NumberRuns numbers;
  private final int lanes;
  private final int columns;
  private final float[] panels;
  private final byte[] rows;
  private final byte[] lines = new byte[TileKernel.BLOCK * Microkernel.LINE_BYTES];
  private final Sums sums; // lines: pixels; columns: wide outputs
  private final float[] partials; // [pixel][narrow][DOT_LANES]
  private final Sums dots; // lines: pixels; columns: narrow outputs

  ChannelsLastPass(HeadLayout heads, Dequantisation dequantisation, KernelChoice choice) {
    this.heads = heads;
    this.dequantisation = dequantisation;
    this.microkernel = choice.microkernel();
    this.numbers = choice.numbers();
    this.lanes = microkernel.lanes();
    this.columns = HeadLayout.roundUp(heads.wide(), lanes);
    this.panels = heads.panels(lanes);
    this.rows = heads.rows();
    this.sums = Sums.of(TileKernel.BLOCK, columns, 2 * lanes);
    this.dots = Sums.of(TileKernel.BLOCK, heads.narrow(), Math.max(1, heads.narrow()));
    this.partials = new float[dots.values().length * HeadLayout.DOT_LANES];
  }

  @Override
  public void multiply(List<ChannelBlock> blocks, PixelRuns pixels, boolean[] mask) {
    int count = pixels.count();
    Arrays.fill(sums.values(), 0);
    Arrays.fill(partials, 0, count * heads.narrow() * HeadLayout.DOT_LANES, 0);
    int first = 0;
    if (heads.wide() == 0 && Packing.isPlain(blocks, blocks.get(0).strideC(), dequantisation)) {
      first = heads.inChannels() / HeadLayout.DOT_LANES * HeadLayout.DOT_LANES;
      dotStored(blocks.get(0), pixels, first);
    }
    for (int k = first; k < heads.inChannels(); k += HeadLayout.SLICE) {
      int depth = Math.min(HeadLayout.SLICE, heads.inChannels() - k);
      pack(blocks, pixels, k, depth, mask);
      multiplyPanels(k, depth, count);
      dotPacked(k, HeadLayout.roundUp(depth, HeadLayout.DOT_LANES), count);
    }
    microkernel.addPartials(partials, count * heads.narrow(), dots.values(), 0);
  }

  /** Packs the channels {@code first … first + depth} of the block's pixels, a line each. */
  private void pack(
      List<ChannelBlock> blocks, PixelRuns pixels, int first, int depth, boolean[] mask) {
    int padded = HeadLayout.roundUp(depth, HeadLayout.DOT_LANES);
    for (int p = 0; p < pixels.count() && depth < padded; p++) {
      int line = p * Microkernel.LINE_BYTES;
      Arrays.fill(lines, line + depth * Float.BYTES, line + padded * Float.BYTES, (byte) 0);
    }
    for (ChannelBlock block : blocks) {
      int from = Math.max(first, block.firstChannel());
      int to = Math.min(first + depth, block.firstChannel() + block.channels());
      if (from < to) {
        int step = Math.toIntExact(block.strideC() * block.type().bytes());
        pixels.locate(block);
        for (int run = 0; run < pixels.runs(); run++) {
          int line = pixels.pixel(run) * Microkernel.LINE_BYTES + (from - first) * Float.BYTES;
          numbers.decode(
              block.bytes(),
              pixels.at(run) + (from - block.firstChannel()) * step,
              pixels.step(),
              pixels.length(run),
              step,
              to - from,
              block.type(),
              block.order(),
              lines,
              line,
              Microkernel.LINE_BYTES);
        }
      }
    }
    Float nodata = dequantisation.nodata();
    for (int p = 0; p < pixels.count() && (nodata != null || dequantisation.linear()); p++) {
      int line = p * Microkernel.LINE_BYTES;
      mask[p] |= nodata != null && numbers.contains(lines, line, depth, nodata);
      if (dequantisation.linear()) {
        numbers.scale(lines, line, depth, dequantisation.scale(), dequantisation.offset());
      }
    }
  }

  private void multiplyPanels(int k, int depth, int count) {
    for (int column = 0; column < columns; column += 2 * lanes) {
      int width = Math.min(2 * lanes, columns - column);
      for (int p = 0; p < count; p += Microkernel.LINES) {
        microkernel.multiply(
            lines,
            p * Microkernel.LINE_BYTES,
            Microkernel.LINES,
            panels,
            k * columns + column * depth,
            width,
            depth,
            sums.values(),
            sums.at(p, column));
      }
    }
  }

  private void dotPacked(int k, int depth, int count) {
    for (int p = 0; p < count && heads.narrow() > 0; p += Microkernel.DOT_PIXELS) {
      int pixels = Math.min(Microkernel.DOT_PIXELS, count - p);
      dot(lines, p * Microkernel.LINE_BYTES, Microkernel.LINE_BYTES, pixels, k, depth, p);
    }
  }

  private void dotStored(ChannelBlock block, PixelRuns pixels, int depth) {
    pixels.locate(block);
    for (int run = 0; run < pixels.runs(); run++) {
      for (int p = 0; p < pixels.length(run); p += Microkernel.DOT_PIXELS) {
        int count = Math.min(Microkernel.DOT_PIXELS, pixels.length(run) - p);
        int at = pixels.at(run) + p * pixels.step();
        dot(block.bytes(), at, pixels.step(), count, 0, depth, pixels.pixel(run) + p);
      }
    }
  }

  private void dot(byte[] x, int at, int step, int count, int k, int depth, int pixel) {
    int stride = heads.narrow() * HeadLayout.DOT_LANES;
    microkernel.dot(
        x,
        at,
        step,
        count,
        rows,
        k * Float.BYTES,
        heads.rowBytes(),
        heads.narrow(),
        depth,
        partials,
        pixel * stride,
        stride);
  }

  @Override
  public void encode(
      HeadEncoder encoder, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    encoder.encodePixels(encoder.place().narrow() ? dots : sums, pixels, mask, out, counts);
  }
}
