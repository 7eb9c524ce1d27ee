package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementType;

/** Finds a codec from bytes to bytes by its name and settings in the metadata. */
final class CodecNames {
  private static final List<String> BLOSC_COMPRESSORS =
      List.of("lz4", "lz4hc", "blosclz", "zstd", "zlib");

  private CodecNames() {}

  /** Returns a codec of Zarr v3, or a codec of numcodecs under its v2 name. */
  static ByteCodec of(String name, JsonNode settings, ElementType type, String where) {
    return switch (name) {
      case "zstd", "numcodecs.zstd" ->
          new ZstdCodec(settings.path("level").asInt(0), settings.path("checksum").asBoolean());
      case "gzip", "numcodecs.gzip" -> new DeflateCodec(true, settings.path("level").asInt(1));
      case "zlib", "numcodecs.zlib" -> new DeflateCodec(false, settings.path("level").asInt(1));
      case "crc32c", "numcodecs.crc32c" -> new Crc32cCodec();
      case "blosc", "numcodecs.blosc" -> blosc(settings, type, where);
      default ->
          throw new InvalidInputException(
              "Cannot read %s: codec '%s' is not supported (known: zstd, gzip, zlib, blosc, crc32c, transpose, sharding_indexed); write it again with one of these"
                  .formatted(where, name));
    };
  }

  private static ByteCodec blosc(JsonNode settings, ElementType type, String where) {
    String cname = settings.path("cname").asText("lz4");
    if (!BLOSC_COMPRESSORS.contains(cname)) {
      throw new InvalidInputException(
          "Cannot read %s: blosc compressor '%s' is not supported (known: %s)"
              .formatted(where, cname, String.join(", ", BLOSC_COMPRESSORS)));
    }
    JsonNode shuffle = settings.path("shuffle");
    int code =
        shuffle.isTextual()
            ? BloscCodec.shuffleOf(shuffle.asText())
            : Math.min(2, Math.max(0, shuffle.asInt(1)));
    return new BloscCodec(
        cname,
        settings.path("clevel").asInt(5),
        code,
        settings.path("typesize").asInt(type.bytes()));
  }
}
