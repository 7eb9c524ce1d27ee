package org.pointwise.spark.sql;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.pointwise.tensor.ElementAccess;

/** The features of pixels, as arrays that are not copied; null at nodata. */
final class FeaturesVector extends PixelVector {
  private final int channels;
  private final Numbers numbers;

  FeaturesVector(PixelBlock block, int channels) {
    super(block, DataTypes.createArrayType(DataTypes.FloatType, false));
    this.channels = channels;
    this.numbers = new Numbers(block);
  }

  @Override
  public boolean isNullAt(int row) {
    return block().isNodata(row);
  }

  @Override
  public ColumnarArray getArray(int row) {
    return new ColumnarArray(numbers, block().featuresAt(row) / Float.BYTES, channels);
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return numbers;
  }

  /** The decoded numbers of all pixels, by their position in memory. */
  private static final class Numbers extends PixelVector {
    Numbers(PixelBlock block) {
      super(block, DataTypes.FloatType);
    }

    @Override
    public float getFloat(int at) {
      return ElementAccess.float32At(block().features().features(), at * Float.BYTES);
    }

    @Override
    public float[] getFloats(int at, int count) {
      float[] floats = new float[count];
      ByteBuffer.wrap(block().features().features(), at * Float.BYTES, count * Float.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(floats);
      return floats;
    }
  }
}
