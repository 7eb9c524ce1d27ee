package org.pointwise.conv;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Nodata;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.Tile;

/**
 * Looks at stored numbers whose type float32 does not hold exactly, before they are rounded: which
 * pixels are nodata, and which finite numbers are beyond float32.
 */
final class WideNumbers {
  private final @Nullable Nodata nodata;

  WideNumbers(@Nullable Nodata nodata) {
    this.nodata = nodata;
  }

  /** Whether there is anything to look for. */
  boolean concern(Tile tile) {
    ElementType type = tile.blocks().get(0).type();
    return type == ElementType.FLOAT64 || (nodata != null && !type.exactAsFloat32());
  }

  /**
   * Looks at the pixels {@code first … first + count} of a tile, in row-major order.
   *
   * @param mask set, from 0, where a number is nodata
   * @param counts counts finite numbers of other pixels that are beyond float32
   */
  void look(Tile tile, long first, int count, boolean[] mask, TileCounts counts) {
    Box box = tile.box();
    for (int p = 0; p < count; p++) {
      long pixel = first + p;
      long n = pixel / box.x() / box.y();
      long y = pixel / box.x() % box.y();
      long x = pixel % box.x();
      if (nodata != null && isNodata(tile.blocks(), n, y, x)) {
        mask[p] = true;
      } else if (tile.blocks().get(0).type() == ElementType.FLOAT64) {
        countBeyond(tile, n, y, x, counts);
      }
    }
  }

  private boolean isNodata(List<ChannelBlock> blocks, long n, long y, long x) {
    for (ChannelBlock block : blocks) {
      for (int c = 0; c < block.channels(); c++) {
        if (nodata != null && nodata.isAt(block.bytes(), block.at(n, y, x, c), block.order())) {
          return true;
        }
      }
    }
    return false;
  }

  private static void countBeyond(Tile tile, long n, long y, long x, TileCounts counts) {
    for (ChannelBlock block : tile.blocks()) {
      for (int c = 0; c < block.channels(); c++) {
        double value =
            Elements.doubleAt(block.bytes(), block.at(n, y, x, c), block.type(), block.order());
        if (Double.isFinite(value) && Float.isInfinite((float) value)) {
          Box box = tile.box();
          counts.addBeyondFloat32(
              value, box.n0() + n, box.y0() + y, box.x0() + x, block.firstChannel() + c);
        }
      }
    }
  }
}
