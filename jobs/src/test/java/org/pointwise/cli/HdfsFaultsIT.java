package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.testing.Folders;

/** Tests HDFS with real processes, one of which is killed, and missing permissions. */
class HdfsFaultsIT {
  @TempDir static Path folder;

  private static HdfsProcesses hdfs;
  private static ClusterData data;
  private static SparkHome spark;

  @BeforeAll
  static void start() throws Exception {
    HdfsProcesses.assumeHadoopRuns();
    data = ClusterData.make(folder);
    spark = SparkHome.ofBuild().archived();
    hdfs = HdfsProcesses.start(folder, 3);
    try (FileSystem files = FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration())) {
      for (String name : List.of("in.zarr", "w.safetensors")) {
        files.copyFromLocalFile(path(folder.resolve(name).toString()), path("/data/" + name));
      }
    }
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  @AfterAll
  static void stop() {
    if (hdfs != null) {
      hdfs.close();
    }
  }

  private static ProcessBuilder submit(List<String> arguments) throws Exception {
    List<String> options = new ArrayList<>(List.of("--master", "local[2,6]"));
    options.addAll(HdfsProcesses.options());
    return spark.submit(folder, options, arguments);
  }

  @Test
  void killedDataNodeChangesNothing() throws Exception {
    String output = hdfs.uri() + "/data/out.zarr";
    List<String> command = new ArrayList<>(data.reduce(hdfs.uri() + "/data/in.zarr/data", output));
    ProcessBuilder builder = submit(command);
    Process driver = builder.start();
    try (FileSystem files = FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration())) {
      Await.until("a shard on HDFS", () -> files.exists(path("/data/out.zarr/features/c/0")));
      hdfs.dataNodes().get(1).destroyForcibly().waitFor();
      Processes done = Processes.awaitEnd(builder, driver);
      assertThat(done.code()).as(done.err()).isZero();
      Path back = Files.createDirectories(folder.resolve("back"));
      files.copyToLocalFile(false, path("/data/out.zarr"), path(back.toString()), true);
      assertThat(Folders.hashes(back.resolve("out.zarr"), "features/c/")).isEqualTo(data.quick());
      for (FileStatus left : files.listStatus(path("/data/out.zarr/features/c/0/0/0"))) {
        assertThat(left.getPath().getName()).doesNotEndWith(".tmp");
      }
    }
    Processes verified = Processes.awaitEnd(submit(List.of("verify", output, "--deep")));
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  /** Hadoop 3.3.4, which has no vectored reads. */
  @Tag("full")
  @Test
  void oldestSparkReadsAndWrites() throws Exception {
    String output = hdfs.uri() + "/data/oldest.zarr";
    List<String> options = new ArrayList<>(List.of("--master", "local[2,6]"));
    options.addAll(HdfsProcesses.options());
    ProcessBuilder builder =
        SparkHome.of("3.5.6", "--yarn")
            .submit(folder, options, data.reduce(hdfs.uri() + "/data/in.zarr/data", output));
    Processes done = Processes.awaitEnd(builder);
    assertThat(done.code()).as(done.err()).isZero();
    Processes verified = Processes.awaitEnd(submit(List.of("verify", output, "--deep")));
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    Path back = Files.createDirectories(folder.resolve("oldest"));
    try (FileSystem files = FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration())) {
      files.copyToLocalFile(false, path("/data/oldest.zarr"), path(back.toString()), true);
    }
    data.requireSameNumbers(back.resolve("oldest.zarr").toString());
  }

  @Test
  void missingWritePermissionIsReportedInOneLine() throws Exception {
    try (FileSystem files = FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration())) {
      files.mkdirs(path("/locked"));
      files.setPermission(path("/locked"), new FsPermission((short) 0555));
    }
    ProcessBuilder builder =
        submit(data.reduce(hdfs.uri() + "/data/in.zarr/data", hdfs.uri() + "/locked/out.zarr"));
    builder.environment().put("HADOOP_USER_NAME", "somebody");
    Processes refused = Processes.awaitEnd(builder);
    assertThat(refused.code()).as(refused.err()).isIn(3, 4);
    assertThat(refused.err().lines().filter(line -> line.startsWith("Cannot"))).hasSize(1);
    assertThat(refused.err()).contains("Permission denied");
  }

  /** The metadata can be read, so that a task meets the missing right. */
  @Test
  void missingReadPermissionIsReportedInOneLine() throws Exception {
    String input = hdfs.uri() + "/closed/in.zarr/data";
    try (FileSystem files = FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration())) {
      FileUtil.copy(
          files, path("/data/in.zarr"), files, path("/closed/in.zarr"), false, files.getConf());
      files.setPermission(path("/closed/in.zarr/data/c/1/0/0/0"), new FsPermission((short) 0600));
      files.mkdirs(path("/open"));
      files.setPermission(path("/open"), new FsPermission((short) 0777));
    }
    ProcessBuilder builder = submit(data.reduce(input, hdfs.uri() + "/open/out.zarr"));
    builder.environment().put("HADOOP_USER_NAME", "somebody");
    Processes refused = Processes.awaitEnd(builder);
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err().lines().filter(line -> line.startsWith("Cannot")))
        .singleElement()
        .asString()
        .contains("c/1/0/0/0: Permission denied: user=somebody")
        .doesNotContain("FSPermissionChecker");
  }

  @Test
  void unknownHostIsReportedInOneLine() throws Exception {
    Processes unknown =
        Processes.awaitEnd(
            submit(List.of("inspect", "hdfs://no-such-host.invalid:8020/in.zarr/data")));
    assertThat(unknown.code()).as(unknown.err()).isEqualTo(3);
    assertThat(unknown.err().lines().filter(line -> line.startsWith("Cannot"))).hasSize(1);
    assertThat(unknown.err()).contains("no-such-host.invalid");
  }
}
