package org.pointwise.job;

import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;

/**
 * Hashes pixels with their positions in the image and its size. The hash does not depend on how the
 * numbers are stored. Confined to one thread.
 */
final class PixelHash {
  private final ArrayInfo info;
  private final PixelReader pixels;
  private final boolean finiteAlone;
  private boolean hasData;

  /**
   * @param finiteAlone whether a pixel with a channel that is not finite has no data; else one
   *     channel that is not NaN suffices
   */
  PixelHash(ArrayInfo info, boolean finiteAlone) {
    this.info = info;
    this.finiteAlone = finiteAlone;
    this.pixels = new PixelReader(info.quantisation(), info.shape().c());
  }

  /**
   * Returns the value from which the hashes of the pixels of a tile of one image start.
   *
   * @param image distinguishes the image from others
   */
  long start(Tile tile, long image) {
    Box whole = info.image(tile.box().n0());
    return PixelSample.mix(PixelSample.mix(PixelSample.mix(image) + whole.y1()) + whole.x1());
  }

  /**
   * Returns the hash of a pixel. All pixels without data at the same position have the same hash.
   *
   * @param tile of one image
   * @param p position of the pixel in row-major order
   * @param start as {@link #start} returned it
   */
  long of(Tile tile, int p, long start) {
    Box box = tile.box();
    long hash = PixelSample.mix(start + box.y0() + p / box.x());
    hash = PixelSample.mix(hash + box.x0() + p % box.x());
    double[] pixel = tile.nodata() ? new double[0] : pixels.read(tile, p);
    hasData = !tile.nodata() && (finiteAlone ? pixels.usable() : pixels.hasData());
    for (int c = 0; c < pixel.length && hasData; c++) {
      hash = PixelSample.mix(hash + Double.doubleToLongBits(pixel[c] + 0.0)); // −0 is 0
    }
    return hash;
  }

  /** Returns whether the last pixel has data. */
  boolean hasData() {
    return hasData;
  }
}
