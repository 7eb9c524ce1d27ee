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
  private boolean nodata;
  private long finite;
  private boolean number; // whether a channel is not NaN

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
    Nodata marker = quantisation.nodata();
    Box box = tile.box();
    nodata = tile.mask() != null && tile.mask().isHidden(box, p);
    finite = 0;
    number = false;
    for (ChannelBlock block : tile.blocks()) {
      for (int c = 0; c < block.channels(); c++) {
        int at = block.byteOffset(0, p / box.x(), p % box.x(), c);
        int channel = block.firstChannel() + c;
        double stored = ElementAccess.doubleAt(block.bytes(), at, block.type(), block.order());
        double value = quantisation.decode(stored, channel);
        values[channel] = value;
        finite += Double.isFinite(value) ? 1 : 0;
        number |= !Double.isNaN(value);
        nodata |= marker != null && marker.isAt(block.bytes(), at, block.order());
      }
    }
    return values;
  }

  /** Returns whether all channels of the last pixel read are finite and none is nodata. */
  boolean usable() {
    return !nodata && finite == values.length;
  }

  /** Returns whether a channel of the last pixel read is not NaN and none is nodata. */
  boolean hasData() {
    return !nodata && number;
  }
}
