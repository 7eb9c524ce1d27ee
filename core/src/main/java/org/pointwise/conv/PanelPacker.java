package org.pointwise.conv;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;

/**
 * Decodes and dequantises the pixels of a tile to float32. Finds nodata pixels if float32 holds the
 * stored type exactly. For other types, {@link WideElements} finds and scales them.
 */
final class PanelPacker {
  private final Quantisation quantisation;
  private final ElementConversions conversions;
  private final Scaling scaling;
  private final WideElements wide;
  private final float[] scales; // of all channels, or one for each
  private final float[] offsets;

  PanelPacker(Quantisation quantisation, ElementConversions conversions) {
    this.quantisation = quantisation;
    this.conversions = conversions;
    this.scaling = quantisation.scaling();
    this.wide = new WideElements(quantisation);
    this.scales = scaling.float32Scales();
    this.offsets = scaling.float32Offsets();
  }

  /**
   * Returns whether all channels are in one block as the float32 numbers that the microkernels
   * read.
   *
   * @param stride elements between numbers that must be adjacent
   */
  boolean isPacked(List<ChannelBlock> blocks, long stride) {
    ChannelBlock block = blocks.get(0);
    return blocks.size() == 1
        && block.type() == ElementType.FLOAT32
        && block.order() == ByteOrder.LITTLE_ENDIAN
        && stride == 1
        && scaling.isNone()
        && quantisation.nodata() == null;
  }

  /**
   * Returns the nodata number to find among unpacked numbers. {@link WideElements} examines types
   * that are rounded.
   */
  private @Nullable Nodata nodataIn(List<ChannelBlock> blocks) {
    return blocks.get(0).type().exactAsFloat32() ? quantisation.nodata() : null;
  }

  /**
   * Unpacks channels {@code first … first + depth} of the pixels {@code p … p + count} of the
   * block, one line per pixel, zero-padded to a multiple of {@link PackedWeights#DOT_LANES}.
   *
   * @param mask set to true, by pixel of the block, where a number is nodata
   */
  void pixels(
      List<ChannelBlock> blocks,
      PixelRuns pixels,
      int p,
      int count,
      int first,
      int depth,
      byte[] lines,
      int lineBytes,
      boolean[] mask) {
    int padded = PackedWeights.roundUp(depth, PackedWeights.DOT_LANES);
    for (int line = 0; line < count && depth < padded; line++) {
      int at = line * lineBytes;
      Arrays.fill(lines, at + depth * Float.BYTES, at + padded * Float.BYTES, (byte) 0);
    }
    for (ChannelBlock block : blocks) {
      int from = Math.max(first, block.firstChannel());
      int to = Math.min(first + depth, block.firstChannel() + block.channels());
      if (from >= to) {
        continue;
      }
      int step = Math.toIntExact(block.strideC() * block.type().bytes());
      pixels.locate(block);
      for (int run = 0; run < pixels.runs(); run++) {
        int begin = Math.max(p, pixels.pixel(run));
        int end = Math.min(p + count, pixels.pixel(run) + pixels.length(run));
        if (begin < end) {
          int at =
              pixels.byteOffset(run)
                  + (begin - pixels.pixel(run)) * pixels.step()
                  + (from - block.firstChannel()) * step;
          int toByte = (begin - p) * lineBytes + (from - first) * Float.BYTES;
          if (wide.scales(block.type())) {
            for (int line = 0; line < end - begin; line++) {
              for (int c = from; c < to; c++) {
                wide.decode(
                    block,
                    at + line * pixels.step() + (c - from) * step,
                    c,
                    lines,
                    toByte + line * lineBytes + (c - from) * Float.BYTES);
              }
            }
          } else {
            conversions.decode(
                block.bytes(),
                at,
                pixels.step(),
                end - begin,
                step,
                to - from,
                block.type(),
                block.order(),
                lines,
                toByte,
                lineBytes);
          }
        }
      }
    }
    if (wide.scales(blocks.get(0).type())) {
      return;
    }
    Nodata nodata = nodataIn(blocks);
    for (int line = 0; line < count && (nodata != null || !scaling.isNone()); line++) {
      int at = line * lineBytes;
      mask[p + line] |= nodata != null && conversions.contains(lines, at, depth, nodata.asFloat());
      if (scaling.isPerChannel()) {
        conversions.scale(lines, at, depth, scales, offsets, first);
      } else if (!scaling.isNone()) {
        conversions.scale(lines, at, depth, scales[0], offsets[0]);
      }
    }
  }

  /**
   * Unpacks one channel of all pixels of the block to adjacent numbers.
   *
   * @param mask set to true where a number is nodata
   */
  void plane(
      List<ChannelBlock> blocks,
      PixelRuns pixels,
      int channel,
      byte[] plane,
      int planeAt,
      boolean[] mask) {
    ChannelBlock block = blocks.get(0);
    for (int b = 1; b < blocks.size() && blocks.get(b).firstChannel() <= channel; b++) {
      block = blocks.get(b);
    }
    int offset =
        Math.toIntExact((channel - block.firstChannel()) * block.strideC() * block.type().bytes());
    pixels.locate(block);
    if (wide.scales(block.type())) {
      for (int run = 0; run < pixels.runs(); run++) {
        for (int i = 0; i < pixels.length(run); i++) {
          int to = planeAt + (pixels.pixel(run) + i) * Float.BYTES;
          wide.decode(
              block, pixels.byteOffset(run) + offset + i * pixels.step(), channel, plane, to);
        }
      }
      return;
    }
    for (int run = 0; run < pixels.runs(); run++) {
      conversions.decode(
          block.bytes(),
          pixels.byteOffset(run) + offset,
          0,
          1,
          pixels.step(),
          pixels.length(run),
          block.type(),
          block.order(),
          plane,
          planeAt + pixels.pixel(run) * Float.BYTES,
          0);
    }
    Nodata nodata = nodataIn(blocks);
    if (nodata != null) {
      conversions.mark(plane, planeAt, pixels.count(), nodata.asFloat(), mask, 0);
    }
    if (!scaling.isNone()) {
      int place = scaling.isPerChannel() ? channel : 0;
      conversions.scale(plane, planeAt, pixels.count(), scales[place], offsets[place]);
    }
  }
}
