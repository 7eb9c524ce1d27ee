package org.pointwise.spark.ml;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.bitset.BitSetMethods;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * The types of columns that contain features, and how Spark's internal values of these types are
 * read. A value is one pixel.
 */
enum FeatureType {
  /** {@code ARRAY<FLOAT>}. */
  FLOATS(ElementType.FLOAT32),
  /** {@code ARRAY<DOUBLE>}. */
  DOUBLES(ElementType.FLOAT64),
  /** Spark ML's vectors, dense and sparse. */
  VECTORS(ElementType.FLOAT64),
  /** {@code BINARY}: little-endian float32. */
  FLOAT32_BYTES(ElementType.FLOAT32),
  /** {@code BINARY}: little-endian float16. */
  FLOAT16_BYTES(ElementType.FLOAT16);

  private static final int VECTOR_FIELDS = 4; // type, size, indices, values
  private static final byte DENSE = 1;

  private final ElementType elements;

  FeatureType(ElementType elements) {
    this.elements = elements;
  }

  /**
   * Returns the type of a column.
   *
   * @param binary the type of the numbers in a column of bytes
   * @return null for a column that contains no features
   */
  static @Nullable FeatureType of(DataType type, ElementType binary) {
    if (type instanceof ArrayType array && array.elementType() instanceof FloatType) {
      return FLOATS;
    }
    if (type instanceof ArrayType array && array.elementType() instanceof DoubleType) {
      return DOUBLES;
    }
    if (type instanceof BinaryType) {
      return binary == ElementType.FLOAT16 ? FLOAT16_BYTES : FLOAT32_BYTES;
    }
    return type.equals(SQLDataTypes.VectorType()) ? VECTORS : null;
  }

  boolean isBytes() {
    return this == FLOAT32_BYTES || this == FLOAT16_BYTES;
  }

  /** Returns the type of the numbers that {@link #copy} writes. */
  ElementType elements() {
    return elements;
  }

  /** Returns the value of a row, not null. */
  Object get(InternalRow row, int ordinal) {
    return switch (this) {
      case FLOATS, DOUBLES -> row.getArray(ordinal);
      case VECTORS -> row.getStruct(ordinal, VECTOR_FIELDS);
      case FLOAT32_BYTES, FLOAT16_BYTES -> row.getBinary(ordinal);
    };
  }

  /** Returns the number of channels of a value; −1 for bytes that are not whole numbers. */
  int channels(Object value) {
    return switch (this) {
      case FLOATS, DOUBLES -> ((ArrayData) value).numElements();
      case VECTORS -> {
        InternalRow vector = (InternalRow) value;
        yield vector.getByte(0) == DENSE ? vector.getArray(3).numElements() : vector.getInt(1);
      }
      case FLOAT32_BYTES, FLOAT16_BYTES -> {
        int length = ((byte[]) value).length;
        yield length % elements.bytes() == 0 ? length / elements.bytes() : -1;
      }
    };
  }

  /** Returns the position of the first element that is null; −1 if there is none. */
  int firstNull(Object value) {
    if (this != FLOATS && this != DOUBLES) {
      return -1;
    }
    ArrayData array = (ArrayData) value;
    if (array instanceof UnsafeArrayData unsafe && !hasNull(unsafe)) {
      return -1;
    }
    for (int c = 0; c < array.numElements(); c++) {
      if (array.isNullAt(c)) {
        return c;
      }
    }
    return -1;
  }

  private static boolean hasNull(UnsafeArrayData array) {
    long bits = array.getBaseOffset() + Long.BYTES; // after the number of elements
    return BitSetMethods.anySet(
        array.getBaseObject(), bits, (array.numElements() + Long.SIZE - 1L) / Long.SIZE);
  }

  /** Writes a value's numbers as little-endian {@link #elements}. */
  void copy(Object value, byte[] to, int at) {
    switch (this) {
      case FLOATS -> copyFloats((ArrayData) value, to, at);
      case DOUBLES -> copyDoubles((ArrayData) value, to, at);
      case VECTORS -> copyVector((InternalRow) value, to, at);
      case FLOAT32_BYTES, FLOAT16_BYTES -> {
        byte[] bytes = (byte[]) value;
        System.arraycopy(bytes, 0, to, at, bytes.length);
      }
    }
  }

  private static void copyFloats(ArrayData array, byte[] to, int at) {
    if (array instanceof UnsafeArrayData unsafe && isLittleEndian()) {
      copyUnsafe(unsafe, Float.BYTES, to, at);
    } else {
      float[] values = array.toFloatArray();
      little(to, at, values.length * Float.BYTES).asFloatBuffer().put(values);
    }
  }

  private static void copyDoubles(ArrayData array, byte[] to, int at) {
    if (array instanceof UnsafeArrayData unsafe && isLittleEndian()) {
      copyUnsafe(unsafe, Double.BYTES, to, at);
    } else {
      double[] values = array.toDoubleArray();
      little(to, at, values.length * Double.BYTES).asDoubleBuffer().put(values);
    }
  }

  private static boolean isLittleEndian() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  private static ByteBuffer little(byte[] to, int at, int length) {
    return ByteBuffer.wrap(to, at, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void copyUnsafe(UnsafeArrayData array, int bytes, byte[] to, int at) {
    int count = array.numElements();
    long from = array.getBaseOffset() + UnsafeArrayData.calculateHeaderPortionInBytes((long) count);
    long length = (long) count * bytes;
    Platform.copyMemory(
        array.getBaseObject(), from, to, Platform.BYTE_ARRAY_OFFSET + (long) at, length);
  }

  private static void copyVector(InternalRow vector, byte[] to, int at) {
    ArrayData values = vector.getArray(3);
    if (vector.getByte(0) == DENSE) {
      copyDoubles(values, to, at);
      return;
    }
    Arrays.fill(to, at, at + vector.getInt(1) * Double.BYTES, (byte) 0);
    ArrayData indices = vector.getArray(2);
    for (int i = 0; i < indices.numElements(); i++) {
      int place = at + indices.getInt(i) * Double.BYTES;
      ElementAccess.putDouble(to, place, ElementType.FLOAT64, values.getDouble(i));
    }
  }
}
