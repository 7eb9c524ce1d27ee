package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests YARN, with real processes as containers, under Spark 3.5 and 4. {@code
 * -Dtests.distributions=4.1.4} tests the distribution of another Python package.
 */
@Tag("full")
class YarnIT {
  @TempDir static Path folder;

  private static MiniYARNCluster yarn;
  private static ClusterData data;
  private static Path conf;

  @BeforeAll
  static void start() throws Exception {
    HdfsProcesses.assumeHadoopRuns();
    data = ClusterData.make(folder);
    YarnConfiguration settings = new YarnConfiguration();
    String queues = "yarn.scheduler.capacity.root.";
    settings.set(queues + "queues", "default");
    settings.set(queues + "default.capacity", "100");
    settings.set(queues + "default.maximum-capacity", "100");
    settings.set(queues + "default.state", "RUNNING");
    settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.9");
    settings.set("yarn.nodemanager.vmem-check-enabled", "false");
    settings.set(
        "yarn.nodemanager.pmem-check-enabled", "true"); // kills processes exceeding their memory
    settings.set("yarn.nodemanager.resource.memory-mb", "6000");
    settings.set("yarn.scheduler.minimum-allocation-mb", "128");
    settings.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "99.5");
    settings.set("fs.defaultFS", "file:///");
    System.setProperty("test.build.data", folder.resolve("yarn").toString());
    yarn = new MiniYARNCluster("pointwise", 1, 1, 1);
    yarn.init(settings);
    yarn.start();
    conf = Files.createDirectories(folder.resolve("conf"));
    Configuration site = new Configuration(yarn.getConfig());
    site.unset("net.topology.node.switch.mapping.impl"); // a class of Hadoop's tests
    try (OutputStream out = Files.newOutputStream(conf.resolve("yarn-site.xml"))) {
      site.writeXml(out);
    }
    Files.copy(conf.resolve("yarn-site.xml"), conf.resolve("core-site.xml"));
  }

  @AfterAll
  static void stop() {
    if (yarn != null) {
      yarn.stop();
    }
  }

  /** The store that the page's URIs name is this machine's. */
  @Test
  void commandOfThePageRuns() throws Exception {
    List<String> blocks = PageBlocks.of("docs/operations.md", "bash");
    assertThat(blocks).hasSize(1);
    SparkHome spark = SparkHome.of("3.5.6", "--yarn");
    String options = "--master yarn --conf spark.yarn.jars=local:" + spark.home() + "/jars/*";
    ProcessBuilder builder =
        spark.placed(
            folder,
            blocks.get(0),
            "--executor-memory 4g",
            "--executor-memory 600m", // of the node manager's 6 GB
            "--master yarn",
            options,
            "hdfs:///",
            folder + "/");
    builder.environment().put("HADOOP_CONF_DIR", conf.toString());
    Processes done = Processes.awaitEnd(builder);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(folder.resolve("out.zarr.pointwise/_SUCCESS")).exists();
  }

  static Stream<Arguments> versionsAndModes() {
    String versions = System.getProperty(SparkHome.DISTRIBUTIONS, "4.3.0");
    return Stream.concat(
        Stream.of(Arguments.of("3.5.6", "client")),
        Stream.of(versions.split(","))
            .flatMap(
                version ->
                    Stream.of("client", "cluster").map(mode -> Arguments.of(version, mode))));
  }

  @ParameterizedTest
  @MethodSource("versionsAndModes")
  void runsInContainers(String version, String mode) throws Exception {
    SparkHome spark =
        version.equals("3.5.6") ? SparkHome.of(version, "--yarn") : SparkHome.whole(version);
    String output = "%s/%s-%s.zarr".formatted(folder, version, mode);
    List<String> options = new ArrayList<>(List.of("--master", "yarn", "--deploy-mode", mode));
    options.addAll(List.of("--num-executors", "1", "--executor-memory", "600m"));
    options.addAll(List.of("--driver-memory", "600m"));
    options.addAll(List.of("--conf", "spark.yarn.jars=local:" + spark.home() + "/jars/*"));
    ProcessBuilder builder = spark.submit(folder, options, data.reduce(output));
    builder.environment().put("HADOOP_CONF_DIR", conf.toString());
    Processes done = Processes.awaitEnd(builder);
    assertThat(done.code()).as(done.err()).isZero();
    data.requireSameNumbers(output);
    assertThat(Path.of(output + ".pointwise/report.json"))
        .content()
        .contains("\"spark\" : \"%s\"".formatted(version))
        .contains("vector")
        .contains("\"withoutSimd\" : 0");
  }
}
