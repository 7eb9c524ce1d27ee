package org.pointwise.conv;

import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;

/**
 * Walks the pixels of a box in row-major order, a block of them at a time, and finds where they lie
 * in an array: as runs of pixels at equal distances, mostly one.
 */
final class PixelRuns {
  private int max;
  private final int[] pixel;
  private final int[] length;
  private final int[] at;
  private int width;
  private int height;
  private long total;
  private long done;
  private int count;
  private int runs;
  private int step;

  /**
   * @param max pixels that a block may have
   */
  PixelRuns(int max) {
    this.pixel = new int[max];
    this.length = new int[max];
    this.at = new int[max];
  }

  /**
   * Begins a box.
   *
   * @param pixels of a block, at most
   */
  void start(Box box, int pixels) {
    max = pixels;
    width = box.x();
    height = box.y();
    total = box.pixels();
    done = 0;
    count = 0;
  }

  /** Steps to the next pixels; false when all are done. */
  boolean next() {
    done += count;
    count = (int) Math.min(max, total - done);
    return count > 0;
  }

  /** Pixels in the block. */
  int count() {
    return count;
  }

  /** Finds the runs of the block's pixels in {@code block}. */
  void locate(ChannelBlock block) {
    step = Math.toIntExact(block.strideX() * block.type().bytes());
    runs = 0;
    long row = done / width;
    int x = (int) (done % width);
    for (int p = 0; p < count; row++, x = 0) {
      int piece = Math.min(width - x, count - p);
      int from = block.at(row / height, row % height, x, 0);
      if (runs > 0 && from == at[runs - 1] + length[runs - 1] * step) {
        length[runs - 1] += piece;
      } else {
        pixel[runs] = p;
        length[runs] = piece;
        at[runs] = from;
        runs++;
      }
      p += piece;
    }
  }

  int runs() {
    return runs;
  }

  /** The run's first pixel, counted from the block's first. */
  int pixel(int run) {
    return pixel[run];
  }

  /** Pixels in the run. */
  int length(int run) {
    return length[run];
  }

  /** The byte where the first pixel's first channel begins. */
  int at(int run) {
    return at[run];
  }

  /** Bytes between neighbouring pixels of a run. */
  int step() {
    return step;
  }
}
