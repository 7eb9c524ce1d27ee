package org.pointwise.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.WeightsWriter;

/** The same layer by other libraries, each on one thread and in its fastest configuration. */
final class Peers {
  private Peers() {}

  /** OpenBLAS's sgemm on native arrays, one block of rows at a time, then bias and ReLU. */
  static Contender openBlas(KernelCase work) {
    openblas.blas_set_num_threads(1);
    FloatPointer x = new FloatPointer(work.pixels());
    FloatPointer w = new FloatPointer(work.weights());
    int rows = Math.min(KernelCase.PIXELS, 512);
    int in = work.in();
    int out = work.out();
    FloatPointer c = new FloatPointer((long) rows * out);
    float[] bias = work.bias();
    float[] y = new float[KernelCase.PIXELS * out];
    FloatBuffer sums = c.asBuffer();
    return () -> {
      for (int p = 0; p < KernelCase.PIXELS; p += rows) {
        openblas.cblas_sgemm(
            openblas.CblasRowMajor,
            openblas.CblasNoTrans,
            openblas.CblasTrans,
            rows,
            out,
            in,
            1,
            x.getPointer((long) p * in),
            in,
            w,
            in,
            0,
            c,
            out);
        sums.get(0, y, p * out, rows * out);
        finish(y, p * out, rows, bias);
      }
    };
  }

  /** OpenBLAS's symmetric rank-k update on native arrays, without means. */
  static Contender ssyrk(KernelCase work) {
    openblas.blas_set_num_threads(1);
    FloatPointer x = new FloatPointer(work.pixels());
    int in = work.in();
    FloatPointer c = new FloatPointer((long) in * in);
    return () ->
        openblas.cblas_ssyrk(
            openblas.CblasRowMajor,
            openblas.CblasUpper,
            openblas.CblasTrans,
            in,
            KernelCase.PIXELS,
            1,
            x,
            in,
            0,
            c,
            in);
  }

  private static void finish(float[] y, int from, int rows, float[] bias) {
    for (int r = 0; r < rows; r++) {
      int at = from + r * bias.length;
      for (int o = 0; o < bias.length; o++) {
        y[at + o] = Math.max(y[at + o] + bias[o], 0);
      }
    }
  }

  /** Spark's BLAS in Java, on heap arrays with the Vector API. */
  static Contender netlib(KernelCase work) {
    JavaBLAS blas = JavaBLAS.getInstance();
    float[] x = work.pixels();
    float[] w = work.weights();
    float[] bias = work.bias();
    int out = work.out();
    int in = work.in();
    float[] y = new float[KernelCase.PIXELS * out];
    return () -> {
      blas.sgemm("T", "N", out, KernelCase.PIXELS, in, 1, w, in, x, in, 0, y, out);
      finish(y, 0, KernelCase.PIXELS, bias);
    };
  }

  /** ONNX Runtime's Conv and Relu, channels first, with native input and output memory. */
  static Contender onnxRuntime(KernelCase work) {
    try {
      Path model = Files.createTempFile("pointwise-bench", ".onnx");
      model.toFile().deleteOnExit();
      PointwiseLayer layer = PointwiseLayer.of(work.weights(), work.bias(), Activation.RELU);
      WeightsWriter.write(ByteStores.LOCAL, model.toString(), layer, Map.of());
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      OrtSession session = environment.createSession(model.toString(), options);
      long[] shape = {1, work.in(), KernelCase.SIDE, KernelCase.SIDE};
      OnnxTensor tensor =
          OnnxTensor.createTensor(environment, FloatBuffer.wrap(work.pixels()), shape);
      Map<String, OnnxTensor> inputs = Map.of(session.getInputNames().iterator().next(), tensor);
      return () -> {
        try {
          session.run(inputs).close();
        } catch (OrtException e) {
          throw new IllegalStateException(e);
        }
      };
    } catch (IOException | OrtException e) {
      throw new IllegalStateException("Cannot set up ONNX Runtime", e);
    }
  }
}
