package org.pointwise.conv;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Tile;

/**
 * Examines stored numbers whose type float32 does not hold exactly, before they are rounded.
 * Determines which pixels are nodata and which finite numbers are features beyond the float32
 * range. Dequantises the numbers if there is a scale or offset.
 */
final class WideElements {
  private final Quantisation quantisation;
  private final @Nullable Nodata nodata;
  private final boolean scaled;

  WideElements(Quantisation quantisation) {
    this.quantisation = quantisation;
    this.nodata = quantisation.nodata();
    this.scaled = !quantisation.scaling().isNone();
  }

  /** Returns whether {@link #decode} dequantises numbers of this type. */
  boolean scales(ElementType type) {
    return scaled && !type.exactAsFloat32();
  }

  /**
   * Dequantises a number in float64 and rounds it to float32. The feature of a finite number beyond
   * the float32 range becomes the largest float32 of the same sign.
   *
   * @param at the byte of the number in {@code block}
   * @param channel the channel of the array
   */
  void decode(ChannelBlock block, int at, int channel, byte[] packed, int packedAt) {
    double stored = ElementAccess.doubleAt(block.bytes(), at, block.type(), block.order());
    double value = quantisation.decode(stored, channel);
    float rounded = (float) value;
    if (Float.isInfinite(rounded) && Double.isFinite(stored)) {
      rounded = Math.copySign(Float.MAX_VALUE, rounded);
    }
    ElementAccess.putFloat32(packed, packedAt, rounded);
  }

  /** Returns whether the pixels of a tile must be examined. */
  boolean appliesTo(Tile tile) {
    ElementType type = tile.blocks().get(0).type();
    return type == ElementType.FLOAT64 || ((nodata != null || scaled) && !type.exactAsFloat32());
  }

  /**
   * Examines the pixels {@code first … first + count} of a tile, in row-major order.
   *
   * @param mask true, from index 0, for pixels not to examine; set to true where a number is nodata
   * @param counts receives the finite numbers of other pixels that are beyond the float32 range
   */
  void examine(Tile tile, long first, int count, boolean[] mask, TileCounts counts) {
    Box box = tile.box();
    for (int p = 0; p < count; p++) {
      if (mask[p]) {
        continue;
      }
      long pixel = first + p;
      long n = pixel / box.x() / box.y();
      long y = pixel / box.x() % box.y();
      long x = pixel % box.x();
      if (nodata != null && isNodata(tile.blocks(), n, y, x)) {
        mask[p] = true;
      } else if (scaled || tile.blocks().get(0).type() == ElementType.FLOAT64) {
        countBeyond(tile, n, y, x, counts);
      }
    }
  }

  private boolean isNodata(List<ChannelBlock> blocks, long n, long y, long x) {
    for (ChannelBlock block : blocks) {
      for (int c = 0; c < block.channels(); c++) {
        if (nodata != null
            && nodata.isAt(block.bytes(), block.byteOffset(n, y, x, c), block.order())) {
          return true;
        }
      }
    }
    return false;
  }

  private void countBeyond(Tile tile, long n, long y, long x, TileCounts counts) {
    for (ChannelBlock block : tile.blocks()) {
      for (int c = 0; c < block.channels(); c++) {
        double stored =
            ElementAccess.doubleAt(
                block.bytes(), block.byteOffset(n, y, x, c), block.type(), block.order());
        double value = quantisation.decode(stored, block.firstChannel() + c);
        if (Double.isFinite(stored) && Float.isInfinite((float) value)) {
          Box box = tile.box();
          counts.addBeyondFloat32(
              value, box.n0() + n, box.y0() + y, box.x0() + x, block.firstChannel() + c);
        }
      }
    }
  }
}
