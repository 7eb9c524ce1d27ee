package org.pointwise.testing;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import javax.imageio.ImageIO;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.Tile;

/** Runs single layers, here and in ONNX Runtime. */
public final class Layers {
  private Layers() {}

  /**
   * Returns a square picture in [−1, 1], channels first, in the element type of the network's
   * input.
   */
  public static OnnxTensor picture(OrtEnvironment environment, OrtSession session, int size)
      throws IOException, OrtException {
    TensorInfo info = (TensorInfo) session.getInputInfo().values().iterator().next().getInfo();
    BufferedImage picture =
        ImageIO.read(SharedData.path("images/scikit-image/astronaut.png").toFile());
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(3 * size * size * 4).order(ByteOrder.nativeOrder());
    for (int c = 0; c < 3; c++) {
      for (int p = 0; p < size * size; p++) {
        int x = p % size * picture.getWidth() / size;
        int y = p / size * picture.getHeight() / size;
        float value = (picture.getRGB(x, y) >> (16 - 8 * c) & 255) / 127.5f - 1;
        if (info.type == OnnxJavaType.FLOAT16) {
          bytes.putShort(Half.fromFloat(value));
        } else {
          bytes.putFloat(value);
        }
      }
    }
    long[] shape = {1, 3, size, size};
    return OnnxTensor.createTensor(environment, bytes.flip(), shape, info.type);
  }

  /** Returns the values of a tensor, float16 widened to float32. */
  public static float[] floats(OnnxValue value) {
    FloatBuffer buffer = ((OnnxTensor) value).getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  /**
   * Applies the project's kernel to planes of pixels and returns planes of pixels.
   *
   * @param planes whether the kernel reads planes, or pixels with adjacent channels
   */
  public static float[] apply(
      PointwiseLayer layer, float[] x, int height, int width, boolean planes) {
    int plane = height * width;
    int in = layer.inChannels();
    float[] planar = x;
    if (!planes) {
      planar = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        planar[i % plane * in + i / plane] = x[i];
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(x.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(planar);
    byte[] out = new byte[plane * layer.outChannels() * 4];
    TileKernel kernel =
        KernelProvider.forThisJvm()
            .kernel(
                List.of(layer),
                Quantisation.none(ElementType.FLOAT32),
                List.of(Quantisation.floating(ElementType.FLOAT32)),
                Overflow.REFUSE);
    ChannelBlock block =
        planes
            ? block(bytes.array(), width, 1, plane, in)
            : block(bytes.array(), width * in, in, 1, in);
    kernel.apply(
        new Tile(new Box(0, 1, 0, height, 0, width), List.of(block), 0),
        List.of(block(out, width, 1, plane, layer.outChannels())));
    float[] y = new float[out.length / 4];
    ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(y);
    return y;
  }

  private static ChannelBlock block(
      byte[] bytes, int strideY, int strideX, int strideC, int channels) {
    return new ChannelBlock(
        bytes,
        0,
        ElementType.FLOAT32,
        ByteOrder.LITTLE_ENDIAN,
        0,
        strideY,
        strideX,
        strideC,
        0,
        channels);
  }
}
