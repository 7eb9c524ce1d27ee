package org.pointwise.format.mat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.Suggestion;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectChannel;
import org.pointwise.tensor.ElementType;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.types.MatFile.Entry;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sources;

/** The content of a MAT file. Confined to one thread. */
final class MatFile {
  private static final int HEADER_BYTES = 128;
  private static final int MAX_NAMES = 10;

  /** The maximum compression ratio of deflate. */
  private static final long MAX_RATIO = 1032;

  private final ByteStore folder;
  private final String key;
  private final String uri;
  private final long size;

  /**
   * An array of numbers.
   *
   * @param lengths the lengths of its dimensions; the first dimension varies fastest
   */
  record Variable(String name, ElementType type, long[] lengths) {
    long bytes() {
      long count = 1;
      for (long length : lengths) {
        count = Math.multiplyExact(count, length);
      }
      return Math.multiplyExact(count, (long) type.bytes());
    }

    String describe() {
      String shape =
          Arrays.stream(lengths).mapToObj(String::valueOf).collect(Collectors.joining("×"));
      return name + " (" + shape + ")";
    }
  }

  private MatFile(ByteStore folder, String key, long size) {
    this.folder = folder;
    this.key = key;
    this.uri = ByteStore.join(folder.uri(), key);
    this.size = size;
  }

  /**
   * @throws InvalidInputException if there is no such file, or if it is not a MAT file of level 5
   */
  static MatFile open(ByteStore folder, String key) throws IOException {
    MatFile file = new MatFile(folder, key, folder.size(key));
    if (file.size < 0) {
      throw new InvalidInputException(
          "Cannot read %s: there is no such file; check the path".formatted(file.uri));
    }
    Bytes head = new Bytes();
    folder.read(key, 0, (int) Math.min(HEADER_BYTES, file.size), head);
    String text =
        new String(head.array(), 0, Math.min(16, head.length()), StandardCharsets.ISO_8859_1);
    if (text.startsWith("MATLAB 7.3")) {
      throw new InvalidInputException(
          "Cannot read %s: it is a MAT file of level 7.3, which is HDF5; save it with -v7"
              .formatted(file.uri));
    }
    if (!text.startsWith("MATLAB 5.0") || head.length() < HEADER_BYTES) {
      throw new CorruptDataException(
          "Cannot read %s: it does not begin as a MAT file of level 5 does; check that it is one"
              .formatted(file.uri));
    }
    return file;
  }

  /**
   * Returns all arrays of real numbers.
   *
   * @param ignored receives the class of each other variable, by name
   */
  private List<Variable> variables(Map<String, String> ignored) throws IOException {
    List<Variable> variables = new ArrayList<>();
    read(
        header -> {
          ElementType type = type(header);
          if (type != null) {
            long[] lengths = Arrays.stream(header.getDimensions()).asLongStream().toArray();
            variables.add(new Variable(header.getName(), type, lengths));
          } else {
            String kind = String.valueOf(header.getType()).toLowerCase(Locale.ROOT);
            ignored.put(header.getName(), header.isComplex() ? "complex" : kind);
          }
          return false;
        },
        0);
    return variables;
  }

  /**
   * Finds an array.
   *
   * @param requested the name of the array; null for the only array with at least {@code rank}
   *     dimensions
   * @param rank the minimum number of dimensions: 3 for features, 2 for labels
   */
  Variable find(@Nullable String requested, int rank) throws IOException {
    Map<String, String> ignored = new LinkedHashMap<>();
    List<Variable> all = variables(ignored);
    List<Variable> fitting =
        all.stream()
            .filter(
                variable ->
                    requested == null
                        ? variable.lengths().length >= rank
                        : variable.name().equals(requested))
            .toList();
    if (fitting.size() == 1) {
      return requirePlausible(fitting.get(0));
    }
    String names =
        all.stream()
            .limit(MAX_NAMES)
            .map(Variable::describe)
            .collect(Collectors.joining(", ", "", all.size() > MAX_NAMES ? ", …" : ""));
    if (requested != null && ignored.containsKey(requested)) {
      throw new InvalidInputException(
          "Cannot read %s#%s: it is of class %s, not an array of real numbers; save it as one"
              .formatted(uri, requested, ignored.get(requested)));
    }
    throw new InvalidInputException(
        all.isEmpty()
            ? "Cannot read %s: it holds no arrays of real numbers".formatted(uri)
            : requested == null
                ? "Cannot read %s: it holds %s; name one, for example %s#%s"
                    .formatted(uri, names, uri, all.get(0).name())
                : "Cannot read %s: it holds %s array of real numbers '%s' but %s%s"
                    .formatted(
                        uri,
                        fitting.isEmpty() ? "no" : "more than one",
                        requested,
                        names,
                        Suggestion.of(requested, all.stream().map(Variable::name).toList())));
  }

