package org.pointwise.spark.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.pointwise.spark.sql.FeatureScan.TilePartition;
import org.pointwise.store.ByteStores;
import org.pointwise.store.CountingStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

class TableTest extends TableFixture {
  private static final FeatureShape SHAPE = new FeatureShape(4, 20, 30, 16);
  private static final Extent CHUNK = new Extent(1, 8, 16);

  private final Random random = Seed.random("table");
  private final Arrays4 array = noise(SHAPE);

  private Arrays4 noise(FeatureShape shape) {
    float[] values = new float[(int) shape.pixels() * shape.c()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return new Arrays4(shape, values);
  }

  private String sharded() throws Exception {
    return array.zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, new Extent(4, 24, 32));
  }

  private static DataFrameReader pointwise() {
    return spark.read().format("pointwise");
  }

  private static FeatureScan scan(
      Map<String, String> options, List<String> columns, Filter filter) {
    OpenedArray opened = OpenedArray.open(SourceOptions.parse(options, Map.of()));
    FeatureScanBuilder builder = new FeatureScanBuilder(opened, opened.schema());
    assertThat(builder.pushFilters(new Filter[] {filter})).isEmpty();
    StructType chosen = new StructType();
    for (String column : columns) {
      chosen = chosen.add(opened.schema().apply(column));
    }
    builder.pruneColumns(chosen);
    return (FeatureScan) builder.build();
  }

  /** Reads all partitions. Returns the number of rows and the number of bytes read. */
  private static long[] read(FeatureScan scan) throws Exception {
    CountingStores stores = new CountingStores(ByteStores.LOCAL);
    ScanReaders readers = (ScanReaders) scan.createReaderFactory();
    long rows = 0;
    for (InputPartition partition : scan.planInputPartitions()) {
      try (PixelBatches batches = readers.pixels((TilePartition) partition, stores)) {
        while (batches.next()) {
          rows += batches.get().numRows();
        }
      }
    }
    return new long[] {rows, stores.bytes()};
  }

