package org.pointwise.format.zarr;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The serialisation of texts of variable length that numcodecs names {@code vlen-utf8}: the number
 * of texts, and then the length of each in bytes and its bytes in UTF-8. Numbers are little-endian
 * uint32.
 */
final class VlenText {
  /** The name of the serialisation: of a codec in v3, of a filter in v2. */
  static final String NAME = "vlen-utf8";

  private VlenText() {}

  /**
   * Returns the texts of a chunk.
   *
   * @param count the number of texts that the chunk must have
   * @throws ByteCodec.DecodingException if the bytes are no serialisation of that many texts
   */
  static List<String> decode(Slice chunk, int count) throws ByteCodec.DecodingException {
    ByteBuffer bytes =
        ByteBuffer.wrap(chunk.array(), chunk.offset(), chunk.length())
            .order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() < Integer.BYTES || bytes.getInt() != count) {
      throw new ByteCodec.DecodingException("it does not hold %d texts".formatted(count));
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
      if (length < 0 || length > bytes.remaining()) {
        throw new ByteCodec.DecodingException("its text %d is longer than the chunk".formatted(i));
      }
      texts.add(text(bytes.slice(bytes.position(), length), i));
      bytes.position(bytes.position() + length);
    }
    return texts;
  }

  private static String text(ByteBuffer bytes, int index) throws ByteCodec.DecodingException {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes);
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new ByteCodec.DecodingException("its text %d is not UTF-8".formatted(index), e);
    }
  }

  /** Returns the serialisation of texts. */
  static byte[] encode(List<String> texts) {
    List<byte[]> encoded = new ArrayList<>();
    int length = Integer.BYTES;
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      encoded.add(bytes);
      length = Math.addExact(length, Math.addExact(bytes.length, Integer.BYTES));
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(texts.size());
    encoded.forEach(text -> bytes.putInt(text.length).put(text));
    return bytes.array();
  }
}
