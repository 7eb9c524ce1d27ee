package org.pointwise.spark.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.pointwise.store.JsonText;
import org.pointwise.testing.PythonPeers;
import org.pointwise.testing.Seed;

/**
 * Reads arrays that zarr-python and NumPy wrote, with random options, conditions and columns, and
 * compares the rows with those that NumPy finds ({@code scripts/interop/tables.py}). {@code
 * -Dtests.cases=N} runs N / 4 cases.
 */
class TableDifferentialTest extends TableFixture {
  private static final int CASES = Math.max(1, Integer.getInteger("tests.cases", 100) / 4);

  @Test
  void rowsAreThoseThatNumPyFinds() throws Exception {
    Random random = Seed.random("tables");
    int seed = random.nextInt(1 << 30);
    PythonPeers.run("tables.py", "make", folder.toString(), "" + seed, "" + CASES);
    for (int i = 0; i < CASES; i++) {
      Path file = folder.resolve(i + "/case.json");
      JsonNode drawn = JsonText.parse(Files.readAllBytes(file), file.toString());
      String name =
          "case %d of %d: %s, options %s"
              .formatted(i, seed, drawn.path("stored").asText(), drawn.path("options"));
      requireRows(drawn, name, random);
      if (drawn.path("tiles").isObject()) {
        requireTiles(drawn, name);
      }
    }
  }

  private static DataFrameReader reader(JsonNode drawn) {
    DataFrameReader reader = spark.read().format("pointwise");
    drawn
        .path("options")
        .fields()
        .forEachRemaining(option -> reader.option(option.getKey(), option.getValue().asText()));
    return reader;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static void requireRows(JsonNode drawn, String name, Random random) {
    Dataset<Row> table = reader(drawn).load(drawn.path("path").asText());
    assertThat(table.columns())
        .as(name)
        .containsExactlyInAnyOrderElementsOf(texts(drawn.path("columns")));
    for (JsonNode query : drawn.path("queries")) {
      Dataset<Row> kept = table;
      for (String condition : texts(query.path("where"))) {
        kept = kept.where(condition);
      }
      List<String> expected = texts(query.path("rows"));
      Collections.sort(expected);
      String asked = name + " where " + query.path("where");
      assertThat(kept.count()).as(asked).isEqualTo(expected.size());
      Column[] columns =
          texts(query.path("columns")).stream().map(functions::col).toArray(Column[]::new);
      assertThat(rows(kept.select(columns))).as(asked).isEqualTo(expected);
      int limit = random.nextInt(50);
      List<String> limited = rows(kept.select(columns).limit(limit));
      assertThat(limited).as(asked).hasSize(Math.min(limit, expected.size()));
      assertThat(expected).as(asked).containsAll(limited);
    }
  }

  private static List<String> rows(Dataset<Row> rows) {
    List<String> texts = new ArrayList<>();
    for (Row row : rows.collectAsList()) {
      texts.add(
          IntStream.range(0, row.size())
              .mapToObj(i -> row.isNullAt(i) ? "null" : text(row, i))
              .collect(Collectors.joining("|")));
    }
    Collections.sort(texts);
    return texts;
  }

  private static String text(Row row, int column) {
    Object value = row.get(column);
    if (value instanceof Double number) {
      return String.valueOf(Double.doubleToLongBits(number));
    }
    if (value instanceof Float number) {
      return String.valueOf(Float.floatToIntBits(number));
    }
    if (value instanceof LocalDateTime time) {
      LocalDateTime epoch = LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);
      return String.valueOf(ChronoUnit.MICROS.between(epoch, time));
    }
    if (row.schema().fields()[column].name().equals("features")) {
      return row.<Float>getList(column).stream()
          .map(number -> String.valueOf(Float.floatToIntBits(number)))
          .collect(Collectors.joining(","));
    }
    return String.valueOf(value);
  }

  /** Each pixel lies in one tile, except that a tile of nodata alone may have no row. */
  private static void requireTiles(JsonNode drawn, String name) {
    int channels = drawn.path("channels").asInt();
    Map<String, String> found = new HashMap<>();
    for (Row row :
        reader(drawn).option("rows", "tiles").load(drawn.path("path").asText()).collectAsList()) {
      assertThat(row.getInt(5)).as(name).isEqualTo(channels);
      ByteBuffer tensor =
          row.isNullAt(6)
              ? null
              : ByteBuffer.wrap((byte[]) row.get(6)).order(ByteOrder.LITTLE_ENDIAN);
      for (int p = 0; p < row.getInt(3) * row.getInt(4); p++) {
        String pixel =
            "%d|%d|%d"
                .formatted(
                    row.getLong(0),
                    row.getLong(1) + p / row.getInt(4),
                    row.getLong(2) + p % row.getInt(4));
        List<String> features = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
          features.add("" + Float.floatToIntBits(tensor == null ? Float.NaN : tensor.getFloat()));
        }
        assertThat(found.put(pixel, String.join(",", features))).as(name + pixel).isNull();
      }
    }
    JsonNode tiles = drawn.path("tiles");
    List<String> pixels = texts(tiles.path("pixels"));
    for (int p = 0; p < pixels.size(); p++) {
      String features = found.remove(pixels.get(p));
      if (features != null || !tiles.path("nodata").get(p).asBoolean()) {
        assertThat(features)
            .as(name + " pixel " + pixels.get(p))
            .isEqualTo(tiles.path("features").get(p).asText());
      }
    }
    assertThat(found).as(name).isEmpty();
  }
}
