package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.scalableminds.bloscjava.Blosc;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementAccess;

/**
 * The codec Blosc 1, by blosc-java (c-blosc 1.21). The header of a frame determines how the frame
 * is decoded. The header is checked before native code reads it.
 *
 * @param shuffle 0 none, 1 bytes, 2 bits
 */
record BloscCodec(String cname, int level, int shuffle, int typeSize) implements ByteCodec {
  private static final int HEADER_BYTES = 16;
  private static final String[] SHUFFLES = {"noshuffle", "shuffle", "bitshuffle"};

  @Override
  public String name() {
    return "blosc";
  }

  @Override
  public String describe() {
    return "blosc %s level %d %s".formatted(cname, level, SHUFFLES[shuffle]);
  }

  static int shuffleOf(String name) {
    int shuffle = Arrays.asList(SHUFFLES).indexOf(name);
    if (shuffle < 0) {
      throw new InvalidInputException("Cannot use blosc shuffle '%s'".formatted(name));
    }
    return shuffle;
  }

  @Override
  public Slice decode(Slice encoded, int max, Bytes buffer) throws DecodingException {
    if (encoded.length() < HEADER_BYTES) {
      throw new DecodingException(
          "it has %d bytes, too few for a blosc header".formatted(encoded.length()));
    }
    int raw = header(encoded, 4);
    int block = header(encoded, 8);
    int stored = header(encoded, 12);
    if (stored != encoded.length()) {
      throw new DecodingException(
          "its blosc header states %d bytes but it has %d".formatted(stored, encoded.length()));
    }
    if (raw < 0 || raw > max || block < 0) {
      throw new DecodingException(
          "its blosc header states an expanded size of %d bytes, more than %d".formatted(raw, max));
    }
    if (raw == 0) {
      return new Slice(buffer.resize(0), 0, 0);
    }
    byte[] exact =
        Arrays.copyOfRange(encoded.array(), encoded.offset(), encoded.offset() + encoded.length());
    byte[] out;
    try {
      out = Blosc.decompress(exact, 1);
    } catch (LinkageError e) {
      throw unavailable(e);
    } catch (RuntimeException e) {
      throw new DecodingException("blosc: " + e.getMessage(), e);
    }
    if (out == null || out.length != raw) {
      throw new DecodingException("blosc cannot decompress it");
    }
    return new Slice(out, 0, out.length);
  }

  private static int header(Slice encoded, int at) {
    return ElementAccess.intAt(encoded.array(), encoded.offset() + at, ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void encode(Slice raw, Bytes out) {
    byte[] exact =
        raw.offset() == 0 && raw.length() == raw.array().length
            ? raw.array()
            : Arrays.copyOfRange(raw.array(), raw.offset(), raw.offset() + raw.length());
    try {
      byte[] encoded =
          Blosc.compress(
              exact,
              typeSize,
              Blosc.Compressor.valueOf(cname.toUpperCase(Locale.ROOT)),
              level,
              Blosc.Shuffle.values()[shuffle],
              0,
              1);
      out.append(encoded, 0, encoded.length);
    } catch (LinkageError e) {
      throw unavailable(e);
    }
  }

  /** Rejects a machine for which the library has no build. */
  static void requireLibrary() {
    new BloscCodec("lz4", 1, 0, 1).encode(new Slice(new byte[1], 0, 1), new Bytes());
  }

  private static InvalidInputException unavailable(LinkageError e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new InvalidInputException(
        "Cannot use blosc: its native library does not load on this %s %s (%s); give java.io.tmpdir a folder that can be written to, or use zstd"
            .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), cause),
        e);
  }

  @Override
  public ObjectNode configuration() {
    return JsonText.object()
        .put("typesize", typeSize)
        .put("cname", cname)
        .put("clevel", level)
        .put("shuffle", SHUFFLES[shuffle])
        .put("blocksize", 0);
  }
}
