package org.pointwise.conv;

import static org.pointwise.tensor.ElementAccess.float32At;
import static org.pointwise.tensor.ElementAccess.putFloat32;

import java.util.Arrays;

/** The reference implementation, also used if the JVM has no vector module. */
final class PlainMicrokernel implements Microkernel {
  private static final int LANES = 8;

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void multiply(
      byte[] lines,
      int linesAt,
      int count,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt) {
    for (int r = 0; r < count; r++) {
      multiplyLine(
          lines, linesAt + r * LINE_BYTES, panel, panelAt, width, depth, sums, sumsAt + r * width);
    }
  }

  @Override
  public void multiplyLine(
      byte[] line,
      int lineAt,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt) {
    float[] chains = new float[width];
    for (int first = 0; first < depth; first += CHAIN) {
      Arrays.fill(chains, 0);
      for (int k = first; k < Math.min(depth, first + CHAIN); k++) {
        float x = float32At(line, lineAt + Float.BYTES * k);
        int weights = panelAt + k * width;
        for (int j = 0; j < width; j++) {
          chains[j] = Math.fma(x, panel[weights + j], chains[j]);
        }
      }
      for (int j = 0; j < width; j++) {
        sums[sumsAt + j] += chains[j];
      }
    }
  }

  @Override
  public void dot(
      byte[] x,
      int at,
      int step,
      int pixels,
      byte[] rows,
      int rowsAt,
      int rowStep,
      int outs,
      int depth,
      float[] partials,
      int partialsAt,
      int stride) {
    for (int p = 0; p < pixels; p++) {
      for (int o = 0; o < outs; o++) {
        int to = partialsAt + p * stride + o * PackedWeights.DOT_LANES;
        for (int k = 0; k < depth; k++) {
          int i = to + k % PackedWeights.DOT_LANES;
          partials[i] =
              Math.fma(
                  float32At(x, at + p * step + Float.BYTES * k),
                  float32At(rows, rowsAt + o * rowStep + Float.BYTES * k),
                  partials[i]);
        }
      }
    }
  }

  @Override
  public void dotPlanes(
      byte[] x,
      int at,
      int step,
      int planes,
      int pixels,
      byte[] weights,
      int weightsAt,
      int weightsStep,
      float[] partials,
      int partialsAt) {
    for (int j = 0; j < planes; j++) {
      float weight = float32At(weights, weightsAt + j * weightsStep);
      for (int p = 0; p < pixels; p++) {
        float value = float32At(x, at + j * step + Float.BYTES * p);
        partials[partialsAt + p] = Math.fma(value, weight, partials[partialsAt + p]);
      }
    }
  }

  @Override
  public void addPartials(float[] partials, int groups, float[] sums, int sumsAt) {
    for (int g = 0; g < groups; g++) {
      int from = g * PackedWeights.DOT_LANES;
      for (int half = PackedWeights.DOT_LANES / 2; half > 0; half /= 2) {
        for (int i = from; i < from + half; i++) {
          partials[i] += partials[i + half];
        }
      }
      sums[sumsAt + g] = partials[from];
    }
  }

  @Override
  public void addPartialPlanes(
      float[] partials, int partialsAt, int stride, int pixels, float[] sums, int sumsAt) {
    for (int p = 0; p < pixels; p++) {
      for (int half = PackedWeights.DOT_LANES / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
          int at = partialsAt + i * stride + p;
          partials[at] += partials[at + half * stride];
        }
      }
      sums[sumsAt + p] = partials[partialsAt + p];
    }
  }

  @Override
  public void addWidened(float[] values, int at, int count, double[] sums, int sumsAt) {
    for (int i = 0; i < count; i++) {
      sums[sumsAt + i] += values[at + i];
    }
  }

  @Override
  public boolean anySuspect(float[] values, int at, int count, float limit) {
    for (int i = at; i < at + count; i++) {
      if (!(Math.abs(values[i]) < limit)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void activate(float[] values, int at, int count, Activation activation) {
    for (int i = at; i < at + count; i++) {
      values[i] = PlainActivations.apply(values[i], activation);
    }
  }

  @Override
  public void epilogue(
      float[] values,
      int at,
      int lineStep,
      int lines,
      int count,
      float[] bias,
      int biasAt,
      Activation activation) {
    for (int line = at; line < at + lines * lineStep; line += lineStep) {
      for (int i = 0; i < count; i++) {
        values[line + i] = PlainActivations.apply(values[line + i] + bias[biasAt + i], activation);
      }
    }
  }

  @Override
  public void epilogue(float[] values, int at, int count, float bias, Activation activation) {
    for (int i = at; i < at + count; i++) {
      values[i] = PlainActivations.apply(values[i] + bias, activation);
    }
  }

  @Override
  public void epilogueTo(
      float[] values,
      int at,
      int lineStep,
      int lines,
      int count,
      float[] bias,
      int biasAt,
      Activation activation,
      byte[] out,
      int outAt,
      int outLineStep) {
    for (int line = 0; line < lines; line++) {
      for (int i = 0; i < count; i++) {
        float sum = values[at + line * lineStep + i] + bias[biasAt + i];
        float y = PlainActivations.apply(sum, activation);
        putFloat32(out, outAt + line * outLineStep + i * Float.BYTES, y);
      }
    }
  }
}
