package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tables on HDFS, read by the executors of a standalone cluster, in their own processes. */
class TableClusterIT {
  private static final FeatureShape SHAPE = new FeatureShape(4, 24, 24, 6);

  private static final String NAMES = "dfs.nameservices";

  @TempDir static Path folder;

  private static MiniDFSCluster hdfs;
  private static SparkHome.Cluster cluster;
  private static SparkSession spark;
  private static Arrays4 array;

  @BeforeAll
  static void start() throws Exception {
    HdfsProcesses.assumeHadoopRuns();
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    hdfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    hdfs.waitActive();
    array = Arrays4.random(Seed.random("table cluster"), SHAPE);
    array.zarr(folder + "/in.zarr", 3, "n,y,x,c", new Extent(1, 8, 8), new Extent(1, 16, 16));
    float[] weights = new float[6 * 2];
    weights[3] = 1;
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/w.safetensors",
        PointwiseLayer.of(weights, new float[2], Activation.NONE),
        Map.of());
    upload("in.zarr");
    upload("w.safetensors");

    cluster = SparkHome.ofBuild().start(folder, 2, 1);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    spark =
        SparkSession.builder()
            .master(cluster.url())
            .appName("tables on a cluster")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executor.memory", "600m")
            .config("spark.executor.extraClassPath", classPath)
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    if (spark != null) {
      spark.stop();
    }
    if (cluster != null) {
      cluster.close();
    }
    if (hdfs != null) {
      hdfs.shutdown(true);
    }
  }

  private static String root() {
    return "hdfs://127.0.0.1:" + hdfs.getNameNodePort() + "/data";
  }

  private static void upload(String name) throws Exception {
    FileSystem files = FileSystem.get(URI.create(root()), new Configuration());
    files.mkdirs(new org.apache.hadoop.fs.Path(root()));
    files.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(folder + "/" + name),
        new org.apache.hadoop.fs.Path(root() + "/" + name));
  }

  /** Gives the running name node another name, which only Hadoop's settings explain. */
  private static String named(String name) {
    Configuration settings = spark.sparkContext().hadoopConfiguration();
    Set<String> names = new TreeSet<>(settings.getTrimmedStringCollection(NAMES));
    names.add(name);
    settings.set(NAMES, String.join(",", names));
    settings.set("dfs.ha.namenodes." + name, "one");
    settings.set(
        "dfs.namenode.rpc-address.%s.one".formatted(name), "127.0.0.1:" + hdfs.getNameNodePort());
    settings.set(
        "dfs.client.failover.proxy.provider." + name,
        "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider");
    return "hdfs://" + name + "/data";
  }

  private static void requireRows(Dataset<Row> table) {
    List<String> wrong = new ArrayList<>();
    List<Row> rows = table.select("n", "y", "x", "features").collectAsList();
    assertThat(rows).hasSize((int) SHAPE.pixels());
    for (Row row : rows) {
      for (int c = 0; c < SHAPE.c(); c++) {
        if (row.<Float>getList(3).get(c)
            != array.at(row.getLong(0), row.getLong(1), row.getLong(2), c)) {
          wrong.add(row.toString());
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void executorsReadTables() {
    Dataset<Row> table = spark.read().format("pointwise").load(root() + "/in.zarr/data");
    requireRows(table);
    assertThat(SparkHome.executors(folder)).isNotEmpty();
    Dataset<Row> tiles =
        spark
            .read()
            .format("pointwise")
            .option("rows", "tiles")
            .load(root() + "/in.zarr/data")
            .where("n = 1");
    assertThat(tiles.selectExpr("sum(length(tensor))").first().getLong(0))
        .isEqualTo(24 * 24 * 6 * 4);
  }

  @Test
  void settingsOfRunningSparkReachExecutorsOfTables() {
    requireRows(spark.read().format("pointwise").load(named("tables") + "/in.zarr/data"));
  }

  /** These run as the commands of Python do. */
  @Test
  void settingsOfRunningSparkReachExecutorsOfCommands() {
    String data = named("commands");
    SessionCommand reduce = new SessionCommand("reduce");
    int code =
        reduce.run(
            List.of("--weights=" + data + "/w.safetensors"),
            List.of(data + "/in.zarr/data", data + "/out.zarr"));
    assertThat(code).as(reduce.messages().toString()).isZero();
    Cli joined =
        Cli.run(
            "reduce",
            data + "/in.zarr/data",
            data + "/joined.zarr",
            "--weights=" + data + "/w.safetensors",
            "--quiet");
    assertThat(joined.code()).as(joined.err()).isZero();
    SessionCommand verify = new SessionCommand("verify");
    assertThat(verify.run(List.of("--deep"), List.of(data + "/out.zarr")))
        .as(verify.messages().toString())
        .isZero();
  }
}
