package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementAccess;

/** The codec that appends the CRC-32C (RFC 3720) of the bytes, little-endian. */
record Crc32cCodec() implements ByteCodec {
  static final int BYTES = 4;

  @Override
  public String name() {
    return "crc32c";
  }

  @Override
  public String describe() {
    return "crc32c";
  }

  static int of(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  @Override
  public Slice decode(Slice encoded, int max, Bytes buffer) throws DecodingException {
    int length = encoded.length() - BYTES;
    if (length < 0) {
      throw new DecodingException(
          "it has %d bytes, too few for a checksum".formatted(encoded.length()));
    }
    int stored =
        ElementAccess.intAt(encoded.array(), encoded.offset() + length, ByteOrder.LITTLE_ENDIAN);
    int actual = of(encoded.array(), encoded.offset(), length);
    if (stored != actual) {
      throw new DecodingException(
          "its CRC-32C is %08x but its checksum is %08x".formatted(actual, stored));
    }
    return new Slice(encoded.array(), encoded.offset(), length);
  }

  @Override
  public void encode(Slice raw, Bytes out) {
    out.append(raw.array(), raw.offset(), raw.length());
    byte[] crc = new byte[BYTES];
    ElementAccess.putInt(crc, 0, of(raw.array(), raw.offset(), raw.length()));
    out.append(crc, 0, BYTES);
  }

  @Override
  public ObjectNode configuration() {
    return JsonText.object();
  }
}
