package org.pointwise.conv;

import java.nio.ByteOrder;
import java.util.List;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.PixelSample;

/** Rows of float64, of types that float32 does not hold exactly. Numbers are not rounded. */
final class Float64Rows extends MomentsPacker {
  private final Float64Loops loops;
  private final Quantisation quantisation;
  private final boolean scaled;

  Float64Rows(
      Float64Loops loops,
      int channels,
      int rowBytes,
      Quantisation quantisation,
      PixelSample sample,
      MomentsCounts counts) {
    super(channels, rowBytes, sample, counts);
    this.loops = loops;
    this.quantisation = quantisation;
    this.scaled = !quantisation.scaling().isNone();
  }

  @Override
  void unpack(List<ChannelBlock> blocks, PixelRuns pixels, byte[] rows, boolean[] nodata) {
    for (ChannelBlock block : blocks) {
      pixels.locate(block);
      for (int run = 0; run < pixels.runs(); run++) {
        if (block.strideC() == 1) {
          unpackRun(block, pixels, run, rows);
        } else {
          unpackPlanes(block, pixels, run, rows);
        }
        if (quantisation.nodata() != null) {
          mark(block, pixels, run, quantisation.nodata(), nodata);
        }
      }
    }
  }

  private void unpackRun(ChannelBlock block, PixelRuns pixels, int run, byte[] rows) {
    for (int i = 0; i < pixels.length(run); i++) {
      int from = pixels.byteOffset(run) + i * pixels.step();
      int to = to(pixels.pixel(run) + i, block.firstChannel());
      copy(block, from, block.type().bytes(), block.channels(), rows, to, Double.BYTES);
      for (int c = 0; c < block.channels() && scaled; c++) {
        scale(rows, to + c * Double.BYTES, block.firstChannel() + c);
      }
    }
  }

  /** Reads one plane after the other, in the order in which they are stored. */
  private void unpackPlanes(ChannelBlock block, PixelRuns pixels, int run, byte[] rows) {
    for (int c = 0; c < block.channels(); c++) {
      int from = pixels.byteOffset(run) + channelOffset(block, c);
      int to = to(pixels.pixel(run), block.firstChannel() + c);
      copy(block, from, pixels.step(), pixels.length(run), rows, to, rowBytes);
      for (int i = 0; i < pixels.length(run) && scaled; i++) {
        scale(rows, to + i * rowBytes, block.firstChannel() + c);
      }
    }
  }

  private static int channelOffset(ChannelBlock block, int channel) {
    return Math.toIntExact(channel * block.strideC() * block.type().bytes());
  }

  private int to(int pixel, int channel) {
    return pixel * rowBytes + channel * Double.BYTES;
  }

  /** Copies stored numbers that are {@code step} bytes apart. */
  private static void copy(
      ChannelBlock block, int from, int step, int count, byte[] rows, int to, int toStep) {
    byte[] bytes = block.bytes();
    ElementType type = block.type();
    ByteOrder order = block.order();
    if (type != ElementType.FLOAT64) {
      for (int i = 0; i < count; i++) {
        double stored = ElementAccess.doubleAt(bytes, from + i * step, type, order);
        ElementAccess.putFloat64(rows, to + i * toStep, stored);
      }
    } else if (order == ByteOrder.LITTLE_ENDIAN && step == Double.BYTES && toStep == step) {
      System.arraycopy(bytes, from, rows, to, count * Double.BYTES);
    } else {
      for (int i = 0; i < count; i++) {
        ElementAccess.putLong(
            rows, to + i * toStep, ElementAccess.longAt(bytes, from + i * step, order));
      }
    }
  }

  private void scale(byte[] rows, int at, int channel) {
    double stored = ElementAccess.float64At(rows, at);
    ElementAccess.putFloat64(rows, at, quantisation.decode(stored, channel));
  }

  private static void mark(
      ChannelBlock block, PixelRuns pixels, int run, Nodata value, boolean[] nodata) {
    for (int i = 0; i < pixels.length(run); i++) {
      int from = pixels.byteOffset(run) + i * pixels.step();
      for (int c = 0; c < block.channels() && !nodata[pixels.pixel(run) + i]; c++) {
        nodata[pixels.pixel(run) + i] =
            value.isAt(block.bytes(), from + channelOffset(block, c), block.order());
      }
    }
  }

  @Override
  boolean finite(byte[] rows, int at) {
    return loops.finite(rows, at, channels);
  }

  @Override
  float rounded(byte[] rows, int at, int channel) {
    return (float) ElementAccess.float64At(rows, at + channel * Double.BYTES);
  }
}
