package org.pointwise.spark.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Seed;

/**
 * Reads random arrays with random options, filters and columns, and compares the rows with those
 * that the numbers in memory have.
 */
class TableDifferentialTest extends TableFixture {
  private static final int CASES = Integer.getInteger("tests.cases", 25);

  @Test
  void rowsAreThoseOfTheArray() throws Exception {
    Random random = Seed.random("tables");
    for (int i = 0; i < CASES; i++) {
      Path place = Files.createDirectories(folder.resolve("case" + i));
      TableCase drawn = new TableCase(random, place);
      Dataset<Row> table = spark.read().format("pointwise").options(drawn.options).load(drawn.path);
      String name = "case %d of seed %d: %s".formatted(i, Seed.value(), drawn);
      assertThat(table.columns()).as(name).containsExactlyElementsOf(drawn.columns());
      for (String filter : drawn.where) {
        table = table.where(filter);
      }
      assertThat(table.count()).as(name).isEqualTo(drawn.expected(List.of("n")).size());
      List<String> columns = new ArrayList<>(drawn.columns());
      assertThat(rows(table, columns)).as(name).isEqualTo(drawn.expected(columns));
      Collections.shuffle(columns, random);
      columns.subList(1 + random.nextInt(columns.size()), columns.size()).clear();
      assertThat(rows(table, columns)).as(name + columns).isEqualTo(drawn.expected(columns));
      int limit = random.nextInt(50);
      List<String> limited = rows(table.limit(limit), columns);
      assertThat(limited).as(name).hasSize(Math.min(limit, (int) table.count()));
      assertThat(drawn.expected(columns)).as(name).containsAll(limited);
    }
  }

  private static List<String> rows(Dataset<Row> table, List<String> columns) {
    List<String> rows = new ArrayList<>();
    String[] others = columns.subList(1, columns.size()).toArray(String[]::new);
    for (Row row : table.select(columns.get(0), others).collectAsList()) {
      List<String> fields = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        fields.add(
            row.isNullAt(i)
                ? "null"
                : columns.get(i).equals("features")
                    ? String.join(",", row.<Float>getList(i).stream().map(String::valueOf).toList())
                    : String.valueOf(row.get(i)));
      }
      rows.add(String.join(" ", fields));
    }
    Collections.sort(rows);
    return rows;
  }
}
