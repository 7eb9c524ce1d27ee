package org.pointwise.conv;

import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;

/**
 * Iterates over the pixels of a box in row-major order, in blocks, and locates them in an array as
 * runs of pixels at equal distances. Most blocks are one run.
 */
final class PixelRuns {
  private int max;
  private final int[] pixel;
  private final int[] length;
  private final int[] byteOffsets;
  private int width;
  private int height;
  private long total;
  private long done;
  private int count;
  private int runs;
  private int step;

  /**
   * @param max the largest number of pixels of a block
   */
  PixelRuns(int max) {
    this.pixel = new int[max];
    this.length = new int[max];
    this.byteOffsets = new int[max];
  }

  /**
   * Starts a box.
   *
   * @param pixels the largest number of pixels of a block
   */
  void start(Box box, int pixels) {
    max = pixels;
    width = box.x();
    height = box.y();
    total = box.pixels();
    done = 0;
    count = 0;
  }

  /** Advances to the next block; returns false after the last one. */
  boolean next() {
    done += count;
    count = (int) Math.min(max, total - done);
    return count > 0;
  }

  /** Returns the number of pixels in the block. */
  int count() {
    return count;
  }

  /** Locates the runs of the block's pixels in {@code block}. */
  void locate(ChannelBlock block) {
    step = Math.toIntExact(block.strideX() * block.type().bytes());
    runs = 0;
    long row = done / width;
    int x = (int) (done % width);
    for (int p = 0; p < count; row++, x = 0) {
      int piece = Math.min(width - x, count - p);
      int from = block.byteOffset(row / height, row % height, x, 0);
      if (runs > 0 && from == byteOffsets[runs - 1] + length[runs - 1] * step) {
        length[runs - 1] += piece;
      } else {
        pixel[runs] = p;
        length[runs] = piece;
        byteOffsets[runs] = from;
        runs++;
      }
      p += piece;
    }
  }

  int runs() {
    return runs;
  }

  /** Returns the run's first pixel, counted from the block's first. */
  int pixel(int run) {
    return pixel[run];
  }

  /** Returns the number of pixels in the run. */
  int length(int run) {
    return length[run];
  }

  /** Returns the byte where the first channel of the run's first pixel begins. */
  int byteOffset(int run) {
    return byteOffsets[run];
  }

  /** Returns the bytes between neighbouring pixels of a run. */
  int step() {
    return step;
  }
}
