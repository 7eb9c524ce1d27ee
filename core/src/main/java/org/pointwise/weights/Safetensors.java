package org.pointwise.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * A safetensors file: eight bytes of header length, a JSON header, the tensors (little-endian, C
 * order). The header is checked against the length of the file before any tensor is read.
 */
public final class Safetensors {
  private static final int MAX_HEADER_BYTES = 100_000_000; // the limit of the reference reader
  private static final Map<String, ElementType> TYPES =
      Map.of(
          "F16", ElementType.FLOAT16,
          "BF16", ElementType.BFLOAT16,
          "F32", ElementType.FLOAT32,
          "F64", ElementType.FLOAT64);
  private static final String INT64 = "I64";

  /** The location of a tensor; offsets count from the end of the header. */
  public record Tensor(String dtype, long[] shape, long begin, long end) {
    boolean readable() {
      return TYPES.containsKey(dtype);
    }
  }

  private final ByteStore store;
  private final String key;
  private final long dataOffset;
  private final Map<String, Tensor> tensors;
  private final ObjectNode metadata;

  private Safetensors(
      ByteStore store,
      String key,
      long dataOffset,
      Map<String, Tensor> tensors,
      ObjectNode metadata) {
    this.store = store;
    this.key = key;
    this.dataOffset = dataOffset;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  public static Safetensors open(ByteStore store, String key) throws IOException {
    String where = ByteStore.join(store.uri(), key);
    long size = store.size(key);
    if (size < 0) {
      throw new InvalidInputException(
          "Cannot read weights %s: there is no such file; check the path".formatted(where));
    }
    if (size < 8) {
      throw truncated(where, "it has %d bytes, too few for a header".formatted(size));
    }
    Bytes bytes = new Bytes();
    store.read(key, 0, 8, bytes);
    long length = ElementAccess.longAt(bytes.array(), 0, ByteOrder.LITTLE_ENDIAN);
    if (length < 2 || length > MAX_HEADER_BYTES || length > size - 8) {
      throw truncated(
          where,
          "its header states %s bytes, the file has %d"
              .formatted(Long.toUnsignedString(length), size));
    }
    store.read(key, 8, (int) length, bytes);
    ObjectNode header = JsonText.parse(bytes.toArray(), where);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    ObjectNode metadata = JsonText.object();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (field.getKey().equals("__metadata__")) {
        metadata = field.getValue() instanceof ObjectNode found ? found : metadata;
      } else {
        tensors.put(
            field.getKey(),
            tensor(field.getValue(), size - 8 - length, where + "#" + field.getKey()));
      }
    }
    return new Safetensors(store, key, 8 + length, tensors, metadata);
  }

  private static Tensor tensor(JsonNode json, long dataBytes, String where) {
    String dtype = json.path("dtype").asText();
    JsonNode lengths = json.path("shape");
    JsonNode offsets = json.path("data_offsets");
    long[] shape = new long[lengths.size()];
    boolean known = TYPES.containsKey(dtype) || dtype.equals(INT64);
    long bytes = TYPES.containsKey(dtype) ? TYPES.get(dtype).bytes() : Long.BYTES;
    long begin = offsets.path(0).asLong(-1);
    long end = offsets.path(1).asLong(-1);
    try {
      for (int d = 0; d < shape.length; d++) {
        shape[d] = lengths.get(d).asLong(-1);
        if (shape[d] < 0) {
          throw new ArithmeticException("negative");
        }
        bytes = Math.multiplyExact(bytes, shape[d]);
      }
    } catch (ArithmeticException e) {
      throw new CorruptDataException(
          "Cannot read %s: its shape %s is impossible".formatted(where, lengths), e);
    }
    if (begin < 0 || end < begin || end > dataBytes) {
      throw truncated(
          where,
          "its data lies at %s but the file holds %d bytes of data".formatted(offsets, dataBytes));
    }
    if (known && end - begin != bytes) {
      throw new CorruptDataException(
          "Cannot read %s: %s of %s needs %d bytes but its offsets span %d"
              .formatted(where, Arrays.toString(shape), dtype, bytes, end - begin));
    }
    return new Tensor(dtype, shape, begin, end);
  }

  private static CorruptDataException truncated(String where, String problem) {
    return new CorruptDataException(
        "Cannot read weights %s: %s; the file is truncated or damaged, restore it"
            .formatted(where, problem));
  }

  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /** Returns the file's metadata. */
  public Map<String, String> metadata() {
    Map<String, String> all = new TreeMap<>();
    metadata.fields().forEachRemaining(entry -> all.put(entry.getKey(), entry.getValue().asText()));
    return all;
  }

