package org.pointwise.conv;

import java.util.List;
import java.util.stream.IntStream;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.PixelSample;

/** Rows of float32, of types that float32 holds exactly. */
final class Float32Rows extends MomentsPacker {
  /** Channels that are transposed together. */
  private static final int PLANES = 16;

  /** Floats between planes, so that the channels of one pixel do not share a cache set. */
  private static final int PLANE = MomentsKernel.DEPTH + MomentsKernel.CACHE_LINE / Float.BYTES;

  private final ElementConversions conversions;
  private final PanelPacker packer;
  private final int width; // of a panel
  private final byte[] plane = new byte[MomentsKernel.DEPTH * Float.BYTES];
  private final float[] planeFloats = new float[PLANES * PLANE];
  private final int[] planeSteps;

  /**
   * @param width the channels of a panel; a row is a whole number of panels
   */
  Float32Rows(
      ElementConversions conversions,
      int channels,
      int width,
      int rowBytes,
      Quantisation quantisation,
      PixelSample sample,
      MomentsCounts counts) {
    super(channels, rowBytes, sample, counts);
    this.conversions = conversions;
    this.packer = new PanelPacker(quantisation, conversions);
    this.width = width;
    this.planeSteps = IntStream.range(0, width).map(i -> i * PLANE).toArray();
  }

  @Override
  void unpack(List<ChannelBlock> blocks, PixelRuns pixels, byte[] rows, boolean[] nodata) {
    if (blocks.get(0).strideC() > 1) {
      unpackPlanes(blocks, pixels, rows, nodata);
    } else {
      packer.pixels(blocks, pixels, 0, pixels.count(), 0, channels, rows, rowBytes, nodata);
    }
  }

  /** Decodes a few planes at a time and transposes them while they are in the cache. */
  private void unpackPlanes(
      List<ChannelBlock> blocks, PixelRuns pixels, byte[] rows, boolean[] nodata) {
    for (int c = 0; c < channels; c += PLANES) {
      int count = Math.min(PLANES, channels - c);
      for (int i = 0; i < count; i++) {
        packer.plane(blocks, pixels, c + i, plane, 0, nodata);
        conversions.packPanels(plane, 0, pixels.count(), planeFloats, i * PLANE, width, width);
      }
      conversions.transpose(
          planeFloats, 0, planeSteps, pixels.count(), count, rows, c * Float.BYTES, rowBytes);
    }
  }

  @Override
  boolean finite(byte[] rows, int at) {
    return conversions.finite(rows, at, channels);
  }

  @Override
  float rounded(byte[] rows, int at, int channel) {
    return ElementAccess.float32At(rows, at + channel * Float.BYTES);
  }
}
