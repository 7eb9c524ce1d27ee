package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.store.Bytes;

/** One step between bytes and bytes. Immutable and thread-safe. */
interface ByteCodec {
  /** The codec's name in Zarr v3. */
  String name();

  /** For people: {@code zstd level 1}. */
  String describe();

  /**
   * Undoes the codec.
   *
   * @param max the largest result that can be right: a longer one is refused before it takes memory
   * @param buffer where to put the result, if it needs a place
   * @throws DecodingException when the bytes are damaged
   */
  Slice decode(Slice encoded, int max, Bytes buffer) throws DecodingException;

  /** Appends the encoded form of {@code raw} to {@code out}. */
  void encode(Slice raw, Bytes out);

  /** {@code configuration} in Zarr v3. */
  ObjectNode configuration();

  /** Damaged bytes; the message says what was found. */
  final class DecodingException extends Exception {
    private static final long serialVersionUID = 1;

    DecodingException(String message) {
      super(message);
    }

    DecodingException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