  /** Returns one entry of the metadata; null where it is missing. */
  public @Nullable String recorded(String name) {
    return metadata.path(name).isTextual() ? metadata.path(name).asText() : null;
  }

  /** Returns the names of the tensors that can be 1×1 kernels. */
  List<String> kernels() {
    List<String> names = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.readable() && KernelShapes.isPointwise(tensor.shape())) {
            names.add(name);
          }
        });
    return names;
  }

  float[] values(String name) throws IOException {
    Tensor tensor = Objects.requireNonNull(tensors.get(name));
    ElementType type = TYPES.get(tensor.dtype());
    if (type == null) {
      throw new InvalidInputException(
          "Cannot read %s#%s: its type %s is not supported (known: F16, BF16, F32, F64)"
              .formatted(ByteStore.join(store.uri(), key), name, tensor.dtype()));
    }
    Bytes bytes = new Bytes();
    store.read(
        key, dataOffset + tensor.begin(), Math.toIntExact(tensor.end() - tensor.begin()), bytes);
    float[] values = new float[bytes.length() / type.bytes()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          ElementAccess.floatAt(bytes.array(), i * type.bytes(), type, ByteOrder.LITTLE_ENDIAN);
    }
    return values;
  }

  /**
   * Reads the numbers of a tensor of an expected 8-byte type and length.
   *
   * @throws CorruptDataException when the tensor is missing or differs
   */
  public ByteBuffer data(String name, String dtype, long count) throws IOException {
    Tensor tensor = tensors.get(name);
    long bytes = tensor == null ? 0 : tensor.end() - tensor.begin();
    if (tensor == null || !tensor.dtype().equals(dtype) || bytes != count * Long.BYTES) {
      throw new CorruptDataException(
          "Cannot read %s: it needs a tensor '%s' of %d numbers of type %s but has %s"
              .formatted(
                  ByteStore.join(store.uri(), key),
                  name,
                  count,
                  dtype,
                  tensor == null
                      ? "none"
                      : Arrays.toString(tensor.shape()) + " " + tensor.dtype()));
    }
    Bytes found = new Bytes();
    store.read(key, dataOffset + tensor.begin(), Math.toIntExact(bytes), found);
    return ByteBuffer.wrap(found.array(), 0, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads float64 numbers; see {@link #data}. */
  public double[] doubles(String name, long count) throws IOException {
    double[] values = new double[Math.toIntExact(count)];
    data(name, "F64", count).asDoubleBuffer().get(values);
    return values;
  }

  /** Reads int64 numbers; see {@link #data}. */
  public long[] longs(String name, long count) throws IOException {
    long[] values = new long[Math.toIntExact(count)];
    data(name, INT64, count).asLongBuffer().get(values);
    return values;
  }

  /** A tensor to write; its data is little-endian. */
  public record Named(String name, String dtype, long[] shape, ByteBuffer data) {
    private static ByteBuffer buffer(long bytes) {
      return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static Named of(String name, float[] values, long... shape) {
      ByteBuffer data = buffer(4L * values.length);
      data.asFloatBuffer().put(values);
      return new Named(name, "F32", shape, data);
    }

    public static Named of(String name, double[] values, long... shape) {
      ByteBuffer data = buffer(8L * values.length);
      data.asDoubleBuffer().put(values);
      return new Named(name, "F64", shape, data);
    }

    public static Named of(String name, long[] values, long... shape) {
      ByteBuffer data = buffer(8L * values.length);
      data.asLongBuffer().put(values);
      return new Named(name, INT64, shape, data);
    }
  }

  /** Encodes a file of these tensors, in their order. */
  public static byte[] encode(List<Named> tensors, Map<String, String> metadata) {
    ObjectNode header = JsonText.object();
    ObjectNode recorded = header.putObject("__metadata__");
    metadata.forEach(recorded::put);
    int offset = 0;
    for (Named tensor : tensors) {
      ObjectNode json = header.putObject(tensor.name()).put("dtype", tensor.dtype());
      ArrayNode shape = json.putArray("shape");
      for (long length : tensor.shape()) {
        shape.add(length);
      }
      int end = Math.addExact(offset, tensor.data().capacity());
      json.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = JsonText.line(header).getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8; // aligned to eight bytes by spaces
    ByteBuffer file =
        ByteBuffer.allocate(Math.addExact(8 + padded, offset)).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(padded).put(json);
    while (file.position() < 8 + padded) {
      file.put((byte) ' ');
    }
    for (Named tensor : tensors) {
      file.put(tensor.data());
    }
    return file.array();
  }
}
