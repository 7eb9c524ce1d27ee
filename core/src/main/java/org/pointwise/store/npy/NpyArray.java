package org.pointwise.store.npy;

import java.io.IOException;
import java.util.Arrays;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.Elements;

/**
 * A small {@code .npy} file read whole: weights, biases.
 *
 * @param values in C order, whatever the file's
 */
public record NpyArray(long[] shape, float[] values) {
  private static final long MOST_BYTES = 1L << 30;

  public static NpyArray read(ByteStore store, String key) throws IOException {
    NpyHeader header = NpyHeader.read(store, key);
    long count = Arrays.stream(header.shape()).reduce(1, Math::multiplyExact);
    int size = header.type().bytes();
    if (count * size > MOST_BYTES) {
      throw new InvalidInputException(
          "Cannot read %s/%s as weights: it has %d bytes but at most %d are expected"
              .formatted(store.uri(), key, count * size, MOST_BYTES));
    }
    Bytes bytes = new Bytes();
    store.read(key, header.dataOffset(), (int) (count * size), bytes);
    float[] values = new float[(int) count];
    int rank = header.shape().length;
    long[] position = new long[rank];
    for (int i = 0; i < values.length; i++) {
      long at = 0;
      for (int d = 0; d < rank; d++) {
        int slow = header.fortran() ? rank - 1 - d : d;
        at = at * header.shape()[slow] + position[slow];
      }
      values[i] = Elements.floatAt(bytes.array(), (int) at * size, header.type(), header.order());
      for (int d = rank - 1; d >= 0 && ++position[d] == header.shape()[d]; d--) {
        position[d] = 0;
      }
    }
    return new NpyArray(header.shape(), values);
  }
}
