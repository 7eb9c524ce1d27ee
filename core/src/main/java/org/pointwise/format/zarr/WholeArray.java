package org.pointwise.format.zarr;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ValueType;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Grid;

/** Reads all values of a small array. Missing chunks hold the fill value. Used once. */
final class WholeArray {
  /** Bytes of heap of a text of variable length without its characters. */
  private static final int TEXT_BYTES = 64;

  private final ZarrArray array;
  private final ArrayMetadata metadata;
  private final long maxBytes;
  private final byte[] values;
  private final List<String> texts = new ArrayList<>();
  private long heldBytes; // bytes of the values and texts

  /**
   * @param maxBytes the maximum bytes of the values in memory
   * @throws InvalidInputException if the array has more bytes
   */
  WholeArray(ZarrArray array, long maxBytes) {
    this.array = array;
    this.metadata = array.metadata();
    this.maxBytes = maxBytes;
    long elements = Arrays.stream(metadata.shape()).reduce(1, Math::multiplyExact);
    hold(elements * metadata.value().bytes());
    this.values = new byte[Math.toIntExact(heldBytes)];
  }

  private void hold(long bytes) {
    heldBytes = Math.addExact(heldBytes, bytes);
    if (heldBytes > maxBytes) {
      throw new InvalidInputException(
          "Cannot read %s at once: it has %d bytes but at most %d are read whole"
              .formatted(array.uri(), heldBytes, maxBytes));
    }
  }

  /** Returns the bytes of the values and texts in memory. */
  long heldBytes() {
    return heldBytes;
  }

  /** Returns the texts of a text array; the values are positions in this list. */
  List<String> texts() {
    return texts;
  }

  /** Reads the values. Returns them row-major and little-endian. */
  byte[] read() throws IOException {
    if (isText()) {
      texts.add(metadata.fillText());
    }
    long[] counts = new long[metadata.rank()];
    long chunks = 1;
    for (int d = 0; d < counts.length; d++) {
      counts[d] =
          metadata.shape()[d] == 0 ? 0 : Grid.ceil(metadata.shape()[d], metadata.chunk()[d]);
      chunks *= counts[d];
    }
    ChunkReader reader = array.chunks(new ShardIndex.Cache());
    long[] chunk = new long[counts.length];
    for (long i = 0; i < chunks; i++) {
      scatter(isText() ? positions(reader, chunk) : reader.read(chunk), chunk);
      advance(chunk, counts);
    }
    return values;
  }

  private boolean isText() {
    return metadata.value().kind() == ValueType.Kind.TEXT;
  }

  /** Returns the positions of a chunk's texts in the list of all texts; null if it is missing. */
  private @Nullable Slice positions(ChunkReader reader, long[] chunk) throws IOException {
    Slice encoded = reader.read(chunk);
    if (encoded == null) {
      return null;
    }
    int first = texts.size();
    int count = metadata.chunkElements();
    hold(TEXT_BYTES * (long) count + 2L * encoded.length());
    try {
      texts.addAll(VlenText.decode(encoded, count));
    } catch (ByteCodec.DecodingException e) {
      throw new CorruptDataException(
          "Cannot decode chunk %s of %s: %s; restore the object or write it again"
              .formatted(Arrays.toString(chunk), array.uri(), e.getMessage()),
          e);
    }
    byte[] positions = new byte[count * Integer.BYTES];
    for (int i = 0; i < count; i++) {
      ElementAccess.putInt(positions, i * Integer.BYTES, first + i);
    }
    return new Slice(positions, 0, positions.length);
  }

  private static void advance(long[] position, long[] counts) {
    for (int d = counts.length - 1; d >= 0; d--) {
      if (++position[d] < counts[d]) {
        return;
      }
      position[d] = 0;
    }
  }

  private void scatter(@Nullable Slice slice, long[] chunk) {
    int rank = metadata.rank();
    long[] within = new long[rank];
    long[] counts = new long[rank];
    long elements = 1;
    for (int d = 0; d < rank; d++) {
      long first = chunk[d] * metadata.chunk()[d];
      counts[d] = Math.min(metadata.chunk()[d], metadata.shape()[d] - first);
      elements *= counts[d];
    }
    long[] strides = metadata.chunkStrides();
    int bytes = metadata.value().bytes();
    for (long e = 0; e < elements; e++) {
      long target = 0;
      long from = 0;
      for (int d = 0; d < rank; d++) {
        target = target * metadata.shape()[d] + chunk[d] * metadata.chunk()[d] + within[d];
        from += within[d] * strides[d];
      }
      byte[] source = slice == null ? metadata.fill() : slice.array();
      int at = slice == null ? 0 : slice.offset() + (int) from * bytes;
      copyLittleEndian(source, at, (int) target * bytes);
      advance(within, counts);
    }
  }

  private void copyLittleEndian(byte[] from, int at, int target) {
    int size = metadata.type().bytes();
    int bytes = metadata.value().bytes();
    boolean little = metadata.byteOrder() == ByteOrder.LITTLE_ENDIAN;
    for (int first = 0; first < bytes; first += size) {
      for (int b = 0; b < size; b++) {
        values[target + first + b] = from[at + first + (little ? b : size - 1 - b)];
      }
    }
  }
}
