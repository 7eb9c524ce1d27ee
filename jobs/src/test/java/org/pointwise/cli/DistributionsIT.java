package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pointwise.store.JsonText;

/**
 * Tests pointwise.jar under the Spark distributions in Python's packages, the oldest and the newest
 * by default: in one process, and on a standalone cluster in both deploy modes. {@code
 * -Dtests.distributions=4.0.5,4.1.4} tests others.
 */
@Tag("full")
class DistributionsIT {
  @TempDir static Path folder;

  private static ClusterData data;

  static Stream<String> versions() {
    return Stream.of(System.getProperty(SparkHome.DISTRIBUTIONS, "3.5.9,4.3.0").split(","));
  }

  @BeforeAll
  static void makeData() throws Exception {
    data = ClusterData.make(folder);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void runsInOneProcessAndOnClusters(String version) throws Exception {
    SparkHome spark = SparkHome.whole(version);
    reduce(spark, version, "local", List.of("--master", "local[2]"));
    Path work = Files.createDirectories(folder.resolve(version));
    try (SparkHome.Cluster cluster = spark.start(work, 1, 2)) {
      for (String mode : List.of("client", "cluster")) {
        reduce(spark, version, mode, List.of("--master", cluster.url(), "--deploy-mode", mode));
      }
    }
  }

  private void reduce(SparkHome spark, String version, String name, List<String> options)
      throws Exception {
    String output = "%s/%s-%s.zarr".formatted(folder, version, name);
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--executor-memory", "600m", "--driver-memory", "600m"));
    ProcessBuilder builder = spark.submit(folder, all, data.reduce(output));
    Processes done = Processes.awaitEnd(builder, builder.start());
    assertThat(done.code()).as(done.err()).isZero();
    Path run = Path.of(output + ".pointwise");
    Await.until("the end of " + output, () -> Files.exists(run.resolve("_SUCCESS")));
    data.requireSameNumbers(output);
    JsonNode report = JsonText.parse(Files.readAllBytes(run.resolve("report.json")), output);
    assertThat(report.at("/versions/spark").asText()).isEqualTo(version);
    assertThat(report.path("kernel").asText()).startsWith("vector");
    assertThat(report.at("/tasks/withoutSimd").asLong()).isZero();
    assertThat(Cli.run("verify", output, "--deep", "--quiet").code()).isZero();
  }
}
