package org.pointwise.store.npy;

import java.io.IOException;
import java.util.Arrays;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.ElementAccess;

/**
 * A small {@code .npy} file that is read as a whole, such as weights or biases.
 *
 * @param values in C order, for any order of the file
 */
public record NpyArray(long[] shape, float[] values) {
  private static final long MAX_BYTES = 1L << 30;

  /**
   * Reads the numbers of an array of at most one dimension, in float64.
   *
   * @throws InvalidInputException when the array has more dimensions
   */
  public static double[] vector(ByteStore store, String key) throws IOException {
    NpyHeader header = NpyHeader.read(store, key);
    if (header.shape().length > 1) {
      throw new InvalidInputException(
          "Cannot use %s/%s: its shape is %s; give one number for each channel"
              .formatted(store.uri(), key, Arrays.toString(header.shape())));
    }
    byte[] bytes = bytes(store, key, header);
    double[] values = new double[bytes.length / header.type().bytes()];
    for (int i = 0; i < values.length; i++) {
      int offset = i * header.type().bytes();
      values[i] = ElementAccess.doubleAt(bytes, offset, header.type(), header.order());
    }
    return values;
  }

  private static byte[] bytes(ByteStore store, String key, NpyHeader header) throws IOException {
    long count = Arrays.stream(header.shape()).reduce(1, Math::multiplyExact);
    long length = Math.multiplyExact(count, header.type().bytes());
    if (length > MAX_BYTES) {
      throw new InvalidInputException(
          "Cannot read %s/%s: it has %d bytes but at most %d are expected"
              .formatted(store.uri(), key, length, MAX_BYTES));
    }
    Bytes bytes = new Bytes();
    store.read(key, header.dataOffset(), (int) length, bytes);
    return Arrays.copyOf(bytes.array(), (int) length);
  }

  public static NpyArray read(ByteStore store, String key) throws IOException {
    NpyHeader header = NpyHeader.read(store, key);
    int size = header.type().bytes();
    byte[] bytes = bytes(store, key, header);
    float[] values = new float[bytes.length / size];
    int rank = header.shape().length;
    long[] position = new long[rank];
    for (int i = 0; i < values.length; i++) {
      long offset = 0;
      for (int d = 0; d < rank; d++) {
        int slow = header.fortran() ? rank - 1 - d : d;
        offset = offset * header.shape()[slow] + position[slow];
      }
      values[i] = ElementAccess.floatAt(bytes, (int) offset * size, header.type(), header.order());
      for (int d = rank - 1; d >= 0 && ++position[d] == header.shape()[d]; d--) {
        position[d] = 0;
      }
    }
    return new NpyArray(header.shape(), values);
  }
}
