package org.pointwise.store.npy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteSource;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.ElementType;

/**
 * The header of an {@code .npy} file, checked against the length of the file.
 *
 * @param fortran whether the first dimension varies fastest
 * @param dataOffset where the numbers begin, in bytes
 */
public record NpyHeader(
    ElementType type, ByteOrder order, boolean fortran, long[] shape, int dataOffset) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER_BYTES = 1 << 20;
  private static final Pattern DESCRIPTION =
      Pattern.compile("['\"]descr['\"]\\s*:\\s*(?:['\"]([^'\"]*)['\"]|(\\[))");
  private static final Pattern FORTRAN =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile(
          "['\"]shape['\"]\\s*:\\s*\\(\\s*((?:[0-9]+L?\\s*(?:,\\s*[0-9]+L?\\s*)*,?\\s*)?)\\)");

  /** Reads the header of an object and checks that the object is long enough. */
  public static NpyHeader read(ByteSource store, String key) throws IOException {
    String where = ByteStore.join(store.uri(), key);
    long size = store.size(key);
    if (size < 0) {
      throw new InvalidInputException(
          "Cannot read %s: there is no such file; check the path".formatted(where));
    }
    Bytes bytes = new Bytes();
    try {
      store.read(key, 0, (int) Math.min(size, 256), bytes);
      int end = end(bytes, where, size);
      if (end > bytes.length()) {
        store.read(key, 0, end, bytes);
      }
      return parse(bytes.array(), end, where).checkedAgainst(size, where);
    } catch (ByteStore.TruncatedException e) {
      throw truncated(where, String.valueOf(e.getMessage()));
    }
  }

  /** Returns where the header ends, from its first bytes. */
  private static int end(Bytes bytes, String where, long size) {
    byte[] head = bytes.array();
    if (bytes.length() < 12 || !Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new CorruptDataException(
          "Cannot read %s: it does not begin as an .npy file does; check that it is one"
              .formatted(where));
    }
    int version = head[6];
    if (version < 1 || version > 3) {
      throw new InvalidInputException(
          "Cannot read %s: .npy version %d is not supported (known: 1 to 3)"
              .formatted(where, version));
    }
    long length =
        version == 1
            ? (head[8] & 0xff) | (head[9] & 0xff) << 8
            : (head[8] & 0xffL)
                | (head[9] & 0xffL) << 8
                | (head[10] & 0xffL) << 16
                | (head[11] & 0xffL) << 24;
    long end = (version == 1 ? 10 : 12) + length;
    if (length > MAX_HEADER_BYTES) {
      throw new CorruptDataException(
          "Cannot read %s: its header states a length of %d bytes but at most %d are supported"
              .formatted(where, length, MAX_HEADER_BYTES));
    }
    if (end > size) {
      throw truncated(where, "its header needs %d bytes, the file has %d".formatted(end, size));
    }
    return (int) end;
  }

  private static NpyHeader parse(byte[] bytes, int end, String where) {
    int start = bytes[6] == 1 ? 10 : 12;
    String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    Matcher description = DESCRIPTION.matcher(text);
    Matcher fortran = FORTRAN.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!description.find()) {
      throw new CorruptDataException(
          "Cannot read %s: its header names no type: %s"
              .formatted(where, text.substring(0, Math.min(80, text.length())).strip()));
    }
    ElementType type = type(description, where);
    if (!fortran.find() || !shape.find()) {
      throw new CorruptDataException(
          "Cannot read %s: its header lacks fortran_order or shape: %s"
              .formatted(where, text.substring(0, Math.min(80, text.length())).strip()));
    }
    return new NpyHeader(
        type,
        description.group(1).charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        fortran.group(1).equals("True"),
        shape(shape.group(1), where),
        end);
  }

  private static ElementType type(Matcher description, String where) {
    if (description.group(2) != null) {
      throw new InvalidInputException(
          "Cannot read %s: structured types are not supported; save one field as its own array"
              .formatted(where));
    }
    String code = description.group(1);
    if (code.contains("O")) {
      throw new InvalidInputException(
          "Cannot read %s: it holds pickled objects ('%s'), which are never loaded; save it as a plain array of numbers"
              .formatted(where, code));
    }
    if (code.equals("|b1")) {
      return ElementType.UINT8; // 0 and 1
    }
    ElementType type = code.length() < 3 ? null : ElementType.ofNumpyCode(code.substring(1));
    if (type == null || "<>|=".indexOf(code.charAt(0)) < 0) {
      throw new InvalidInputException(
          "Cannot read %s: its type '%s' is not supported (known: f2, f4, f8, i1 to i8, u1 to u8, b1)"
              .formatted(where, code));
    }
    return type;
  }

  private static long[] shape(String text, String where) {
    try {
      return Arrays.stream(text.replace("L", "").split(","))
          .map(String::strip)
          .filter(length -> !length.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw new CorruptDataException(
          "Cannot read %s: its shape (%s) is beyond 64 bits".formatted(where, text), e);
    }
  }

  private NpyHeader checkedAgainst(long size, String where) {
    long bytes = type.bytes();
    try {
      for (long length : shape) {
        bytes = Math.multiplyExact(bytes, length);
      }
      bytes = Math.addExact(bytes, (long) dataOffset);
    } catch (ArithmeticException e) {
      throw new CorruptDataException(
          "Cannot read %s: its shape %s overflows 64 bits".formatted(where, Arrays.toString(shape)),
          e);
    }
    if (size < bytes) {
      throw truncated(
          where,
          "shape %s of %s needs %d bytes, the file has %d"
              .formatted(Arrays.toString(shape), type, bytes, size));
    }
    return this;
  }

  private static CorruptDataException truncated(String where, String problem) {
    return new CorruptDataException(
        "Cannot read %s: it is truncated (%s); restore the file".formatted(where, problem));
  }

  /**
   * Returns a version 1 header of little-endian numbers in C order, padded to 64 bytes as in NumPy.
   */
  public static byte[] encode(ElementType type, long[] shape) {
    String lengths =
        Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String text =
        "{'descr': '%s%s', 'fortran_order': False, 'shape': (%s%s), }"
            .formatted(
                type.bytes() == 1 ? "|" : "<",
                type.numpyCode(),
                lengths,
                shape.length == 1 ? "," : "");
    int padding = 63 - (10 + text.length()) % 64;
    byte[] dictionary = (text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
    byte[] header = new byte[10 + dictionary.length];
    System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
    header[6] = 1;
    header[8] = (byte) dictionary.length;
    header[9] = (byte) (dictionary.length >> 8);
    System.arraycopy(dictionary, 0, header, 10, dictionary.length);
    return header;
  }
}
