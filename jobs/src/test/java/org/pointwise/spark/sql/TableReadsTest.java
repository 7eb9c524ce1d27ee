package org.pointwise.spark.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.Test;
import org.pointwise.spark.sql.FeatureScan.TilePartition;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.CountingStores;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

/** Tests what a table reads, and what it keeps open. */
class TableReadsTest extends TableFixture {
  private final Random random = Seed.random("table reads");

  private Arrays4 noise(FeatureShape shape) {
    return Arrays4.random(random, shape);
  }

  private static FeatureScan scan(
      Map<String, String> options, List<String> columns, Filter... filters) {
    CaseInsensitiveStringMap given = new CaseInsensitiveStringMap(options);
    PointwiseSource source = new PointwiseSource();
    StructType schema = source.inferSchema(given);
    FeatureScanBuilder builder =
        (FeatureScanBuilder)
            ((FeatureTable) source.getTable(schema, new Transform[0], options))
                .newScanBuilder(given);
    builder.pushFilters(filters);
    StructType chosen = new StructType();
    for (String column : columns) {
      chosen = chosen.add(schema.apply(column));
    }
    builder.pruneColumns(chosen);
    return (FeatureScan) builder.build();
  }

  private static long rows(FeatureScan scan, ByteStores stores) throws Exception {
    ScanReaders readers = (ScanReaders) scan.createReaderFactory();
    long rows = 0;
    for (InputPartition partition : scan.planInputPartitions()) {
      try (PixelBatches batches = readers.pixels((TilePartition) partition, stores)) {
        while (batches.next()) {
          rows += batches.get().numRows();
        }
      }
    }
    return rows;
  }

  @Test
  void scatteredPixelsAreFewReads() throws Exception {
    Arrays4 array = noise(new FeatureShape(2, 200, 200, 4));
    String file = array.npyFile(folder.toString(), "a.npy", "n,y,x,c");
    Object[] lines = LongStream.range(0, 100).mapToObj(i -> i * i % 199).distinct().toArray();
    FeatureScan scattered =
        scan(
            Map.of("path", file, "axes", "n,y,x,c"),
            List.of("features"),
            new In("y", lines),
            new In("x", lines));
    CountingStores stores = new CountingStores(ByteStores.LOCAL);
    assertThat(rows(scattered, stores)).isEqualTo(2L * lines.length * lines.length);
    assertThat(stores.reads()).isLessThan(1000);

    String list = String.join(",", Arrays.stream(lines).map(String::valueOf).toList());
    var rows =
        spark
            .read()
            .format("pointwise")
            .option("axes", "n,y,x,c")
            .load(file)
            .where("y IN (%s) AND x IN (%s)".formatted(list, list))
            .selectExpr("n", "y", "x", "features[1]")
            .collectAsList();
    assertThat(rows).hasSize(2 * lines.length * lines.length);
    assertThat(rows)
        .allMatch(
            row ->
                row.getFloat(3) == array.at(row.getLong(0), row.getLong(1), row.getLong(2), 1)
                    && List.of(lines).contains(row.getLong(1))
                    && List.of(lines).contains(row.getLong(2)));
  }

