package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ChannelBlock;

/**
 * The kernel for inputs in which the pixels of one channel are adjacent. Outputs are the lines of
 * the register tile and pixels its columns, so that nothing is transposed. Float32 planes are read
 * in place.
 */
final class ChannelsFirstKernel implements BlockKernel {
  /**
   * Pixels of a block with wide heads. The prefetcher does not work well with shorter runs of many
   * planes; longer runs displace the sums from the cache. Narrow heads have few sums and use {@link
   * BlockKernel#MAX_PIXELS}.
   */
  static final int BLOCK = 384;

  private final PackedWeights heads;
  private final PanelPacker packer;
  private final Microkernel microkernel;
  private final NonFiniteCounter finiteness;
  private final ElementConversions conversions;
  private final int width; // pixels of a panel
  private final int stride; // pixels of a block, rounded up to whole panels
  private final int outputs; // wide outputs, rounded up to whole register tiles
  private final byte[] lines;
  private final byte[] rows;
  private final float[] panels; // [panel][k][pixel]
  private final byte[] planes; // [DOT_PLANES][pixel]
  private final Accumulators sums; // lines: wide outputs; columns: pixels
  private final Accumulators dots; // lines: narrow outputs; columns: pixels
  private final float[] partials; // [narrow][DOT_LANES][pixel]

  ChannelsFirstKernel(PackedWeights heads, Quantisation quantisation, KernelProvider provider) {
    this.heads = heads;
    this.packer = new PanelPacker(quantisation, provider.conversions());
    this.microkernel = provider.microkernel();
    this.finiteness = new NonFiniteCounter(heads.places(), microkernel);
    this.conversions = provider.conversions();
    this.width = 2 * microkernel.lanes();
    this.stride = PackedWeights.roundUp(block(), width);
    this.outputs = PackedWeights.roundUp(heads.wide(), Microkernel.HALF_LINES);
    this.lines = heads.lines(outputs);
    this.rows = heads.rows();
    this.panels = new float[heads.wide() == 0 ? 0 : stride * PackedWeights.SLICE];
    this.planes = new byte[Microkernel.DOT_PLANES * stride * Float.BYTES];
    this.sums = Accumulators.of(outputs, stride, width);
    this.dots = Accumulators.of(heads.narrow(), stride, stride);
    this.partials = new float[dots.values().length * PackedWeights.DOT_LANES];
  }

  @Override
  public int block() {
    return heads.wide() == 0 ? MAX_PIXELS : BLOCK;
  }

  @Override
  public void multiply(List<ChannelBlock> blocks, PixelRuns pixels, boolean[] mask) {
    pixels.locate(blocks.get(0));
    boolean stored = packer.isPacked(blocks, blocks.get(0).strideX()) && pixels.runs() == 1;
    Arrays.fill(sums.values(), 0);
    for (int k = 0; k < heads.inChannels() && heads.wide() > 0; k += PackedWeights.SLICE) {
      int depth = Math.min(PackedWeights.SLICE, heads.inChannels() - k);
      for (int c = 0; c < depth; c++) {
        if (stored) {
          fillPanels(blocks.get(0).bytes(), byteOffset(blocks, pixels, k + c), c, pixels.count());
        } else {
          packer.plane(blocks, pixels, k + c, planes, 0, mask);
          fillPanels(planes, 0, c, pixels.count());
        }
      }
      multiplyPanels(k, depth, pixels.count());
    }
    if (heads.narrow() > 0) {
      boolean whole = pixels.count() % microkernel.lanes() == 0;
      dotPlanes(blocks, pixels, stored && whole, mask);
    }
  }

  /**
   * Returns the byte at which a channel of the block's first pixel is stored. Requires that the
   * pixels are one run.
   */
  private static int byteOffset(List<ChannelBlock> blocks, PixelRuns pixels, int channel) {
    return pixels.byteOffset(0) + channel * planeStep(blocks.get(0));
  }

  private static int planeStep(ChannelBlock block) {
    return Math.toIntExact(block.strideC() * block.type().bytes());
  }

  private void fillPanels(byte[] plane, int at, int k, int count) {
    conversions.packPanels(plane, at, count, panels, k * width, width, PackedWeights.SLICE * width);
  }

  private void multiplyPanels(int k, int depth, int count) {
    int slice = k / PackedWeights.SLICE * outputs;
    for (int p = 0; p < count; p += width) {
      for (int o = 0; o < outputs; o += Microkernel.LINES) {
        microkernel.multiply(
            lines,
            (slice + o) * Microkernel.LINE_BYTES,
            Math.min(Microkernel.LINES, outputs - o),
            panels,
            p * PackedWeights.SLICE,
            width,
            depth,
            sums.values(),
            sums.index(o, p));
      }
    }
  }

  /**
   * Computes one partial sum after another, each over every sixteenth plane, a few planes at a
   * time.
   */
  private void dotPlanes(
      List<ChannelBlock> blocks, PixelRuns pixels, boolean stored, boolean[] mask) {
    Arrays.fill(partials, 0);
    int lanes = PackedWeights.DOT_LANES;
    for (int i = 0; i < lanes; i++) {
      for (int k = i; k < heads.inChannels(); k += Microkernel.DOT_PLANES * lanes) {
        int count = Math.min(Microkernel.DOT_PLANES, (heads.inChannels() - 1 - k) / lanes + 1);
        if (stored) {
          int step = lanes * planeStep(blocks.get(0));
          pixels.locate(blocks.get(0));
          dot(blocks.get(0).bytes(), byteOffset(blocks, pixels, k), step, count, k, pixels.count());
        } else {
          for (int j = 0; j < count; j++) {
            int to = j * stride * Float.BYTES;
            packer.plane(blocks, pixels, k + j * lanes, planes, to, mask);
          }
          dot(planes, 0, stride * Float.BYTES, count, k, pixels.count());
        }
      }
    }
    for (int o = 0; o < heads.narrow(); o++) {
      int from = o * lanes * stride;
      microkernel.addPartialPlanes(
          partials, from, stride, pixels.count(), dots.values(), dots.index(o, 0));
    }
  }

  private void dot(byte[] x, int at, int step, int count, int k, int pixels) {
    for (int o = 0; o < heads.narrow(); o++) {
      microkernel.dotPlanes(
          x,
          at,
          step,
          count,
          pixels,
          rows,
          o * heads.rowBytes() + k * Float.BYTES,
          PackedWeights.DOT_LANES * Float.BYTES,
          partials,
          (o * PackedWeights.DOT_LANES + k % PackedWeights.DOT_LANES) * stride);
    }
  }

  @Override
  public long nonFinite(PixelRuns pixels, boolean[] mask) {
    return finiteness.count(sums, dots, true, pixels.count(), mask);
  }

  @Override
  public void encode(
      HeadEncoder encoder, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    encoder.encodePlanes(encoder.place().narrow() ? dots : sums, pixels, mask, out, counts);
  }
}
