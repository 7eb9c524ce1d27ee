package org.pointwise.spark.sql;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A session, and coordinates that are written without the software under test. */
abstract class TableFixture {
  static SparkSession spark;

  @TempDir static Path warehouse;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("tables")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", warehouse.toString())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Adds a coordinate along a dimension to a group of Zarr v2. */
  static void coordinate(Path group, String name, String type, ByteBuffer values, int count)
      throws Exception {
    Path array = Files.createDirectories(group.resolve(name));
    Files.writeString(
        array.resolve(".zarray"),
        """
        {"zarr_format": 2, "shape": [%d], "chunks": [%d], "dtype": "%s", "compressor": null,
         "fill_value": null, "order": "C", "filters": null}"""
            .formatted(count, count, type));
    Files.writeString(
        array.resolve(".zattrs"), "{\"_ARRAY_DIMENSIONS\": [\"%s\"]}".formatted(name));
    Files.write(array.resolve("0"), values.array());
    Files.deleteIfExists(group.resolve(".zmetadata"));
  }

  static ByteBuffer longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return bytes;
  }

  static ByteBuffer doubles(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return bytes;
  }

  /** Returns ASCII texts in NumPy's type {@code |S4}. */
  static ByteBuffer texts(String... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    for (int i = 0; i < values.length; i++) {
      bytes.put(4 * i, values[i].getBytes(StandardCharsets.US_ASCII));
    }
    return bytes;
  }
}
