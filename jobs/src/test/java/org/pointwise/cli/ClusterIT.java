package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;

/**
 * Tests a standalone cluster of real processes. When processes are killed, the final bytes must be
 * those of an undisturbed run.
 */
class ClusterIT {
  @TempDir static Path folder;

  private static SparkHome.Cluster cluster;
  private static ClusterData data;

  /** Started first, since Spark reports an unknown master only after a minute. */
  private static ProcessBuilder unknown;

  private static Process unknownRun;

  @BeforeAll
  static void start() throws Exception {
    data = ClusterData.make(folder);
    cluster = SparkHome.ofBuild().archived().start(folder, 2, 1);
    List<String> unreachable = List.of("--master", "spark://127.0.0.1:1");
    unknown = cluster.spark().submit(folder, unreachable, data.reduce(folder + "/no.zarr"));
    unknownRun = unknown.start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private ProcessBuilder submit(SparkHome spark, List<String> arguments, String... options)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("--master", cluster.url()));
    all.addAll(List.of("--executor-memory", "600m", "--driver-memory", "600m"));
    all.addAll(List.of("--conf", "spark.task.maxFailures=8"));
    all.addAll(Arrays.asList(options));
    return spark.submit(folder, all, arguments);
  }

  private Processes run(List<String> arguments, String... options) throws Exception {
    ProcessBuilder builder = submit(cluster.spark(), arguments, options);
    return Processes.awaitEnd(builder, builder.start());
  }

  private static JsonNode report(String output) throws Exception {
    return JsonText.parse(Files.readAllBytes(Path.of(output + ".pointwise/report.json")), output);
  }

  @Test
  void clientModeStoresBytesOfOneProcess() throws Exception {
    String output = folder + "/client.zarr";
    Processes done = run(data.reduce(output));
    assertThat(done.code()).as(done.err()).isZero();
    data.requireSame(output);
    JsonNode report = report(output);
    assertThat(report.at("/versions/spark").asText()).isEqualTo(SparkHome.BUILD);
    assertThat(report.path("kernel").asText()).startsWith("vector");
    assertThat(report.at("/tasks/withoutSimd").asLong()).isZero();
    assertThat(report.at("/memory/peakResidentBytes").asLong()).isGreaterThan(50 << 20);
    long heap = 600 << 20;
    long jvm = 400 << 20; // classes, code, threads, and Spark's own buffers
    assertThat(report.at("/memory/peakResidentBytes").asLong())
        .isLessThan(heap + jvm + report.at("/memory/nativeBoundBytes").asLong());
    assertThat(report.at("/memory/liveHeapBytes").asLong())
        .isLessThan((200 << 20) + report.at("/memory/boundBytes").asLong());

    Processes verified = run(List.of("verify", output, "--deep", "--json", "--quiet"));
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    Processes fitted =
        run(List.of("fit", data.input(), folder + "/pca.safetensors", "--channels", "4"));
    assertThat(fitted.code()).as(fitted.err()).isZero();
    String here = folder + "/here.safetensors";
    Cli local = Cli.run("fit", data.input(), here, "--channels", "4", "--runner", "local");
    assertThat(local.code()).as(local.err()).isZero();
    assertThat(Files.readAllBytes(folder.resolve("pca.safetensors")))
        .isEqualTo(Files.readAllBytes(Path.of(here)));
  }

  @Test
  void clusterModeRunsDriverOnWorker() throws Exception {
    String output = folder + "/cluster.zarr";
    Processes submitted = run(data.reduce(output), "--deploy-mode", "cluster");
    assertThat(submitted.code()).as(submitted.err()).isZero();
    Await.until(
        "the end of " + output, () -> Files.exists(Path.of(output + ".pointwise/_SUCCESS")));
    data.requireSame(output);
    assertThat(report(output).path("kernel").asText()).startsWith("vector");
  }

  @Test
  void killedExecutorOnlyCausesRetry() throws Exception {
    String output = folder + "/executor.zarr";
    ClusterData.Held held = data.blockInput("executor-in.zarr");
    ProcessBuilder builder = submit(cluster.spark(), data.slow(held.input(), output));
    Process driver = builder.start();
    data.awaitShards(output, 3, driver);
    List<ProcessHandle> executors = SparkHome.executors(folder);
    assertThat(executors).isNotEmpty();
    assertThat(executors.get(0).destroyForcibly()).isTrue();
    held.release();
    Processes done = Processes.awaitEnd(builder, driver);
    assertThat(done.code()).as(done.err()).isZero();
    data.requireSameSlow(output);
    assertThat(report(output).path("shardsWritten").asInt()).isPositive();
    assertThat(report(output).path("retriedTasks").asInt()).isPositive();
  }

  @Test
  @Tag("full")
  void repeatedExecutorLossEndsWithOneLineAndCode4() throws Exception {
    String output = folder + "/lost.zarr";
    ClusterData.Held held = data.blockInput("lost-in.zarr");
    List<String> quiet = new ArrayList<>(data.slow(held.input(), output));
    quiet.add("--quiet");
    ProcessBuilder builder = submit(cluster.spark(), quiet, "--conf", "spark.task.maxFailures=1");
    Process driver = builder.start();
    data.awaitShards(output, 3, driver);
    int kills = 0;
    do { // again, since an executor may be lost between two tasks, which is no failure of a task
      SparkHome.executors(folder).forEach(ProcessHandle::destroyForcibly);
      kills++;
    } while (!driver.waitFor(30, TimeUnit.SECONDS) && kills < 10);
    Processes done = Processes.awaitEnd(builder, driver);
    held.release();
    assertThat(done.code()).as(done.err()).isEqualTo(4);
    assertThat(done.err().lines().filter(line -> line.startsWith("Cannot")))
        .singleElement()
        .asString()
        .contains("ExecutorLostFailure", "run the same command again");
    assertThat(done.err()).doesNotContain("fault of Pointwise", "\tat org.pointwise");
    SparkHome.awaitNoExecutors(folder);
    Processes again = run(data.slow(held.input(), output));
    assertThat(again.code()).as(again.err()).isZero();
    data.requireSameSlow(output);
  }

  @Test
  void sameCommandContinuesAfterKilledDriver() throws Exception {
    String output = folder + "/driver.zarr";
    ClusterData.Held held = data.blockInput("driver-in.zarr");
    ProcessBuilder builder = submit(cluster.spark(), data.slow(held.input(), output));
    Process driver = builder.start();
    data.awaitReceipts(output, 2, driver);
    driver.destroyForcibly().waitFor(); // kill -9: the launcher's process becomes the driver's JVM
    assertThat(Path.of(output + ".pointwise/_SUCCESS")).doesNotExist();
    cluster.await("\"activeapps\" : [ ]");
    SparkHome.awaitNoExecutors(folder);
    held.release();
    Set<String> recorded = ClusterData.recorded(output);
    Processes again = run(data.slow(held.input(), output));
    assertThat(again.code()).as(again.err()).isZero();
    data.requireSameSlow(output);
    JsonNode report = report(output);
    int reused = report.path("shardsAlreadyThere").asInt();
    assertThat(reused).isEqualTo(recorded.size()).isPositive();
    assertThat(report.path("shardsWritten").asInt()).isEqualTo(data.slowShards() - reused);
    assertThat(writtenAgain(output)).as("what was on record").isEmpty();
  }

  /** Returns the objects that more than one run wrote, according to the receipts. */
  private static Set<String> writtenAgain(String output) throws Exception {
    Path receipts = Path.of(output + ".pointwise/receipts");
    Set<String> once = new HashSet<>();
    Set<String> again = new HashSet<>();
    for (String name : Folders.hashes(receipts, "").keySet()) {
      for (String line : Files.readAllLines(receipts.resolve(name))) {
        JsonNode receipt = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), name);
        for (JsonNode object : receipt.path("objects")) {
          String key = object.path("key").asText();
          if (receipt.path("status").asText().equals("written") && !once.add(key)) {
            again.add(key);
          }
        }
      }
    }
    return again;
  }

  @Test
  void terminatedDriverPrintsOneLineAndEndsWith143() throws Exception {
    String output = folder + "/terminated.zarr";
    ClusterData.Held held = data.blockInput("terminated-in.zarr");
    List<String> quiet = new ArrayList<>(data.slow(held.input(), output));
    quiet.add("--quiet");
    ProcessBuilder builder = submit(cluster.spark(), quiet);
    Process driver = builder.start();
    data.awaitShards(output, 3, driver);
    driver.destroy(); // SIGTERM
    Processes done = Processes.awaitEnd(builder, driver);
    assertThat(done.code()).as(done.err()).isEqualTo(143);
    assertThat(done.err().lines().filter(line -> !Processes.isWarningOfJvm(line)))
        .containsExactly(
            "Interrupted; what is stored is whole, run the same command again to continue");
    cluster.await("\"activeapps\" : [ ]");
    SparkHome.awaitNoExecutors(folder);
    held.release();
  }

  @Test
  @Tag("full")
  void multicoreExecutorsLogAndStoreSameBytes() throws Exception {
    String output = folder + "/cores.zarr";
    List<String> command = new ArrayList<>(data.reduce(output));
    command.addAll(List.of("--log-level", "debug"));
    Path own = Files.createDirectories(folder.resolve("wide"));
    try (SparkHome.Cluster wide = cluster.spark().start(own, 1, 3)) {
      // Without spark.executor.cores, an executor gets all cores of its worker.
      List<String> options = List.of("--master", wide.url(), "--executor-memory", "1g");
      Processes done = Processes.awaitEnd(wide.spark().submit(folder, options, command));
      assertThat(done.code()).as(done.err()).isZero();
      data.requireSame(output);
      assertThat(report(output).at("/memory/tasksPerProcess").asInt()).isEqualTo(3);
      assertThat(report(output).at("/tasks/atOnce").asInt()).isEqualTo(3);
      Map<String, String> logs = Folders.hashes(own.resolve("work0"), "stderr");
      assertThat(logs).hasSize(1);
      String log = Files.readString(own.resolve("work0").resolve(logs.keySet().iterator().next()));
      assertThat(log.lines().filter(line -> line.contains("DEBUG ReduceWorker: Shard")))
          .hasSize(data.quick().size());
    }
  }

  @Test
  @Tag("full")
  void dynamicAllocationAddsAndRemovesExecutors() throws Exception {
    String output = folder + "/dynamic.zarr";
    ClusterData.Held held = data.blockInput("dynamic-in.zarr");
    ProcessBuilder builder =
        submit(
            cluster.spark(),
            data.slow(held.input(), output),
            "--conf",
            "spark.dynamicAllocation.enabled=true",
            "--conf",
            "spark.dynamicAllocation.shuffleTracking.enabled=true",
            "--conf",
            "spark.dynamicAllocation.minExecutors=0",
            "--conf",
            "spark.dynamicAllocation.schedulerBacklogTimeout=1s",
            "--conf",
            "spark.dynamicAllocation.executorIdleTimeout=5s");
    Process driver = builder.start();
    data.awaitShards(output, 3, driver);
    // A new executor gets tasks as long as there is a backlog.
    Await.until("both executors", () -> SparkHome.executors(folder).size() == 2);
    held.release();
    Processes done = Processes.awaitEnd(builder, driver);
    assertThat(done.code()).as(done.err()).isZero();
    data.requireSameSlow(output);
  }

  @Test
  @Tag("full")
  void secondPlanIsRefusedWhileFirstRuns() throws Exception {
    String output = folder + "/plans.zarr";
    ClusterData.Held held = data.blockInput("plans-in.zarr");
    ProcessBuilder builder = submit(cluster.spark(), data.slow(held.input(), output));
    Process driver = builder.start();
    data.awaitShards(output, 3, driver);
    List<String> other = new ArrayList<>(data.slow(held.input(), output));
    other.addAll(List.of("--dtype", "float16", "--overwrite", "--quiet"));
    // The plan is refused before executors start. None could start, as the first run has all cores.
    Processes refused = run(other, "--conf", "spark.executor.cores=1");
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err().lines().filter(line -> line.startsWith("Cannot")))
        .singleElement()
        .asString()
        .contains("is writing to it", "/" + driver.pid() + "/");
    driver.destroyForcibly().waitFor(); // the driver is dead, and its end is detectable
    held.release();
    Processes accepted = run(other);
    assertThat(accepted.code()).as(accepted.err()).isZero();
    assertThat(report(output).path("shardsAlreadyThere").asInt()).isZero();
    assertThat(Cli.run("verify", output, "--deep", "--quiet").code()).isZero();
  }

  /** Each worker mounts its own folder at the output's path, like /tmp on a real cluster. */
  @Test
  void outputNotSharedByExecutorsIsRefused() throws Exception {
    Path own = Files.createDirectories(folder.resolve("unshared"));
    Path place = Files.createDirectories(own.resolve("place"));
    String output = place + "/out.zarr";
    String mount =
        "mount -t tmpfs tmpfs %s && mkdir -p %s.pointwise && echo {} >%s.pointwise/plan.json && exec \"$@\""
            .formatted(place, output, output);
    List<String> prefix = List.of("unshare", "-m", "bash", "-c", mount, "worker");
    List<String> trial = new ArrayList<>(prefix);
    trial.add("true");
    Processes mounted = Processes.run(own, trial.toArray(String[]::new));
    Assumptions.assumeTrue(
        mounted.code() == 0,
        "Skipped: no right to mount for a process of its own: " + mounted.err());
    try (SparkHome.Cluster isolated = cluster.spark().start(own, 2, 1, prefix)) {
      List<String> options = List.of("--master", isolated.url(), "--executor-memory", "600m");
      List<String> quiet = new ArrayList<>(data.reduce(output));
      quiet.add("--quiet");
      Processes done = Processes.awaitEnd(isolated.spark().submit(folder, options, quiet));
      assertThat(done.code()).as(done.err()).isEqualTo(3);
      assertThat(done.err().lines().filter(line -> line.startsWith("Cannot")))
          .singleElement()
          .asString()
          .contains("does not see", output + ".pointwise/runs/");
      assertThat(Folders.hashes(place, "/c/")).isEmpty();
      assertThat(Path.of(output + ".pointwise/_SUCCESS")).doesNotExist();
    }
  }

  /** Spark 3.5 and 4.1 contain different versions of zstd. */
  @Test
  @Tag("full")
  void newerSparkContinuesRunOfOlderSpark() throws Exception {
    String output = folder + "/two-sparks.zarr";
    ClusterData.Held held = data.blockInput("two-sparks-in.zarr");
    List<String> command = new ArrayList<>(data.reduce(held.input(), output));
    command.set(command.size() - 1, "0.02MiB");
    List<String> local = List.of("--master", "local[2,4]");
    SparkHome oldest = SparkHome.of("3.5.6", "--yarn");
    ProcessBuilder builder = oldest.submit(folder, local, command);
    Process driver = builder.start();
    data.awaitReceipts(output, 2, driver);
    driver.destroy();
    assertThat(Processes.awaitEnd(builder, driver).code()).isEqualTo(143);
    held.release();
    Processes done = Processes.awaitEnd(cluster.spark().submit(folder, local, command));
    assertThat(done.code()).as(done.err()).isZero();
    JsonNode report = report(output);
    assertThat(report.path("shardsAlreadyThere").asInt()).isPositive();
    assertThat(report.path("shardsWritten").asInt()).isPositive();
    assertThat(report.at("/versions/zstd").asText())
        .isEqualTo(cluster.spark().versionOf("zstd-jni"))
        .isNotEqualTo(oldest.versionOf("zstd-jni"));
    assertThat(Cli.run("verify", output, "--deep", "--quiet").code()).isZero();
    data.requireSameNumbers(output);
  }

  @Test
  @Tag("full")
  void twoDriversOnOneOutputStoreSameBytes() throws Exception {
    String output = folder + "/two.zarr";
    List<String> options = List.of("--conf", "spark.cores.max=1");
    ProcessBuilder one =
        submit(cluster.spark(), data.reduce(output), options.toArray(String[]::new));
    ProcessBuilder two =
        submit(cluster.spark(), data.reduce(output), options.toArray(String[]::new));
    Process first = one.start();
    Process second = two.start();
    Processes a = Processes.awaitEnd(one, first);
    Processes b = Processes.awaitEnd(two, second);
    assertThat(a.code()).as(a.err()).isZero();
    assertThat(b.code()).as(b.err()).isZero();
    data.requireSame(output);
    assertThat(Cli.run("verify", output, "--deep", "--quiet").code()).isZero();
  }

  @Test
  @Tag("full")
  void speculativeDuplicatesChangeNothing() throws Exception {
    String output = folder + "/speculation.zarr";
    Processes done =
        run(
            data.slow(output),
            "--conf",
            "spark.speculation=true",
            "--conf",
            "spark.speculation.interval=50ms",
            "--conf",
            "spark.speculation.multiplier=1.01",
            "--conf",
            "spark.speculation.quantile=0.1");
    assertThat(done.code()).as(done.err()).isZero();
    data.requireSameSlow(output);
    assertThat(Cli.run("verify", output, "--deep", "--quiet").code()).isZero();
  }

  @Tag("full")
  @Test
  void sameJarRunsOnNewestAndOldestSpark() throws Exception {
    for (String version : new String[] {"4.2.0", "3.5.6"}) {
      SparkHome spark =
          version.equals("3.5.6") ? SparkHome.of(version, "--yarn") : SparkHome.of(version);
      String output = folder + "/" + version + ".zarr";
      ProcessBuilder builder =
          spark.submit(folder, List.of("--master", "local[2]"), data.reduce(output));
      Processes done = Processes.awaitEnd(builder, builder.start());
      assertThat(done.code()).as(done.err()).isZero();
      assertThat(report(output).at("/versions/spark").asText()).isEqualTo(version);
      assertThat(report(output).at("/versions/zstd").asText())
          .isEqualTo(spark.versionOf("zstd-jni"));
      data.requireSameNumbers(output);
    }
    // Spark 3.5 itself does not add the vector module: the plain kernel, and one warning.
    String plain = folder + "/plain.zarr";
    List<String> bare = new ArrayList<>();
    bare.add(SparkHome.of("3.5.6", "--yarn").home().resolve("bin/spark-submit").toString());
    bare.addAll(List.of("--master", "local[2]"));
    bare.add(Processes.root().resolve("jobs/target/pointwise.jar").toString());
    bare.addAll(data.reduce(plain));
    ProcessBuilder builder = Processes.builder(folder, bare);
    Processes done = Processes.awaitEnd(builder, builder.start());
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err().lines().filter(line -> line.contains("plain kernel"))).hasSize(1);
    data.requireSameNumbers(plain);
  }

  @Test
  void tooLargePlanIsRefusedAndNamesSettings() throws Exception {
    List<String> large = new ArrayList<>(data.reduce(data.vast(), folder + "/large.zarr"));
    large.set(large.size() - 1, "400MiB");
    Processes heap = run(large, "--conf", "spark.executor.cores=16");
    assertThat(heap.code()).as(heap.err()).isEqualTo(3);
    assertThat(heap.err())
        .contains("a task needs")
        .contains("spark.executor.memory")
        .contains("--shard-size");
    Processes beside =
        run(
            data.reduce(data.vast(), folder + "/large.zarr"),
            "--conf",
            "spark.executor.memoryOverhead=100k");
    assertThat(beside.code()).as(beside.err()).isEqualTo(3);
    assertThat(beside.err()).contains("beside the heap").contains("spark.executor.memoryOverhead");
    assertThat(folder.resolve("large.zarr")).doesNotExist();
  }

  /** Also Spark's line about a job without resources is not repeated. */
  @Test
  void tooLargeExecutorIsReportedInOneLineWhileJobWaits() throws Exception {
    List<String> quiet = new ArrayList<>(data.reduce(folder + "/waiting.zarr"));
    quiet.add("--quiet");
    List<String> large = List.of("--executor-memory", "64g", "--conf", "spark.executor.cores=16");
    List<String> options = new ArrayList<>(List.of("--master", cluster.url()));
    options.addAll(large);
    options.addAll(List.of("--conf", "spark.pointwise.executorWait=1s"));
    ProcessBuilder builder = cluster.spark().submit(folder, options, quiet);
    Process driver = builder.redirectError(ProcessBuilder.Redirect.PIPE).start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader err = driver.errorReader(StandardCharsets.UTF_8)) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        lines.add(line);
        if (line.contains("No executor")) {
          driver.toHandle().destroy(); // SIGTERM; keeps the stream open
        }
      }
    }
    assertThat(driver.waitFor()).isEqualTo(143);
    assertThat(lines)
        .filteredOn(line -> line.contains("xecutor"))
        .singleElement()
        .asString()
        .endsWith(
            "each needs 65536 MiB and 16 cores, but the 2 workers of %s have at most 2048 MiB and 1 core; give less by spark.executor.memory and spark.executor.cores, or add workers"
                .formatted(cluster.url()));
    assertThat(lines).noneMatch(line -> line.contains("Initial job"));
  }

  @Test
  void sparkIsQuietUnlessUserConfiguresLog() throws Exception {
    SparkHome bare = cluster.spark().withoutLogging();
    Set<String> before = logsOfExecutors().keySet();
    List<String> command = new ArrayList<>(data.reduce(folder + "/quiet.zarr"));
    List<String> options = new ArrayList<>(List.of("--master", cluster.url()));
    options.addAll(List.of("--executor-memory", "600m", "--conf", "spark.executor.cores=1"));
    Processes done = Processes.awaitEnd(bare.submit(folder, options, command));
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err()).contains("Input ", "Runner ").doesNotContain(" INFO ");
    assertThat(done.err().lines().filter(line -> line.contains(" WARN ")))
        .allMatch(line -> line.contains("NativeCodeLoader")); // before the jar is loaded
    Map<String, String> logs = logsOfExecutors();
    logs.keySet().removeAll(before);
    assertThat(logs).isNotEmpty();
    assertThat(logs.values())
        .allMatch(log -> log.contains("INFO")) // until the first task
        .noneMatch(log -> log.contains("Finished task"));

    Path own =
        Files.writeString(
            folder.resolve("own.properties"),
            """
            rootLogger.level = info
            rootLogger.appenderRef.err.ref = err
            appender.err.type = Console
            appender.err.name = err
            appender.err.target = SYSTEM_ERR
            appender.err.layout.type = PatternLayout
            appender.err.layout.pattern = own %p %c{1}: %m%n
            """);
    command.set(2, folder + "/own.zarr");
    command.addAll(List.of("--log-level", "debug"));
    List<String> local = new ArrayList<>(List.of("--master", "local[1]"));
    local.addAll(List.of("--driver-java-options", "-Dlog4j2.configurationFile=" + own.toUri()));
    Processes loud = Processes.awaitEnd(bare.submit(folder, local, command));
    assertThat(loud.code()).as(loud.err()).isZero();
    assertThat(loud.err()).contains("own INFO Executor: ", "own DEBUG ReduceWorker: Shard");
  }

  /** Returns the logs of all executors of {@link #cluster}, by file. */
  private static Map<String, String> logsOfExecutors() throws Exception {
    Map<String, String> logs = new HashMap<>();
    for (String work : List.of("work0", "work1")) {
      if (Files.exists(folder.resolve(work))) {
        for (String file : Folders.hashes(folder.resolve(work), "stderr").keySet()) {
          Path log = folder.resolve(work).resolve(file);
          logs.put(log.toString(), Files.readString(log));
        }
      }
    }
    return logs;
  }

  @Test
  void unknownMasterIsReportedInOneLine() throws Exception {
    Processes done = Processes.awaitEnd(unknown, unknownRun);
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    assertThat(done.err()).contains("Cannot start Spark on spark://127.0.0.1:1");
    assertThat(folder.resolve("no.zarr")).doesNotExist();
  }
}
