package org.pointwise.spark.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.Test;
import org.pointwise.spark.sql.FeatureScan.TilePartition;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
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
