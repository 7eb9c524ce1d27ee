package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ChannelBlock;

/**
 * Decodes, dequantises and transposes one slice of channels of a block of pixels into the forms the
 * microkernels read, and finds the pixels that are nodata.
 */
final class PixelPacker {
  private static final int ROWS = Microkernel.ROWS;
  private static final int SLICE = PackedHeads.SLICE;

  private final Dequantisation dequantisation;
  private final boolean wide;
  private final boolean narrow;
  private final RunDecoder decoder = new RunDecoder();
  private final float[] interleaved; // [group][channel][6]
  private final float[] rows; // [pixel][channel], or one row where no head needs them
  private final float[] column = new float[TileKernel.BLOCK];
  private final boolean[] mask = new boolean[TileKernel.BLOCK];

  PixelPacker(Dequantisation dequantisation, boolean wide, boolean narrow) {
    this.dequantisation = dequantisation;
    this.wide = wide;
    this.narrow = narrow;
    this.interleaved = new float[wide ? TileKernel.BLOCK * SLICE : 0];
    this.rows = new float[(narrow ? TileKernel.BLOCK : 1) * SLICE];
  }

  float[] interleaved() {
    return interleaved;
  }

  float[] rows() {
    return rows;
  }

  boolean[] mask() {
    return mask;
  }

  void clearMask(int pixels) {
    Arrays.fill(mask, 0, pixels, false);
  }

  void maskAll(int pixels) {
    Arrays.fill(mask, 0, pixels, true);
  }

  int maskedPixels(int pixels) {
    int masked = 0;
    for (int p = 0; p < pixels; p++) {
      masked += mask[p] ? 1 : 0;
    }
    return masked;
  }

  /** Packs the channels {@code first … first + depth} of the run's pixels. */
  void pack(List<ChannelBlock> blocks, PixelRun pixels, int first, int depth) {
    if (narrow && depth < PackedHeads.paddedIn(depth)) {
      for (int p = 0; p < pixels.count(); p++) {
        Arrays.fill(rows, p * SLICE + depth, p * SLICE + PackedHeads.paddedIn(depth), 0);
      }
    }
    for (ChannelBlock block : blocks) {
      int from = Math.max(first, block.firstChannel());
      int to = Math.min(first + depth, block.firstChannel() + block.channels());
      if (from < to) {
        if (block.strideC() != 1 && pixels.count() > 1 && pixels.evenly(block)) {
          packColumns(block, pixels, from, to, first);
        } else {
          packRows(block, pixels, from, to, first);
        }
      }
    }
  }

  /** Channels lie side by side: decode a pixel at a time. */
  private void packRows(ChannelBlock block, PixelRun pixels, int from, int to, int first) {
    int step = (int) (block.strideC() * block.type().bytes());
    for (int p = 0; p < pixels.count(); p++) {
      int row = narrow ? p * SLICE + from - first : 0;
      int at = pixels.at(block, p, from - block.firstChannel());
      decoder.decode(block.bytes(), at, step, to - from, block.type(), block.order(), rows, row);
      if (dequantisation.nodata() != null && hasNodata(rows, row, to - from)) {
        mask[p] = true;
      }
      dequantise(rows, row, to - from);
      if (wide) {
        int out = (p / ROWS * SLICE + from - first) * ROWS + p % ROWS;
        for (int k = row; k < row + to - from; k++) {
          interleaved[out] = rows[k];
          out += ROWS;
        }
      }
    }
  }

  /** Pixels lie at equal distances: decode a channel at a time. */
  private void packColumns(ChannelBlock block, PixelRun pixels, int from, int to, int first) {
    int count = pixels.count();
    int step = pixels.at(block, 1, 0) - pixels.at(block, 0, 0);
    for (int c = from; c < to; c++) {
      int at = pixels.at(block, 0, c - block.firstChannel());
      decoder.decode(block.bytes(), at, step, count, block.type(), block.order(), column, 0);
      if (dequantisation.nodata() != null) {
        for (int p = 0; p < count; p++) {
          mask[p] |= dequantisation.isNodata(column[p]);
        }
      }
      dequantise(column, 0, count);
      int k = c - first;
      for (int p = 0; wide && p < count; p++) {
        interleaved[(p / ROWS * SLICE + k) * ROWS + p % ROWS] = column[p];
      }
      for (int p = 0; narrow && p < count; p++) {
        rows[p * SLICE + k] = column[p];
      }
    }
  }

  private boolean hasNodata(float[] values, int at, int count) {
    for (int i = at; i < at + count; i++) {
      if (dequantisation.isNodata(values[i])) {
        return true;
      }
    }
    return false;
  }

  private void dequantise(float[] values, int at, int count) {
    if (dequantisation.linear()) {
      float scale = dequantisation.scale();
      float offset = dequantisation.offset();
      for (int i = at; i < at + count; i++) {
        values[i] = values[i] * scale + offset;
      }
    }
  }
}
