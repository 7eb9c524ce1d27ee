package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.pointwise.tensor.ElementAccess;

/**
 * Applies one layer to single pixels, for sources that deliver pixels one at a time, such as rows
 * of a table. The results are bit-identical to those of {@link TileKernel}, which is faster for
 * several pixels because it reads the weights once for all of them.
 *
 * <p>Confined to one thread. {@link KernelProvider#pixelKernel} makes one.
 */
public final class PixelKernel {
  private final PackedWeights heads;
  private final Microkernel microkernel;
  private final Epilogue epilogue;
  private final NonFiniteCounter finiteness;
  private final int width; // of a wide panel
  private final int columns;
  private final float[] panels;
  private final byte[] rows;
  private final byte[] line;
  private final Accumulators sums; // of one line: column o is output o of a wide layer
  private final Accumulators dots; // the same for a narrow layer
  private final float[] partials;
  private final boolean[] mask = new boolean[1];
  private long nonFinite;

  PixelKernel(PointwiseLayer layer, Microkernel microkernel) {
    int lanes = microkernel.lanes() * Microkernel.LINE_VECTORS / 2;
    this.heads = new PackedWeights(List.of(layer));
    this.microkernel = microkernel;
    this.epilogue = new Epilogue(heads.places().get(0), microkernel);
    this.finiteness = new NonFiniteCounter(heads.places(), microkernel);
    this.width = 2 * lanes;
    this.columns = PackedWeights.roundUp(heads.wide(), lanes);
    this.panels = heads.panels(lanes);
    this.rows = heads.rows();
    this.line = new byte[PackedWeights.roundUp(layer.inChannels(), PackedWeights.DOT_LANES) * 4];
    this.sums = Accumulators.of(1, columns, Math.max(1, columns));
    int narrow = PackedWeights.roundUp(heads.narrow(), PackedWeights.DOT_LANES);
    this.dots = Accumulators.of(1, narrow, Math.max(1, narrow));
    this.partials = new float[narrow * PackedWeights.DOT_LANES];
  }

  /**
   * Returns the buffer of the pixel's channels as little-endian float32: channel c at byte 4c.
   * Bytes after the last channel are zero and must remain zero.
   */
  public byte[] input() {
    return line;
  }

  /** Sets a channel of {@link #input}. */
  public void set(int channel, float value) {
    ElementAccess.putFloat32(line, Float.BYTES * channel, value);
  }

  /**
   * Computes the outputs of the pixel in {@link #input}.
   *
   * @param outputs receives one number per output channel
   */
  public void apply(float[] outputs) {
    Accumulators result = columns > 0 ? sums : dots;
    if (columns > 0) {
      multiply();
    } else {
      dot();
    }
    nonFinite += finiteness.count(sums, dots, false, 1, mask);
    epilogue.applyToPixels(result, 1, mask);
    System.arraycopy(result.values(), 0, outputs, 0, epilogue.outputs());
  }

  private void multiply() {
    Arrays.fill(sums.values(), 0);
    for (int k = 0; k < heads.inChannels(); k += PackedWeights.SLICE) {
      int depth = Math.min(PackedWeights.SLICE, heads.inChannels() - k);
      for (int column = 0; column < columns; column += width) {
        microkernel.multiplyLine(
            line,
            k * Float.BYTES,
            panels,
            k * columns + column * depth,
            Math.min(width, columns - column),
            depth,
            sums.values(),
            column);
      }
    }
  }

  private void dot() {
    Arrays.fill(partials, 0);
    int depth = heads.rowBytes() / Float.BYTES;
    int stride = heads.narrow() * PackedWeights.DOT_LANES;
    microkernel.dot(
        line, 0, 0, 1, rows, 0, heads.rowBytes(), heads.narrow(), depth, partials, 0, stride);
    microkernel.addPartials(partials, heads.narrow(), dots.values(), 0);
  }

  /**
   * Returns the number of pixels with an output that is not finite, as {@link
   * TileCounts#nonFinite}.
   */
  public long nonFinite() {
    return nonFinite;
  }
}
