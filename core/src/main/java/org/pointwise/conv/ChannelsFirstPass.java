package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ChannelBlock;

/**
 * Pixels of one channel lie side by side: outputs become the lines of the register tile, pixels its
 * columns, so that nothing is transposed. Narrow heads alone read float32 planes where they lie.
 */
final class ChannelsFirstPass implements Pass {
  private final HeadLayout heads;
  private final Dequantisation dequantisation;
  private final Microkernel microkernel;
  private final NumberRuns numbers;
  private final int lanes;
  private final int width; // of a panel, pixels
  private final int stride; // of a line of sums: the pixels of a block in whole panels
  private final int outputs; // wide ones in whole register tiles
  private final byte[] lines;
  private final byte[] rows;
  private final byte[] packed; // [k][pixel] of a panel
  private final float[] panel; // the same
  private final Sums sums; // lines: wide outputs; columns: pixels
  private final float[] partials; // [narrow][DOT_LANES][pixel]
  private final Sums dots; // lines: narrow outputs; columns: pixels

  ChannelsFirstPass(HeadLayout heads, Dequantisation dequantisation, KernelChoice choice) {
    this.heads = heads;
    this.dequantisation = dequantisation;
    this.microkernel = choice.microkernel();
    this.numbers = choice.numbers();
    this.lanes = microkernel.lanes();
    this.width = 2 * lanes;
    this.stride = HeadLayout.roundUp(TileKernel.BLOCK, width);
    this.outputs = HeadLayout.roundUp(heads.wide(), Microkernel.HALF_LINES);
    this.lines = heads.lines(outputs);
    this.rows = heads.rows();
    this.packed = new byte[width * HeadLayout.SLICE * Float.BYTES];
    this.panel = new float[width * HeadLayout.SLICE];
    this.sums = Sums.of(outputs, stride, width);
    this.dots = Sums.of(heads.narrow(), stride, stride);
    this.partials = new float[dots.values().length * HeadLayout.DOT_LANES];
  }

  @Override
  public void multiply(List<ChannelBlock> blocks, PixelRuns pixels, boolean[] mask) {
    Arrays.fill(sums.values(), 0);
    Arrays.fill(partials, 0);
    boolean plain = Packing.isPlain(blocks, blocks.get(0).strideX(), dequantisation);
    int first = 0;
    if (plain && heads.wide() == 0 && pixels.count() % lanes == 0) {
      pixels.locate(blocks.get(0));
      if (pixels.runs() == 1) {
        first = heads.inChannels() / HeadLayout.DOT_LANES * HeadLayout.DOT_LANES;
        dotStored(blocks.get(0), pixels, first);
      }
    }
    for (int k = first; k < heads.inChannels(); k += HeadLayout.SLICE) {
      int depth = Math.min(HeadLayout.SLICE, heads.inChannels() - k);
      for (int p = 0; p < pixels.count(); p += width) {
        int count = Math.min(width, pixels.count() - p);
        if (plain && heads.narrow() == 0) {
          gather(blocks, pixels, k, depth, p, count, panel);
        } else {
          gather(blocks, pixels, k, depth, p, count, null);
          dequantise(depth, p, count, mask);
          dotPacked(k, depth, p, count);
          numbers.copy(packed, 0, 0, 1, depth * width, panel, 0, 0);
        }
        multiplyPanel(k, depth, p);
      }
    }
    for (int o = 0; o < heads.narrow(); o++) {
      int from = o * HeadLayout.DOT_LANES * stride;
      microkernel.addPartialPlanes(
          partials, from, stride, pixels.count(), dots.values(), o * stride);
    }
  }

  /**
   * Decodes the channels {@code first … first + depth} of the pixels {@code p … p + count}.
   *
   * @param plain where float32 goes as it is; null to decode to {@link #packed}
   */
  private void gather(
      List<ChannelBlock> blocks,
      PixelRuns pixels,
      int first,
      int depth,
      int p,
      int count,
      float @Nullable [] plain) {
    for (ChannelBlock block : blocks) {
      int from = Math.max(first, block.firstChannel());
      int to = Math.min(first + depth, block.firstChannel() + block.channels());
      if (from >= to) {
        continue;
      }
      int planeStep = Math.toIntExact(block.strideC() * block.type().bytes());
      pixels.locate(block);
      for (int run = 0; run < pixels.runs(); run++) {
        int begin = Math.max(p, pixels.pixel(run));
        int end = Math.min(p + count, pixels.pixel(run) + pixels.length(run));
        if (begin >= end) {
          continue;
        }
        int at =
            pixels.at(run)
                + (begin - pixels.pixel(run)) * pixels.step()
                + (from - block.firstChannel()) * planeStep;
        int to0 = (from - first) * width + begin - p;
        if (plain != null) {
          numbers.copy(block.bytes(), at, planeStep, to - from, end - begin, plain, to0, width);
        } else {
          numbers.decode(
              block.bytes(),
              at,
              planeStep,
              to - from,
              pixels.step(),
              end - begin,
              block.type(),
              block.order(),
              packed,
              to0 * Float.BYTES,
              width * Float.BYTES);
        }
      }
    }
  }

  private void dequantise(int depth, int p, int count, boolean[] mask) {
    Float nodata = dequantisation.nodata();
    for (int k = 0; k < depth && nodata != null; k++) {
      numbers.mark(packed, k * width * Float.BYTES, count, nodata, mask, p);
    }
    if (dequantisation.linear()) {
      numbers.scale(packed, 0, depth * width, dequantisation.scale(), dequantisation.offset());
    }
  }

  private void multiplyPanel(int k, int depth, int p) {
    int slice = k / HeadLayout.SLICE * outputs;
    for (int o = 0; o < outputs; o += Microkernel.LINES) {
      microkernel.multiply(
          lines,
          (slice + o) * Microkernel.LINE_BYTES,
          Math.min(Microkernel.LINES, outputs - o),
          panel,
          0,
          width,
          depth,
          sums.values(),
          sums.at(o, p));
    }
  }

  private void dotPacked(int k, int depth, int p, int count) {
    int padded = HeadLayout.roundUp(depth, HeadLayout.DOT_LANES);
    Arrays.fill(packed, depth * width * Float.BYTES, padded * width * Float.BYTES, (byte) 0);
    for (int i = 0; i < count; i += lanes) {
      dot(packed, i * Float.BYTES, width * Float.BYTES, k, padded, p + i);
    }
  }

  private void dotStored(ChannelBlock block, PixelRuns pixels, int depth) {
    int planeStep = Math.toIntExact(block.strideC() * block.type().bytes());
    for (int p = 0; p < pixels.count(); p += lanes) {
      dot(block.bytes(), pixels.at(0) + p * pixels.step(), planeStep, 0, depth, p);
    }
  }

  private void dot(byte[] x, int at, int step, int k, int depth, int pixel) {
    for (int o = 0; o < heads.narrow(); o++) {
      microkernel.dotPlanes(
          x,
          at,
          step,
          rows,
          o * heads.rowBytes() + k * Float.BYTES,
          depth,
          partials,
          o * HeadLayout.DOT_LANES * stride + pixel,
          stride);
    }
  }

  @Override
  public void encode(
      HeadEncoder encoder, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    encoder.encodePlanes(encoder.place().narrow() ? dots : sums, pixels, mask, out, counts);
  }
}
