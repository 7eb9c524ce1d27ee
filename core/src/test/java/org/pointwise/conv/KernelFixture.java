package org.pointwise.conv;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Activations;

/** Tiles, layers, and the reference that the package documentation defines. */
abstract class KernelFixture {
  static final Quantisation FLOAT32 = Quantisation.none(ElementType.FLOAT32);

  enum Kernel {
    JVM,
    PLAIN;

    KernelProvider choice() {
      return this == JVM ? KernelProvider.forThisJvm() : KernelProvider.plain();
    }
  }

  static float[] reference(PointwiseLayer layer, float[] x) {
    int in = layer.inChannels();
    int out = layer.outChannels();
    float[] y = new float[x.length / in * out];
    for (int p = 0; p < x.length / in; p++) {
      for (int o = 0; o < out; o++) {
        float sum = out <= PackedWeights.NARROW ? dot(layer, x, p, o) : chain(layer, x, p, o);
        float value = sum + layer.bias(o);
        y[p * out + o] = PlainActivations.apply(value, layer.activation().ofChannel(o));
      }
      if (layer.normalisation() == Normalisation.L2) {
        normalise(y, p * out, out);
      }
    }
    return y;
  }

  static void normalise(float[] y, int first, int out) {
    double[] squares = new double[4];
    for (int o = 0; o < out; o++) {
      squares[o % 4] += Math.pow(y[first + o], 2);
    }
    double length = Math.sqrt(squares[0] + squares[1] + (squares[2] + squares[3]));
    for (int o = 0; o < out && length != 0; o++) {
      y[first + o] = (float) (y[first + o] * (1 / length));
    }
  }

  static float chain(PointwiseLayer layer, float[] x, int p, int o) {
    float sum = 0;
    for (int first = 0; first < layer.inChannels(); first += 64) {
      float chain = 0;
      for (int k = first; k < Math.min(first + 64, layer.inChannels()); k++) {
        chain = Math.fma(x[p * layer.inChannels() + k], layer.weight(o, k), chain);
      }
      sum += chain;
    }
    return sum;
  }

  static float dot(PointwiseLayer layer, float[] x, int p, int o) {
    float[] partial = new float[16];
    for (int k = 0; k < layer.inChannels(); k++) {
      partial[k % 16] =
          Math.fma(x[p * layer.inChannels() + k], layer.weight(o, k), partial[k % 16]);
    }
    for (int half = 8; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        partial[i] += partial[i + half];
      }
    }
    return partial[0];
  }

  static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** Half of the activations are of the kinds that kernels apply together with the bias. */
  static Activation activation(Random random, int out) {
    List<Activation> all = Activations.all(random, out);
    return all.get(random.nextInt(random.nextBoolean() ? 3 : all.size()));
  }

  static PointwiseLayer layer(Random random, int in, int out, Activation activation) {
    return PointwiseLayer.of(values(random, in * out), values(random, out), activation)
        .withNormalisation(random.nextInt(4) == 0 ? Normalisation.L2 : Normalisation.NONE);
  }

  static float[] values(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(5) == 0 ? 0 : (float) random.nextGaussian();
    }
    return values;
  }

  static TileKernel kernel(
      Kernel kernel, List<PointwiseLayer> heads, Quantisation quantisation, Overflow overflow) {
    List<Quantisation> outputs =
        Collections.nCopies(heads.size(), Quantisation.floating(ElementType.FLOAT32));
    return kernel.choice().kernel(heads, quantisation, outputs, overflow);
  }

  static List<float[]> reduce(Kernel kernel, List<PointwiseLayer> heads, Tile tile) {
    return apply(kernel(kernel, heads, FLOAT32, Overflow.REFUSE), tile, heads);
  }

  static List<float[]> apply(TileKernel kernel, Tile tile, List<PointwiseLayer> heads) {
    int pixels = (int) tile.box().pixels();
    List<ChannelBlock> blocks = new ArrayList<>();
    for (PointwiseLayer head : heads) {
      long out = head.outChannels();
      blocks.add(
          new ChannelBlock(
              new byte[(int) (4L * pixels * out)],
              0,
              ElementType.FLOAT32,
              ByteOrder.LITTLE_ENDIAN,
              out * tile.box().y() * tile.box().x(),
              tile.box().x() * out,
              out,
              1,
              0,
              (int) out));
    }
    kernel.apply(tile, blocks);
    List<float[]> results = new ArrayList<>();
    for (ChannelBlock block : blocks) {
      float[] y = new float[block.bytes().length / 4];
      for (int i = 0; i < y.length; i++) {
        y[i] = ElementAccess.floatAt(block.bytes(), 4 * i, block.type(), block.order());
      }
      results.add(y);
    }
    return results;
  }

  static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
