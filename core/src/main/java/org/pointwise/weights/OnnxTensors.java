package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/** Reads the numbers of ONNX tensors from any of the fields that can contain them. */
final class OnnxTensors {
  private static final Map<TensorProto.DataType, ElementType> TYPES =
      Map.of(
          TensorProto.DataType.FLOAT, ElementType.FLOAT32,
          TensorProto.DataType.FLOAT16, ElementType.FLOAT16,
          TensorProto.DataType.BFLOAT16, ElementType.BFLOAT16,
          TensorProto.DataType.DOUBLE, ElementType.FLOAT64,
          TensorProto.DataType.INT64, ElementType.INT64,
          TensorProto.DataType.INT32, ElementType.INT32);

  private OnnxTensors() {}

  static long[] shape(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }

  /** Returns how many numbers a tensor has by its shape; −1 where the shape is impossible. */
  static long count(TensorProto tensor) {
    long count = 1;
    for (long length : tensor.getDimsList()) {
      long product = count * length;
      if (length < 0 || Math.multiplyHigh(count, length) != 0 || product < 0) {
        return -1;
      }
      count = product;
    }
    return count;
  }

  static float[] values(TensorProto tensor, String where) {
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      throw new InvalidInputException(
          "Cannot read %s#%s: its numbers lie in another file; save the model in one file"
              .formatted(where, tensor.getName()));
    }
    long count = count(tensor);
    if (count < 0) {
      throw new CorruptDataException(
          "Cannot read %s#%s: its shape %s is impossible"
              .formatted(where, tensor.getName(), tensor.getDimsList()));
    }
    float[] values = decode(tensor, where);
    if (values.length != count) {
      throw new CorruptDataException(
          "Cannot read %s#%s: shape %s needs %d numbers but it holds %d"
              .formatted(where, tensor.getName(), tensor.getDimsList(), count, values.length));
    }
    return values;
  }

  private static float[] decode(TensorProto tensor, String where) {
    TensorProto.DataType stored = TensorProto.DataType.forNumber(tensor.getDataType());
    ElementType type = stored == null ? null : TYPES.get(stored);
    if (type == null) {
      throw new InvalidInputException(
          "Cannot read %s#%s: its type %s is not supported (known: FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT32, INT64)"
              .formatted(where, tensor.getName(), stored));
    }
    ByteString raw = tensor.getRawData();
    if (!raw.isEmpty()) {
      return raw(raw.toByteArray(), type);
    }
    return switch (type) {
      case FLOAT32 -> floats(tensor.getFloatDataCount(), tensor::getFloatData);
      case FLOAT64 -> floats(tensor.getDoubleDataCount(), i -> (float) tensor.getDoubleData(i));
      case INT64 -> floats(tensor.getInt64DataCount(), i -> (float) tensor.getInt64Data(i));
      case INT32 -> floats(tensor.getInt32DataCount(), i -> (float) tensor.getInt32Data(i));
      default -> raw(shorts(tensor), type); // 16-bit patterns are in int32_data
    };
  }

  private static float[] raw(byte[] bytes, ElementType type) {
    return floats(
        bytes.length / type.bytes(),
        i -> ElementAccess.floatAt(bytes, i * type.bytes(), type, ByteOrder.LITTLE_ENDIAN));
  }

  private static byte[] shorts(TensorProto tensor) {
    ByteBuffer bytes =
        ByteBuffer.allocate(2 * tensor.getInt32DataCount()).order(ByteOrder.LITTLE_ENDIAN);
    tensor.getInt32DataList().forEach(bits -> bytes.putShort(bits.shortValue()));
    return bytes.array();
  }

  private interface FloatAt {
    float get(int index);
  }

  private static float[] floats(int count, FloatAt at) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = at.get(i);
    }
    return values;
  }
}