  private static long size(Path file) throws Exception {
    try (var files = Files.walk(file)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }

  @Test
  void filterOnImageReadsBytesOfOneImage() throws Exception {
    Map<String, String> shards = Map.of("path", sharded());
    long shard = size(folder.resolve("in.zarr/data/c"));
    Filter image = new EqualTo("n", 2L);
    long[] one = read(scan(shards, List.of("n", "features"), image));
    assertThat(one[0]).isEqualTo(600);
    long overhead = 16 * 4 * 9 + 4 + size(folder.resolve("in.zarr/data/zarr.json"));
    assertThat(one[1]).isBetween(shard / 5, shard / 4 + overhead + shard / 50);

    String images = array.npyFolder(folder + "/images", "y,x,c");
    Map<String, String> files = Map.of("path", images, "axes", "y,x,c");
    long[] file = read(scan(files, List.of("features"), image));
    assertThat(file[0]).isEqualTo(600);
    long bytes = size(Path.of(images)) / 4;
    assertThat(file[1]).isBetween(bytes - 200, bytes + 512);
  }

  @Test
  void readsNoPixelsWithoutFeatures() throws Exception {
    Filter image = new EqualTo("n", 2L);
    Map<String, String> options = Map.of("path", sharded());
    assertThat(read(scan(options, List.of("n", "x"), image))).containsExactly(600, 0);
    FeatureScan keep =
        scan(
            Map.of("path", sharded(), "nodataValue", "0.5", "nodata", "keep"), List.of("y"), image);
    assertThat(read(keep)).containsExactly(600, 0);
    assertThat(keep.description()).contains("no chunk is read").contains("6 of 24 tiles");
    FeatureScan drop = scan(Map.of("path", sharded(), "nodataValue", "0.5"), List.of("y"), image);
    assertThat(read(drop)[1]).isPositive();
  }

  @Test
  void estimatesRowsAndBytes() throws Exception {
    Map<String, String> options = Map.of("path", sharded());
    Statistics statistics =
        scan(options, List.of("n", "features"), new EqualTo("n", 2L)).estimateStatistics();
    assertThat(statistics.numRows()).hasValue(600);
    assertThat(statistics.sizeInBytes()).hasValue(600 * (8 + 16 * 4));
  }

  @Test
  void partitionsAreWholeTilesOf128Mebibytes() throws Exception {
    Path group = folder.resolve("large.zarr");
    Files.createDirectories(group.resolve("a"));
    Files.writeString(
        group.resolve("a/.zattrs"), "{\"_ARRAY_DIMENSIONS\": [\"n\",\"y\",\"x\",\"c\"]}");
    Files.writeString(
        group.resolve("a/.zarray"),
        """
        {"zarr_format": 2, "shape": [10, 1024, 1024, 256], "chunks": [1, 256, 256, 256],
         "dtype": "<f4", "compressor": null, "fill_value": 0, "order": "C", "filters": null}""");
    OpenedArray opened =
        OpenedArray.open(SourceOptions.parse(Map.of("path", group + "/a"), Map.of()));
    FeatureScan scan = (FeatureScan) new FeatureScanBuilder(opened, opened.schema()).build();
    InputPartition[] partitions = scan.planInputPartitions();
    assertThat(partitions).hasSize(80); // 160 tiles of 64 MiB
    assertThat(partitions[79]).isEqualTo(new TilePartition(158, 160));
  }

  @Test
  void tilesAreTensors() throws Exception {
    for (int p = 0; p < 8 * 16; p++) { // the first tile of image 1 is nodata
      array.values()[((20 + p / 16) * 30 + p % 16) * 16] = Float.NaN;
    }
    array.values()[(3 * 30 + 5) * 16] = Float.NaN; // a pixel of the first tile
    DataFrameReader reader = pointwise().option("rows", "tiles").option("nodataValue", "nan");
    String path = sharded();
    assertThat(reader.load(path).count()).isEqualTo(23);
    Dataset<Row> kept = reader.option("nodata", "keep").load(path);
    assertThat(kept.where("tensor is null").select("n", "y", "x").collectAsList().toString())
        .isEqualTo("[[1,0,0]]");
    assertThat(kept.where("y = 8").count()).isEqualTo(8);
    assertThat(kept.where("y > 8 and y < 16").count()).isZero();
    assertThat(kept.where("n = 3").select("n").count()).isEqualTo(6);
    List<Row> rows = kept.where("tensor is not null").collectAsList();
    assertThat(rows).hasSize(23);
    for (Row row : rows) {
      long n = row.getLong(0);
      long y = row.getLong(1);
      long x = row.getLong(2);
      int height = row.getInt(3);
      int width = row.getInt(4);
      assertThat(row.getInt(5)).isEqualTo(16);
      assertThat(height).isEqualTo(Math.min(8, 20 - y));
      assertThat(width).isEqualTo(Math.min(16, 30 - x));
      ByteBuffer tensor = ByteBuffer.wrap((byte[]) row.get(6)).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(tensor.remaining()).isEqualTo(height * width * 16 * 4);
      for (int p = 0; p < height * width; p++) {
        boolean nodata = Float.isNaN(array.at(n, y + p / width, x + p % width, 0));
        for (int c = 0; c < 16; c++) {
          float expected = array.at(n, y + p / width, x + p % width, c);
          assertThat(tensor.getFloat()).isEqualTo(Float.valueOf(nodata ? Float.NaN : expected));
        }
      }
    }
  }

  @Test
  void coordinatesHaveTypesAndAreFiltered() throws Exception {
    Arrays4 small = noise(new FeatureShape(3, 2, 2, 2));
    String path =
        small.zarr(folder + "/c.zarr", 2, "n,y,x,c", new Extent(1, 1, 2), new Extent(1, 1, 2));
    Path group = folder.resolve("c.zarr");
    long day = LocalDateTime.of(2026, 11, 29, 0, 0).toLocalDate().toEpochDay();
    coordinate(group, "n", "<M8[D]", longs(day, Long.MIN_VALUE, day + 2), 3);
    coordinate(group, "y", "|S4", texts("ab", "cd"), 2);
    coordinate(group, "x", "<i8", longs(70, -7), 2);
    Dataset<Row> table = pointwise().load(path);
    assertThat(table.schema().apply("coord_n").dataType()).isEqualTo(DataTypes.TimestampNTZType);
    assertThat(table.schema().apply("coord_y").dataType()).isEqualTo(DataTypes.StringType);
    assertThat(table.schema().apply("coord_x").dataType()).isEqualTo(DataTypes.LongType);
    assertThat(
            table
                .where("n = 2 and y = 1 and x = 1")
                .select("coord_n", "coord_y", "coord_x")
                .first())
        .hasToString("[2026-12-01T00:00,cd,-7]");
    assertThat(table.where("n = 1").select("coord_n").first().isNullAt(0)).isTrue();
    assertThat(table.where("coord_n >= timestamp_ntz'2026-12-01'").count()).isEqualTo(4);
    assertThat(table.where("NOT coord_n >= timestamp_ntz'2026-12-01'").count()).isEqualTo(4);
    assertThat(table.where("coord_n is null").count()).isEqualTo(4);
    assertThat(table.where("coord_y = 'cd' and coord_x < 0").count()).isEqualTo(3);
    String plan = table.where("coord_y = 'cd'").queryExecution().executedPlan().toString();
    assertThat(plan).contains("3 of 6 tiles");
  }

  @Test
  void tablesAndViewsOfSql() throws Exception {
    String path = sharded();
    spark.sql(
        "CREATE TABLE stored USING pointwise OPTIONS (path '%s', images '0:3')".formatted(path));
    try {
      assertThat(spark.sql("SELECT * FROM stored WHERE n = 1").count()).isEqualTo(600);
      assertThat(spark.sql("SELECT * FROM stored").count()).isEqualTo(1800);
      assertThat(
              spark.sql("SELECT features[3] FROM stored WHERE n=1 AND y=2 AND x=3").first().get(0))
          .isEqualTo(array.at(1, 2, 3, 3));
      assertThatThrownBy(() -> spark.sql("INSERT INTO stored SELECT * FROM stored").count())
          .hasMessageContaining("stored");
    } finally {
      spark.sql("DROP TABLE stored");
    }
    assertThat(Path.of(path)).exists();
    spark.sql(
        "CREATE TEMPORARY VIEW part USING pointwise OPTIONS (path '%s', bbox '0:4,0:5', images '3')"
            .formatted(path));
    assertThat(spark.sql("SELECT max(y), max(x), count(*) FROM part").first())
        .hasToString("[3,4,20]");
    spark.catalog().dropTempView("part");
  }

  private static void refused(ThrowingCallable call, String line) {
    assertThatThrownBy(call).hasMessageContaining(line);
  }

  @Test
  void refusesWithOneLine() throws Exception {
    String path = sharded();
    refused(
        () -> pointwise().option("bandwidth", "1").load(path),
        "Cannot use option bandwidth of format pointwise: there is no such option; the options are path, column, rows, nodata, nodataValue, axes, images, bbox, inputChannels, mask, scale, offset, missingChunks, labels, labelAxes, ignoreLabel");
    refused(
        () -> pointwise().option("rows", "images").load(path),
        "Cannot use option rows 'images': it is none of pixels, tiles");
    refused(
        () -> pointwise().option("nodata", "-9999").load(path),
        "Cannot use option nodata '-9999': it is none of drop, keep; the stored number that marks nodata is option nodataValue");
    refused(
        () -> pointwise().option("missingChunks", "zero").load(path),
        "Cannot use option missingChunks 'zero': it is none of fill, nodata, fail");
    refused(
        () -> pointwise().option("scale", "big").load(path),
        "Cannot use option scale of format pointwise: 'big' is neither a number nor an .npy file");
    refused(
        () -> pointwise().option("ignoreLabel", "1").load(path),
        "Cannot use option ignoreLabel without labels; give option labels");
    refused(
        () -> pointwise().option("rows", "tiles").option("labels", path).load(path),
        "Cannot use option labels with rows tiles: a label belongs to one pixel; use rows pixels");
    refused(() -> pointwise().load(), "there is no path; give the path of an array to load");
    refused(() -> pointwise().load(path, path), "Cannot read several paths with format pointwise");
    refused(() -> pointwise().load(folder + "/none"), "there is no such array; check the path");
    refused(
        () -> pointwise().schema("n BIGINT, score DOUBLE").load(path).count(),
        "as a table with the column score double: its columns are");
    assertThat(pointwise().schema("x BIGINT, n BIGINT").load(path).where("n = 0").count())
        .isEqualTo(600);
    Dataset<Row> table = pointwise().load(path);
    for (String mode : List.of("append", "overwrite", "error", "ignore")) {
      refused(
          () -> table.write().format("pointwise").mode(mode).save(folder + "/out"),
          "Cannot write with format pointwise: it only reads; write another format, or arrays with pointwise reduce");
    }
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void joinsLabelsOfOtherChunks() throws Exception {
    List<String> wrong = new ArrayList<>();
    Arrays4 classes = new Arrays4(SHAPE.withChannels(1), new float[(int) SHAPE.pixels()]);
    for (int p = 0; p < classes.values().length; p++) {
      classes.values()[p] = p % 7;
    }
    String labels =
        classes.zarr(folder + "/l.zarr", 2, "n,y,x,c", new Extent(2, 5, 7), new Extent(2, 5, 7));
    Dataset<Row> table =
        pointwise().option("labels", labels).option("ignoreLabel", "6").load(sharded());
    for (Row row : table.select("n", "y", "x", "label").collectAsList()) {
      long label = ((row.getLong(0) * 20 + row.getLong(1)) * 30 + row.getLong(2)) % 7;
      if (row.isNullAt(3) ? label != 6 : row.getLong(3) != label) {
        wrong.add(row.toString());
      }
    }
    assertThat(wrong).isEmpty();
    refused(
        () ->
            table
                .sparkSession()
                .read()
                .format("pointwise")
                .option("labels", labels + "x")
                .load(sharded()),
        "Cannot read");
  }

  /** One image ends before a tile of the other begins. */
  @Test
  void imagesOfAFolderMayDifferInSize() throws Exception {
    Path images = Files.createDirectories(folder.resolve("images"));
    int[][] sizes = {{1500, 1400}, {40, 1400}};
    for (int i = 0; i < sizes.length; i++) {
      Arrays4 image = noise(new FeatureShape(1, sizes[i][0], sizes[i][1], 8));
      image.npyFolder(folder + "/one", "y,x,c");
      Files.move(folder.resolve("one/image00.npy"), images.resolve("image%d.npy".formatted(i)));
    }
    Dataset<Row> table = pointwise().option("axes", "y,x,c").load(images.toString());
    assertThat(table.where("n = 1").count()).isEqualTo(40 * 1400);
    assertThat(table.selectExpr("features[0]").where("isnotnull(features[0])").count())
        .isEqualTo((1500 + 40) * 1400);
  }

  @Test
  void propertiesOfTablesAreNoOptions() throws Exception {
    String path = sharded();
    spark.sql(
        "CREATE TABLE properties USING pointwise OPTIONS (path '%s', images '1:3') TBLPROPERTIES ('team'='a')"
            .formatted(path));
    try {
      assertThat(spark.table("properties").count()).isEqualTo(2 * 600);
      spark.sql("ALTER TABLE properties SET TBLPROPERTIES ('transient_lastDdlTime'='1')");
      assertThat(spark.table("properties").count()).isEqualTo(2 * 600);
    } finally {
      spark.sql("DROP TABLE properties");
    }
  }
}
