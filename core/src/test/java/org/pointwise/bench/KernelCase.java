package org.pointwise.bench;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.pointwise.conv.Activation;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;

/**
 * One benchmark case: a tile of 64×64 pixels of rectified noise, and the layers to apply.
 *
 * @param in input channels
 * @param outs output channels of each head
 */
record KernelCase(int in, List<Integer> outs) {
  static final int SIDE = 64;
  static final int PIXELS = SIDE * SIDE;

  static KernelCase of(int in, String outs) {
    return new KernelCase(in, Arrays.stream(outs.split("\\+")).map(Integer::valueOf).toList());
  }

  int out() {
    return outs.stream().mapToInt(Integer::intValue).sum();
  }

  float[] pixels() {
    Random random = new Random(1);
    float[] x = new float[PIXELS * in];
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.max(0, (float) random.nextGaussian());
    }
    return x;
  }

  /** The weights of all heads, concatenated, F′×F. */
  float[] weights() {
    Random random = new Random(2);
    float[] w = new float[out() * in];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
    }
    return w;
  }

  float[] bias() {
    Random random = new Random(3);
    float[] b = new float[out()];
    for (int i = 0; i < b.length; i++) {
      b[i] = (float) random.nextGaussian();
    }
    return b;
  }

  private List<PointwiseLayer> layers() {
    float[] w = weights();
    float[] b = bias();
    List<PointwiseLayer> layers = new ArrayList<>();
    int row = 0;
    for (int out : outs) {
      layers.add(
          PointwiseLayer.of(
              Arrays.copyOfRange(w, row * in, (row + out) * in),
              Arrays.copyOfRange(b, row, row + out),
              Activation.RELU));
      row += out;
    }
    return layers;
  }

  /** The project's kernel, from the bytes of a decoded chunk to the bytes of an output chunk. */
  Contender ours(String input) {
    Tile tile = tile(input);
    Quantisation quantisation =
        input.startsWith("uint")
            ? new Quantisation(tile.blocks().get(0).type(), Scaling.of(0.5f, 1), null)
            : Quantisation.none(tile.blocks().get(0).type());
    TileKernel kernel =
        KernelProvider.forThisJvm()
            .kernel(
                layers(),
                quantisation,
                Collections.nCopies(outs.size(), Quantisation.floating(ElementType.FLOAT32)),
                Overflow.SATURATE);
    boolean planes = input.equals("channels-first");
    List<ChannelBlock> blocks = new ArrayList<>();
    for (int out : outs) {
      blocks.add(
          new ChannelBlock(
              new byte[PIXELS * out * Float.BYTES],
              0,
              ElementType.FLOAT32,
              ByteOrder.LITTLE_ENDIAN,
              0,
              planes ? SIDE : (long) SIDE * out,
              planes ? 1 : out,
              planes ? PIXELS : 1,
              0,
              out));
    }
    return () -> kernel.apply(tile, blocks);
  }

  /** The moments of a tile, from the bytes of a decoded chunk. */
  Contender moments(String input) {
    Tile tile = tile(input);
    MomentsKernel kernel =
        new MomentsKernel(
            KernelProvider.forThisJvm(),
            in,
            Quantisation.none(tile.blocks().get(0).type()),
            PixelSample.ALL,
            1);
    return () -> {
      kernel.begin();
      kernel.add(tile, null);
    };
  }

  /**
   * The number of floating-point operations of the moments of a tile, each product counted once.
   */
  long momentFlops() {
    return (long) PIXELS * in * (in + 1);
  }

  private Tile tile(String input) {
    boolean planes = input.equals("channels-first");
    boolean big = input.endsWith("-big-endian");
    ElementType type =
        planes ? ElementType.FLOAT32 : ElementType.ofName(input.replace("-big-endian", ""));
    byte[] bytes = new byte[PIXELS * in * type.bytes()];
    float[] x = pixels();
    for (int i = 0; i < x.length; i++) {
      int to = planes ? i % in * PIXELS + i / in : i;
      put(bytes, to * type.bytes(), type, x[i], big);
    }
    ChannelBlock block =
        new ChannelBlock(
            bytes,
            0,
            type,
            big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
            0,
            planes ? SIDE : (long) SIDE * in,
            planes ? 1 : in,
            planes ? PIXELS : 1,
            0,
            in);
    return new Tile(new Box(0, 1, 0, SIDE, 0, SIDE), List.of(block), bytes.length);
  }

  private static void put(byte[] bytes, int at, ElementType type, float x, boolean big) {
    if (type == ElementType.FLOAT64) {
      long wide = Double.doubleToRawLongBits(x);
      ElementAccess.putLong(bytes, at, big ? Long.reverseBytes(wide) : wide);
      return;
    }
    int bits =
        switch (type) {
          case FLOAT32 -> Float.floatToRawIntBits(x);
          case FLOAT16 -> Half.fromFloat(x);
          case BFLOAT16 -> Half.bfloatFromFloat(x);
          case UINT8, UINT16 -> Math.round(32 * x);
          default -> throw new IllegalArgumentException(type.toString());
        };
    if (type.bytes() == 4) {
      ElementAccess.putInt(bytes, at, big ? Integer.reverseBytes(bits) : bits);
    } else {
      for (int i = 0; i < type.bytes(); i++) {
        bytes[at + i] = (byte) (bits >>> (8 * i));
      }
    }
  }
}
