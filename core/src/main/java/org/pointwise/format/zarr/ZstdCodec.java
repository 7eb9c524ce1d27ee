package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;

/** The codec Zstandard (RFC 8878), by zstd-jni. Contexts are kept per thread. */
record ZstdCodec(int level, boolean checksum) implements ByteCodec {
  private static final ThreadLocal<ZstdCompressCtx> COMPRESS =
      ThreadLocal.withInitial(ZstdCompressCtx::new);
  private static final ThreadLocal<ZstdDecompressCtx> DECOMPRESS =
      ThreadLocal.withInitial(ZstdDecompressCtx::new);

  @Override
  public String name() {
    return "zstd";
  }

  @Override
  public String describe() {
    return "zstd level " + level;
  }

  @Override
  public Slice decode(Slice encoded, int max, Bytes buffer) throws DecodingException {
    byte[] out = buffer.resize(max);
    try {
      int length =
          DECOMPRESS
              .get()
              .decompressByteArray(
                  out, 0, max, encoded.array(), encoded.offset(), encoded.length());
      return new Slice(out, 0, length);
    } catch (ZstdException e) {
      throw new DecodingException("zstd: " + e.getMessage(), e);
    }
  }

  @Override
  public void encode(Slice raw, Bytes out) {
    int at = out.length();
    int bound = Math.toIntExact(Zstd.compressBound(raw.length()));
    byte[] array = out.reserve(bound);
    ZstdCompressCtx context = COMPRESS.get();
    context.setLevel(level).setChecksum(checksum);
    int length =
        context.compressByteArray(array, at, bound, raw.array(), raw.offset(), raw.length());
    out.advance(length);
  }

  @Override
  public ObjectNode configuration() {
    return JsonText.object().put("level", level).put("checksum", checksum);
  }
}
