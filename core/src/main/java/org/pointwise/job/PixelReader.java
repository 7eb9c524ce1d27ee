package org.pointwise.job;

import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Tile;

/** Reads and dequantises pixels of stored tiles, one at a time. Confined to one thread. */
final class PixelReader {
  private final Quantisation quantisation;
  private final double[] values;
  private boolean usable;

  PixelReader(Quantisation quantisation, int channels) {
    this.quantisation = quantisation;
    this.values = new double[channels];
  }

  /**
   * Reads a pixel.
   *
   * @param tile of one image
   * @param p position of the pixel in row-major order
   * @return its channels, dequantised in float64; valid until the next call
   */
  double[] read(Tile tile, int p) {
    Nodata nodata = quantisation.nodata();
    Box box = tile.box();
    usable = tile.mask() == null || !tile.mask().isHidden(box, p);
    for (ChannelBlock block : tile.blocks()) {
      for (int c = 0; c < block.channels(); c++) {
        int at = block.byteOffset(0, p / box.x(), p % box.x(), c);
        int channel = block.firstChannel() + c;
        double stored = ElementAccess.doubleAt(block.bytes(), at, block.type(), block.order());
        double value = quantisation.decode(stored, channel);
        values[channel] = value;
        usable &= Double.isFinite(value);
        usable &= nodata == null || !nodata.isAt(block.bytes(), at, block.order());
      }
    }
    return values;
  }

  /** Returns whether all channels of the last pixel read are finite and none is nodata. */
  boolean usable() {
    return usable;
  }
}