  /** Rejects an array that the file cannot hold, or that one Java array cannot hold. */
  private Variable requirePlausible(Variable variable) {
    long bytes;
    try {
      bytes = variable.bytes();
    } catch (ArithmeticException e) {
      bytes = Long.MAX_VALUE;
    }
    if (bytes / MAX_RATIO > size) {
      throw new CorruptDataException(
          "Cannot read %s: its header states %s, which a file of %d bytes cannot hold; restore the file"
              .formatted(uri, variable.describe(), size));
    }
    if (bytes > Integer.MAX_VALUE - 64) {
      throw new InvalidInputException(
          "Cannot read %s: %s has %d bytes, but of a MAT file at most %d are read; save it as .npy"
              .formatted(uri, variable.describe(), bytes, Integer.MAX_VALUE - 64));
    }
    return variable;
  }

  /** Returns all numbers of an array, little-endian, with the first dimension varying fastest. */
  byte[] numbers(Variable variable) throws IOException {
    Mat5File file =
        read(
            header ->
                header.getName().equals(variable.name())
                    && type(header) == variable.type()
                    && Arrays.equals(
                        Arrays.stream(header.getDimensions()).asLongStream().toArray(),
                        variable.lengths()),
            variable.bytes());
    for (Entry entry : file.getEntries()) {
      if (entry.getValue() instanceof Matrix matrix) {
        return numbers(matrix, variable.type());
      }
    }
    throw new InvalidInputException(
        "Cannot read %s#%s: it changed since the run was planned; run again"
            .formatted(uri, variable.name()));
  }

  private static byte[] numbers(Matrix matrix, ElementType type) {
    int count = matrix.getNumElements();
    byte[] bytes = new byte[count * type.bytes()];
    ByteBuffer into = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (type) {
        case FLOAT64 -> into.putDouble(matrix.getDouble(i));
        case FLOAT32 -> into.putFloat(matrix.getFloat(i));
        case INT64, UINT64 -> into.putLong(matrix.getLong(i));
        case INT32, UINT32 -> into.putInt(matrix.getInt(i));
        case INT16, UINT16 -> into.putShort(matrix.getShort(i));
        default -> into.put(matrix.getByte(i));
      }
    }
    return bytes;
  }

  /**
   * @param max the maximum bytes of an array
   */
  private Mat5File read(Mat5Reader.EntryFilter filter, long max) throws IOException {
    ObjectChannel channel = new ObjectChannel(folder, key, size);
    try {
      return Mat5.newReader(Sources.wrapInputStream(channel.stream(), 1 << 16))
          .setEntryFilter(filter)
          .setBufferAllocator(new Bounded(max))
          .disableSubsystemProcessing()
          .readMat();
    } catch (OutOfMemoryError e) { // the library trusts the lengths in headers
      throw new CorruptDataException(
          "Cannot read %s: its headers claim more than fits into memory; restore it".formatted(uri),
          e);
    } catch (IOException | RuntimeException e) { // the library throws both for unexpected content
      IOException failure = channel.failure();
      if (failure != null) {
        throw failure;
      }
      throw new CorruptDataException(
          "Cannot read %s: it is damaged or no MAT file of level 5 (%s); restore it"
              .formatted(uri, reason(e)),
          e);
    }
  }

  private static String reason(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof EOFException ? "it ends too early" : String.valueOf(cause.getMessage());
  }

  /** Returns the element type; null if the entry is not an array of real numbers. */
  private static @Nullable ElementType type(Mat5Reader.EntryHeader header) {
    if (header.isComplex()) {
      return null;
    }
    MatlabType type = header.getType();
    return switch (type) {
      case Double -> ElementType.FLOAT64;
      case Single -> ElementType.FLOAT32;
      case Int8 -> ElementType.INT8;
      case UInt8 -> ElementType.UINT8;
      case Int16 -> ElementType.INT16;
      case UInt16 -> ElementType.UINT16;
      case Int32 -> ElementType.INT32;
      case UInt32 -> ElementType.UINT32;
      case Int64 -> ElementType.INT64;
      case UInt64 -> ElementType.UINT64;
      default -> null;
    };
  }

  /** Allocates no more memory than the header declared. */
  private record Bounded(long max) implements BufferAllocator {
    @Override
    public ByteBuffer allocate(int bytes) {
      if (bytes < 0 || bytes > max) {
        throw new IllegalArgumentException(
            "an array of %d bytes where %d were expected".formatted(bytes, max));
      }
      return ByteBuffer.allocate(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
      // left to the garbage collector
    }
  }
}
