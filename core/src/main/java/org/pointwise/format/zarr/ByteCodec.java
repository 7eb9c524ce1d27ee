package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.store.Bytes;

/** One encoding step from bytes to bytes. Immutable and thread-safe. */
interface ByteCodec {
  /** Returns the codec's name in Zarr v3. */
  String name();

  /** Returns a description for users, such as {@code zstd level 1}. */
  String describe();

  /**
   * Decodes bytes.
   *
   * @param max the maximum length of a valid result; a longer result is rejected before it takes
   *     memory
   * @param buffer the buffer for the result, if the codec needs one
   * @throws DecodingException if the bytes are damaged
   */
  Slice decode(Slice encoded, int max, Bytes buffer) throws DecodingException;

  /** Appends the encoded form of {@code raw} to {@code out}. */
  void encode(Slice raw, Bytes out);

  /** Returns the {@code configuration} in Zarr v3. */
  ObjectNode configuration();

  /** Thrown for damaged bytes. The message describes the damage. */
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
