package org.pointwise.conv;

import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;

/** Walks the pixels of a box in row-major order, a fixed number at a time. */
final class PixelRun {
  private final Box box;
  private final int[] n;
  private final int[] y;
  private final int[] x;
  private int count;
  private long done;
  private int nextN;
  private int nextY;
  private int nextX;

  PixelRun(Box box, int most) {
    this.box = box;
    this.n = new int[most];
    this.y = new int[most];
    this.x = new int[most];
  }

  /** Steps to the next pixels; false when all are done. */
  boolean next() {
    done += count;
    count = (int) Math.min(n.length, box.pixels() - done);
    for (int p = 0; p < count; p++) {
      n[p] = nextN;
      y[p] = nextY;
      x[p] = nextX;
      step();
    }
    return count > 0;
  }

  private void step() {
    if (++nextX == box.x()) {
      nextX = 0;
      if (++nextY == box.y()) {
        nextY = 0;
        nextN++;
      }
    }
  }

  int count() {
    return count;
  }

  /** The byte where channel {@code c} of pixel {@code p} begins. */
  int at(ChannelBlock block, int p, int c) {
    return block.at(n[p], y[p], x[p], c);
  }

  /** Whether the pixels lie at equal distances in the block, and so make one run. */
  boolean evenly(ChannelBlock block) {
    if (count == 1) {
      return true;
    }
    int step = at(block, 1, 0) - at(block, 0, 0);
    return at(block, count - 1, 0) - at(block, 0, 0) == step * (count - 1) && sameRows(block, step);
  }

  private boolean sameRows(ChannelBlock block, int step) {
    for (int p = 2; p < count; p++) {
      if (at(block, p, 0) - at(block, p - 1, 0) != step) {
        return false;
      }
    }
    return true;
  }
}
