package org.pointwise.weights;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.weights.WeightsRef.KernelLayout;

/** Converts kernels of the usual shapes to [outChannels][inChannels]. */
final class KernelShapes {
  private KernelShapes() {}

  /** Returns whether a shape can be that of a 1×1 kernel: F′×F, O,I,1,1 or O,1,1,I. */
  static boolean isPointwise(long[] shape) {
    return shape.length == 2
        || (shape.length == 4
            && ((shape[2] == 1 && shape[3] == 1) || (shape[1] == 1 && shape[2] == 1)));
  }

  /** Returns {O, I}, the numbers of outputs and inputs, of a kernel that has its outputs first. */
  static long[] channels(long[] shape) {
    boolean last = shape.length == 4 && shape[1] == 1 && shape[2] == 1;
    return new long[] {shape[0], last ? shape[3] : shape[1]};
  }

  /**
   * Returns the matrix of a kernel.
   *
   * @param inChannels channels of the input; 0 when they are unknown
   * @param named whether the file's convention puts outputs first (safetensors, ONNX)
   * @param layout the user's choice for a two-dimensional kernel; null to recognise the layout
   */
  static float[] matrix(
      float[] values,
      long[] shape,
      int inChannels,
      boolean named,
      @Nullable KernelLayout layout,
      String where) {
    if (!isPointwise(shape) || values.length == 0) {
      throw new InvalidInputException(
          "Cannot use %s as a 1×1 layer: its shape is %s but F′×F, O,I,1,1 or O,1,1,I is needed"
              .formatted(where, Arrays.toString(shape)));
    }
    if (shape.length == 4) {
      return require(values, channels(shape)[1], inChannels, shape, where);
    }
    boolean outFirst = inChannels == 0 || shape[1] == inChannels;
    boolean inFirst = !named && shape[0] == inChannels;
    if (layout == KernelLayout.IO) {
      require(values, shape[0], inChannels, shape, where);
      return transposed(values, (int) shape[0], (int) shape[1]);
    }
    if (layout == null && outFirst && inFirst) {
      throw new InvalidInputException(
          "Cannot determine the kernel order of %s: %d×%d can be read as F′×F and as F×F′; choose one with --kernel-layout oi or io"
              .formatted(where, shape[0], shape[1]));
    }
    if (layout == null && inFirst && !outFirst) {
      return transposed(values, (int) shape[0], (int) shape[1]);
    }
    return require(values, shape[1], inChannels, shape, where);
  }

  private static float[] require(
      float[] values, long count, int inChannels, long[] shape, String where) {
    if (inChannels != 0 && count != inChannels) {
      throw new OtherChannelsException(
          where, "its shape " + Arrays.toString(shape), count, inChannels);
    }
    return values;
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] result = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = values[r * columns + c];
      }
    }
    return result;
  }
}
