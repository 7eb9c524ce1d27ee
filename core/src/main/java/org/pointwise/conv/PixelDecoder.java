package org.pointwise.conv;

import java.util.Arrays;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Tile;

/**
 * Decodes the pixels of tiles to features, in blocks of pixels in row-major order. The features are
 * those that a {@link TileKernel} multiplies. A finite number beyond the float32 range becomes the
 * largest float32 of the same sign. Confined to one thread.
 */
public final class PixelDecoder {
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int MAX_PIXELS = 4096;

  private final int channels;
  private final int pitch;
  private final int maxPixels;
  private final PanelPacker packer;
  private final WideElements wideElements;
  private final PixelRuns pixels;
  private final byte[] features;
  private final boolean[] nodata;
  private final TileCounts counts = new TileCounts();
  private Tile tile;
  private long first;

  private PixelDecoder(Tile tile, Quantisation quantisation, int channels) {
    this.tile = tile;
    this.channels = channels;
    this.pitch = PackedWeights.roundUp(channels, PackedWeights.DOT_LANES) * Float.BYTES;
    this.maxPixels = Math.max(1, Math.min(MAX_PIXELS, BLOCK_BYTES / pitch));
    this.packer = new PanelPacker(quantisation, KernelProvider.forThisJvm().conversions());
    this.wideElements = new WideElements(quantisation);
    this.pixels = new PixelRuns(maxPixels);
    this.features = new byte[Math.multiplyExact(maxPixels, pitch)];
    this.nodata = new boolean[maxPixels];
    start(tile);
  }

  /**
   * Makes a decoder and starts a tile.
   *
   * @param quantisation the meaning of the stored numbers of all tiles
   * @param channels the number of channels of all tiles
   */
  public static PixelDecoder of(Tile tile, Quantisation quantisation, int channels) {
    return new PixelDecoder(tile, quantisation, channels);
  }

  /** Starts another tile, before its first block. */
  public void start(Tile next) {
    tile = next;
    first = 0;
    pixels.start(next.box(), maxPixels);
  }

  /** Decodes the next block. Returns the number of its pixels; 0 after the last block. */
  public int next() {
    first += pixels.count();
    if (!pixels.next()) {
      return 0;
    }
    int count = pixels.count();
    Arrays.fill(nodata, 0, count, tile.nodata());
    if (tile.mask() != null) {
      tile.mask().mark(tile.box(), first, count, nodata);
    }
    if (!tile.nodata()) {
      if (wideElements.appliesTo(tile)) {
        wideElements.examine(tile, first, count, nodata, counts);
      }
      packer.pixels(tile.blocks(), pixels, 0, count, 0, channels, features, pitch, nodata);
    }
    return count;
  }

  /** Returns the position of the block's first pixel in the box of the tile. */
  public long first() {
    return first;
  }

  /**
   * Returns little-endian float32 numbers, which the next block overwrites. Those of pixel p of the
   * block begin at byte p · {@link #pitch}; they are undefined where {@link #isNodata}.
   */
  public byte[] features() {
    return features;
  }

  /** Returns the bytes between neighbouring pixels; a multiple of 4. */
  public int pitch() {
    return pitch;
  }

  /** Returns whether pixel p of the block is nodata. */
  public boolean isNodata(int p) {
    return nodata[p];
  }
}