  @Test
  void longListIsTranslatedAtOnce() {
    int count = 200_000;
    CoordinateColumn coordinate =
        new CoordinateColumn(
            "coord_y",
            Axis.Y,
            DataTypes.LongType,
            false,
            LongStream.range(0, count).toArray(),
            new byte[0][]);
    FilterRanges filters = new FilterRanges(new FeatureShape(1, count, 1, 1), List.of(coordinate));
    Object[] even = IntStream.range(0, count / 2).mapToObj(i -> 2L * i).toArray();
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          for (String column : List.of("y", "coord_y")) {
            FilterRanges.Kept kept = Objects.requireNonNull(filters.of(new In(column, even)));
            assertThat(kept.indexes().count()).isEqualTo(count / 2);
            assertThat(kept.indexes().get(77)).isEqualTo(154);
            assertThat(kept.exact()).isEqualTo(column.equals("y"));
          }
        });
    Object[] others = {-3L, 5L, 5L, (long) count, 4L, Long.MAX_VALUE};
    FilterRanges.Kept kept = Objects.requireNonNull(filters.of(new In("y", others)));
    assertThat(kept.indexes().count()).isEqualTo(2);
    assertThat(filters.of(new In("y", new Object[] {1L, null}))).isNull();
    assertThat(filters.of(new In("coord_y", new Object[] {1L, null}))).isNull();
  }

  /** Features lie in small tiles, of which many are in one tile of labels. */
  @Test
  void tilesOfLabelsAreReadOnce() throws Exception {
    FeatureShape shape = new FeatureShape(1, 64, 64, 2);
    String features =
        noise(shape)
            .zarr(folder + "/f.zarr", 2, "n,y,x,c", new Extent(1, 4, 4), new Extent(1, 4, 4));
    Arrays4 classes = new Arrays4(shape.withChannels(1), new float[64 * 64]);
    for (int p = 0; p < classes.values().length; p++) {
      classes.values()[p] = p % 5;
    }
    Extent half = new Extent(1, 32, 32);
    String labels = classes.zarr(folder + "/l.zarr", 2, "n,y,x,c", half, half);
    Map<String, String> options = Map.of("path", features, "labels", labels, "nodata", "keep");
    CountingStores stores = new CountingStores(ByteStores.LOCAL);
    assertThat(rows(scan(options, List.of("label")), stores)).isEqualTo(64 * 64);
    assertThat(stores.reads()).isBetween(4L, 8L); // with metadata
  }

  private Map<String, String> counted() throws Exception {
    Configuration settings = spark.sparkContext().hadoopConfiguration();
    settings.set("fs.counted.impl", CountedFiles.class.getName());
    Extent chunk = new Extent(1, 8, 8);
    noise(new FeatureShape(2, 16, 16, 4))
        .zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(2, 16, 16));
    return Map.of("path", "counted:" + folder + "/in.zarr/data");
  }

  @Test
  void anyThreadClosesWhatAReaderHasOpen() throws Exception {
    FeatureScan scan = scan(counted(), List.of("features"));
    PartitionReaderFactory readers = scan.createReaderFactory();
    int before = CountedFiles.OPEN.get();
    int opened = CountedFiles.OPENED.get();
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      PartitionReader<ColumnarBatch> reader =
          readers.createColumnarReader(scan.planInputPartitions()[0]);
      assertThat(other.submit(reader::next).get()).isTrue();
      assertThat(CountedFiles.OPENED.get()).isGreaterThan(opened);
      reader.close();
      assertThat(CountedFiles.OPEN.get()).isEqualTo(before);
      assertThat(other.submit(reader::next).get()).isFalse();
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void countReadsNoChunk() throws Exception {
    Dataset<Row> table =
        spark.read().format("pointwise").option("nodataValue", "none").load(counted().get("path"));
    CountedFiles.CHUNKS.set(0);
    assertThat(table.where("n = 1").count()).isEqualTo(16 * 16);
    assertThat(table.selectExpr("count(*)", "sum(x)").first().getLong(1))
        .isEqualTo(2 * 16 * 15 * 16 / 2);
    assertThat(CountedFiles.CHUNKS.get()).isZero();
    assertThat(table.selectExpr("sum(features[1])").first().isNullAt(0)).isFalse();
    assertThat(CountedFiles.CHUNKS.get()).isPositive();
  }

  @Test
  void failedOpeningReleasesStores() throws Exception {
    FeatureShape shape = new FeatureShape(1, 8, 8, 2);
    Extent chunk = new Extent(1, 8, 8);
    String features = noise(shape).zarr(folder + "/f.zarr", 2, "n,y,x,c", chunk, chunk);
    String labels =
        new Arrays4(shape.withChannels(1), new float[64])
            .zarr(folder + "/l.zarr", 2, "n,y,x,c", chunk, chunk);
    FeatureScan scan =
        scan(Map.of("path", features, "labels", labels), List.of("label", "features"));
    ScanReaders readers = (ScanReaders) scan.createReaderFactory();
    AtomicInteger released = new AtomicInteger();
    ByteStores failing =
        new ByteStores() {
          @Override
          public ByteStore open(String uri) {
            if (uri.contains("l.zarr")) {
              throw new IllegalStateException("no connection");
            }
            return ByteStores.LOCAL.open(uri);
          }

          @Override
          public void release() {
            released.incrementAndGet();
          }
        };
    TilePartition partition = (TilePartition) scan.planInputPartitions()[0];
    assertThatThrownBy(() -> readers.pixels(partition, failing)).hasMessage("no connection");
    assertThat(released).hasValue(1);
    assertThat(Files.exists(Path.of(labels))).isTrue();
  }
}
