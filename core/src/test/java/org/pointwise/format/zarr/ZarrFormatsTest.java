package org.pointwise.format.zarr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.SharedData;

/**
 * Reads every Zarr array that other software wrote, and compares it with the values of an
 * independent reader, or checks that it is refused with the name of the unsupported feature.
 */
class ZarrFormatsTest {
  /** Unsupported features, as the message names them. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "'bool'",
          "\"|b1\"",
          "\"|O\"",
          "\"|S",
          "\"<U",
          "\">U",
          "'string'",
          "'variable_length_bytes'",
          "'fixed_length_utf32'",
          "'numpy.datetime64'",
          "'numpy.timedelta64'",
          "'zarrs.optional'",
          "'optional'",
          "codec 'numcodecs.",
          "codec 'lz4'",
          "codec 'bz2'",
          "codec 'pcodec'",
          "codec 'zfpy'",
          "codec 'bitround'",
          "codec 'adler32'",
          "codec 'fletcher32'",
          "filter '",
          "storage transformer 'chunk-manifest-json'",
          "extension '");

  @Test
  void everyArrayIsReadOrRefusedByName() throws Exception {
    Path formats = SharedData.path("formats/zarr");
    JsonNode expected =
        new ObjectMapper()
            .readTree(Files.readAllBytes(formats.resolve("expected_by_zarrita_js_0.7.5.json")));
    List<String> table = new ArrayList<>();
    int read = 0;
    for (Map.Entry<String, JsonNode> entry : expected.properties()) {
      String outcome = outcome(folder(formats, entry.getKey()), entry.getValue(), entry.getKey());
      read += outcome.startsWith("read") ? 1 : 0;
      table.add("%-60s %s".formatted(entry.getKey(), outcome));
    }
    System.out.println(String.join("\n", table));
    System.out.printf("%d arrays, %d read, the rest refused by name%n", table.size(), read);
    assertThat(read).isGreaterThanOrEqualTo(93);
  }

  private static Path folder(Path formats, String key) {
    if (key.startsWith("v2/") || key.startsWith("v3/")) {
      return formats.resolve("zarrita_js_fixtures").resolve(key);
    }
    String parts = key.substring(key.indexOf('/') + 1);
    return formats.resolve(key.substring(0, key.indexOf('/'))).resolve(parts);
  }

  private static String outcome(Path folder, JsonNode expected, String name) throws Exception {
    assertThat(folder).exists();
    ZarrArray array;
    byte[] values;
    try {
      array = ZarrNodes.open(ByteStores.LOCAL, folder.toString());
      if (expected.path("n").asLong() > 1 << 20) {
        return outcomeOfSparse(array, expected, name);
      }
      values = array.readWhole();
    } catch (InvalidInputException e) {
      assertThat(UNSUPPORTED)
          .as("%s: %s", name, e.getMessage())
          .anyMatch(reason -> e.getMessage().contains(reason));
      return "refused: "
          + e.getMessage().replaceAll(".*: (its type|codec|filter|its ext|storage)", "$1");
    }
    if (expected.has("error")) {
      return "read, without a second opinion (%s)".formatted(expected.path("error").asText());
    }
    assertThat(array.shape()).as(name).containsExactly(longs(expected.path("shape")));
    int size = array.type().bytes();
    for (int i = 0; i < expected.path("values").size(); i++) {
      compare(values, i * size, array.type(), expected.path("values").get(i), name);
    }
    boolean all = expected.path("values").size() == expected.path("n").asInt();
    if (!all) {
      assertThat(jsonHash(values, array.type(), expected.path("values").path(0).isBoolean()))
          .as("hash of %s", name)
          .isEqualTo(expected.path("sha256_of_json_values").asText());
    }
    return "read, %d values compared".formatted(expected.path("n").asInt());
  }

  /**
   * Compares the fill value in the metadata and of one chunk of a large array without stored
   * chunks.
   */
  private static String outcomeOfSparse(ZarrArray array, JsonNode expected, String name)
      throws Exception {
    assertThat(array.shape()).as(name).containsExactly(longs(expected.path("shape")));
    assertThat(array.chunks(new ShardIndex.Cache()).read(new long[array.shape().length])).isNull();
    compare(array.metadata().fill(), 0, array.type(), expected.path("values").get(0), name);
    return "read, no chunk is stored, fill value compared";
  }

  private static void compare(
      byte[] values, int at, ElementType type, JsonNode expected, String name) {
    double value = ElementAccess.doubleAt(values, at, type, ByteOrder.LITTLE_ENDIAN);
    if (expected.asText().equals("NaN")) {
      assertThat(value).as(name).isNaN();
    } else {
      assertThat(value).as(name).isCloseTo(expected.asDouble(), within(0.0));
    }
  }

  /**
   * Hashes values as JavaScript prints them. Only for numbers printed as integers or short
   * fractions.
   */
  private static String jsonHash(byte[] values, ElementType type, boolean truth) {
    StringBuilder json = new StringBuilder("[");
    for (int at = 0; at < values.length; at += type.bytes()) {
      double value = ElementAccess.doubleAt(values, at, type, ByteOrder.LITTLE_ENDIAN);
      String text =
          truth
              ? String.valueOf(value != 0)
              : value == Math.rint(value) && Math.abs(value) < 1e15
                  ? Long.toString((long) value)
                  : Double.isNaN(value) ? "\"NaN\"" : new BigDecimal(value).toString();
      json.append(at == 0 ? "" : ",").append(truth ? text : shortest(text, value));
    }
    return Hashes.sha256(json.append(']').toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the shortest digits of the same double, as ECMAScript's Number::toString. */
  private static String shortest(String exact, double value) {
    if (exact.length() <= 17 || exact.startsWith("\"")) {
      return exact;
    }
    for (int digits = 1; digits <= 17; digits++) {
      BigDecimal rounded =
          new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded.toPlainString();
      }
    }
    return exact;
  }

  private static long[] longs(JsonNode node) {
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).asLong();
    }
    return values;
  }

  @Test
  void readsReferencePictureInFourCodecs() throws Exception {
    Path examples = SharedData.path("formats/zarr/zarr_implementations");
    BufferedImage picture = ImageIO.read(examples.resolve("data/reference_image.png").toFile());
    for (String codec : List.of("blosc", "gzip", "raw", "zlib")) {
      ZarrArray array =
          ZarrNodes.open(
              ByteStores.LOCAL, examples.resolve("examples/zarr.zr/" + codec).toString());
      byte[] values = array.readWhole();
      for (int p = 0; p < 512 * 512; p++) {
        int rgb = picture.getRGB(p % 512, p / 512);
        for (int c = 0; c < 3; c++) {
          assertThat(values[p * 3 + c] & 0xff).as(codec).isEqualTo(rgb >> (16 - 8 * c) & 255);
        }
      }
    }
  }
}
