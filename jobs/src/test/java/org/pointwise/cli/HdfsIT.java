package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.hadoop.Stores;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tests a real HDFS as source and target. */
class HdfsIT {
  @TempDir static Path folder;

  private static MiniDFSCluster cluster;
  private static String root;

  @BeforeAll
  static void start() throws Exception {
    HdfsProcesses.assumeHadoopRuns();
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    conf.set("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "10");
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    cluster.waitActive();
    root = "hdfs://127.0.0.1:" + cluster.getNameNodePort() + "/data";
    System.setProperty(
        "spark.hadoop.dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "10");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.shutdown(true);
    }
  }

  @Test
  void fulfilsContractOfStore() throws Exception {
    ByteStore store = Stores.ANY.open(root + "/store");
    Bytes bytes = new Bytes();
    assertThat(store.size("a/b")).isEqualTo(-1);
    assertThat(store.read("a/b", bytes, 100)).isFalse();
    assertThat(store.list("")).isEmpty();
    store.put("a/b", new byte[] {1, 2, 3, 4, 5});
    store.put("a/b", new byte[] {9, 1, 2, 3, 9}, 1, 3);
    assertThat(store.get("a/b")).containsExactly(1, 2, 3);
    assertThat(store.read("a/b", 1, 2, bytes)).isTrue();
    assertThat(bytes.toArray()).containsExactly(2, 3);
    assertThat(store.size("a")).isEqualTo(-1);
    assertThat(store.size("a/b/c")).isEqualTo(-1);
    assertThat(store.list("a")).containsExactly("b");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> store.read("a/b", 1, 5, bytes))
        .isInstanceOf(ByteStore.TruncatedException.class);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> store.get("../../etc/passwd"))
        .isInstanceOf(InvalidInputException.class);
    store.delete("a");
    store.delete("a");
    assertThat(store.get("a/b")).isNull();
  }

  @Test
  void outputOnHdfsEqualsLocalOutput() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("hdfs"), new FeatureShape(2, 24, 24, 16));
    Extent chunk = new Extent(1, 8, 8);
    String local = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(1, 16, 16));
    String weights = folder + "/w.safetensors";
    float[] values = new float[16 * 5];
    Arrays.setAll(new double[values.length], i -> values[i] = (i % 13 - 6) / 8f);
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(values, new float[5], Activation.NONE),
        Map.of());
    upload(Path.of(local).getParent(), root + "/in.zarr");
    upload(Path.of(weights), root + "/w.safetensors");

    String[] options = {"--shard-size", "0.004MiB", "--quiet"};
    String localFile = folder + "/out.zarr";
    Cli first = reduce(local, localFile, weights, options);
    assertThat(first.code()).as(first.err()).isZero();
    String remote = root + "/out.zarr";
    Cli second = reduce(root + "/in.zarr/data", remote, root + "/w.safetensors", options);
    assertThat(second.code()).as(second.err()).isZero();
    Cli verified =
        Cli.run(
            "verify",
            remote,
            "--input",
            root + "/in.zarr/data",
            "--weights",
            root + "/w.safetensors");
    assertThat(verified.code()).as(verified.out()).isZero();

    String layer = root + "/pca.safetensors";
    Cli fitted = Cli.run("fit", root + "/in.zarr/data", layer, "--channels", "4", "--quiet");
    assertThat(fitted.code()).as(fitted.err()).isZero();
    Cli fittedHere =
        Cli.run("fit", local, folder + "/pca.safetensors", "--channels", "4", "--quiet");
    assertThat(fittedHere.code()).as(fittedHere.err()).isZero();
    assertThat(Stores.ANY.open(root).get("pca.safetensors"))
        .isEqualTo(java.nio.file.Files.readAllBytes(folder.resolve("pca.safetensors")));

    Path back = folder.resolve("back");
    try (FileSystem files = FileSystem.get(java.net.URI.create(root), new Configuration())) {
      files.copyToLocalFile(
          new org.apache.hadoop.fs.Path(remote), new org.apache.hadoop.fs.Path(back.toString()));
      assertThat(files.exists(new org.apache.hadoop.fs.Path(remote + ".pointwise/_SUCCESS")))
          .isTrue();
    }
    assertThat(Folders.hashes(back.resolve("features"), "c/"))
        .as("no temporary files, same shards")
        .containsAllEntriesOf(Folders.hashes(Path.of(localFile, "features"), "c/"));
    Cli inspected = Cli.run("inspect", remote + "/features");
    assertThat(inspected.out()).contains("n,y,x,c");
    Cli missing = reduce(root + "/none.zarr/data", remote, weights, options);
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).contains("there is no such array; check the path");
  }

  private static Cli reduce(String input, String output, String weights, String... more) {
    String[] args = {
      "reduce",
      input,
      output,
      "--weights",
      weights,
      "--master",
      "local[2]",
      more[0],
      more[1],
      more[2]
    };
    return Cli.run(args);
  }

  private static void upload(Path from, String to) throws IOException {
    FileSystem files = FileSystem.get(java.net.URI.create(to), new Configuration());
    files.mkdirs(new org.apache.hadoop.fs.Path(root));
    files.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(from.toString()), new org.apache.hadoop.fs.Path(to));
  }
}
