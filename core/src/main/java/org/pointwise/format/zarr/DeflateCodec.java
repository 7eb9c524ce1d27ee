package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;

/** The codecs gzip (RFC 1952) and zlib (RFC 1950), by java.util.zip. */
record DeflateCodec(boolean gzip, int level) implements ByteCodec {

  @Override
  public String name() {
    return gzip ? "gzip" : "numcodecs.zlib";
  }

  @Override
  public String describe() {
    return (gzip ? "gzip" : "zlib") + " level " + level;
  }

  @Override
  public Slice decode(Slice encoded, int max, Bytes buffer) throws DecodingException {
    ByteArrayInputStream bytes =
        new ByteArrayInputStream(encoded.array(), encoded.offset(), encoded.length());
    byte[] out = buffer.resize(max);
    try (InputStream in = gzip ? new GZIPInputStream(bytes) : new InflaterInputStream(bytes)) {
      int length = in.readNBytes(out, 0, max);
      if (in.read() >= 0) {
        throw new DecodingException("it expands beyond %d bytes".formatted(max));
      }
      return new Slice(out, 0, length);
    } catch (IOException e) {
      throw new DecodingException((gzip ? "gzip: " : "zlib: ") + e.getMessage(), e);
    }
  }

  @Override
  public void encode(Slice raw, Bytes out) {
    OutputStream appended =
        new OutputStream() {
          @Override
          public void write(int b) {
            out.append(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            out.append(bytes, from, length);
          }
        };
    try (OutputStream deflated = deflater(appended)) {
      deflated.write(raw.array(), raw.offset(), raw.length());
    } catch (IOException e) {
      throw new IllegalStateException("Cannot deflate in memory", e);
    }
  }

  private OutputStream deflater(OutputStream out) throws IOException {
    if (!gzip) {
      return new DeflaterOutputStream(out, new Deflater(level));
    }
    int requestedLevel = level;
    return new GZIPOutputStream(out) {
      {
        def.setLevel(requestedLevel);
      }
    };
  }

  @Override
  public ObjectNode configuration() {
    return JsonText.object().put("level", level);
  }
}
