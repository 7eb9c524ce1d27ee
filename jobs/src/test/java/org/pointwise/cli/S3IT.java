package org.pointwise.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;

/** Tests a real S3 server as source and target, and network faults on the way to it. */
class S3IT {
  @TempDir static Path folder;

  private static SparkHome spark;
  private static S3Server server;
  private static FaultProxy proxy;
  private static ClusterData data;

  @BeforeAll
  static void start() throws Exception {
    data = ClusterData.make(folder);
    spark = SparkHome.ofBuild().archived();
    server = S3Server.start(folder);
    proxy = new FaultProxy(server.port(), Seed.random("s3 faults").nextLong());
    server.upload(spark, folder, folder.resolve("in.zarr"));
    server.upload(spark, folder, folder.resolve("w.safetensors"));
  }

  @AfterAll
  static void stop() throws Exception {
    if (proxy != null) {
      System.out.println("Faults met: " + proxy.occurrences());
      proxy.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static Processes run(List<String> settings, String... arguments) throws Exception {
    List<String> options = new ArrayList<>(List.of("--master", "local[2,6]"));
    options.addAll(settings);
    ProcessBuilder builder = spark.submit(folder, options, Arrays.asList(arguments));
    Processes done = Processes.awaitEnd(builder, builder.start());
    assertThat(done.out() + done.err()).doesNotContain(S3Server.SECRET);
    return done;
  }

  private static Processes reduce(int port, String output, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "reduce",
                "s3a://data/in.zarr/data",
                output,
                "--weights",
                "s3a://data/w.safetensors",
                "--shard-size",
                "0.08MiB"));
    arguments.addAll(Arrays.asList(more));
    return run(S3Server.options(port, S3Server.SECRET), arguments.toArray(String[]::new));
  }

  private static void requireSame(String output) throws Exception {
    assertThat(Folders.hashes(server.buckets().resolve("data/" + output), "features/c/"))
        .isEqualTo(data.quick());
  }

  @Test
  void reduceFitAndVerifyUseS3() throws Exception {
    Processes reduced = reduce(server.port(), "s3a://data/plain.zarr");
    assertThat(reduced.code()).as(reduced.err()).isZero();
    requireSame("plain.zarr");
    List<String> settings = S3Server.options(server.port(), S3Server.SECRET);
    Processes verified =
        run(
            settings,
            "verify",
            "s3a://data/plain.zarr",
            "--deep",
            "--runner",
            "spark",
            "--input",
            "s3a://data/in.zarr/data",
            "--weights",
            "s3a://data/w.safetensors");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    Processes fitted =
        run(
            settings,
            "fit",
            "s3a://data/in.zarr/data",
            "s3a://data/pca.safetensors",
            "--channels",
            "4");
    assertThat(fitted.code()).as(fitted.err()).isZero();
    String here = folder + "/here.safetensors";
    assertThat(
            Cli.run("fit", data.input(), here, "--channels", "4", "--runner", "local", "--quiet")
                .code())
        .isZero();
    assertThat(Files.readAllBytes(server.buckets().resolve("data/pca.safetensors")))
        .isEqualTo(Files.readAllBytes(Path.of(here)));
    for (Map.Entry<String, String> file :
        Folders.hashes(server.buckets(), "pointwise").entrySet()) {
      assertThat(Files.readString(server.buckets().resolve(file.getKey()), ISO_8859_1))
          .as("no credentials in plan, receipts, report or metrics")
          .doesNotContain(S3Server.SECRET)
          .doesNotContain(S3Server.KEY);
    }
  }

  @Test
  void storesSameBytesUnderMixedFaults() throws Exception {
    proxy.set(0.04);
    endsWithTheSameBytes("all.zarr");
  }

  @ParameterizedTest
  @EnumSource
  @Tag("full")
  void storesSameBytesUnderEachFault(FaultProxy.Fault fault) throws Exception {
    proxy.set(fault == FaultProxy.Fault.STALL ? 0.02 : 0.06, fault);
    endsWithTheSameBytes(fault + ".zarr");
    assertThat(proxy.occurrences().getOrDefault(fault, 0)).isPositive();
  }

  private static void endsWithTheSameBytes(String name) throws Exception {
    String[] tolerant = {"--quiet", "--on-bad-input", "nodata"}; // not for network failures
    int before = faultCount();
    Processes done = reduce(proxy.port(), "s3a://data/" + name, tolerant);
    for (int again = 0; again < 5 && done.code() == 4; again++) {
      assertThat(done.err()).contains("run the same command again");
      done = reduce(proxy.port(), "s3a://data/" + name, tolerant);
    }
    proxy.set(0);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(faultCount()).isGreaterThan(before);
    requireSame(name);
  }

  private static int faultCount() {
    return proxy.occurrences().values().stream().mapToInt(Integer::intValue).sum();
  }

  private static List<String> append(String root, String output, String images) {
    return List.of(
        "reduce",
        root + "in.zarr/data",
        output,
        "--weights",
        root + "w.safetensors",
        "--images",
        images,
        "--shard-size",
        "2MiB",
        "--append-new",
        "--quiet");
  }

  /** The last shard is replaced twice, from its stored pixels, while requests fail. */
  @Test
  void appendsOfNewImagesStoreSameBytesUnderMixedFaults() throws Exception {
    proxy.set(0.02);
    String here = folder + "/nights.zarr";
    for (String images : List.of("0:3", "3:5", "5:8")) {
      List<String> local = new ArrayList<>(append(folder + "/", here, images));
      local.addAll(List.of("--runner", "local"));
      Cli expected = Cli.run(local.toArray(String[]::new));
      assertThat(expected.code()).as(expected.err()).isZero();
      String[] command =
          append("s3a://data/", "s3a://data/nights.zarr", images).toArray(String[]::new);
      List<String> settings = S3Server.options(proxy.port(), S3Server.SECRET);
      Processes done = run(settings, command);
      for (int again = 0; again < 5 && done.code() == 4; again++) {
        done = run(settings, command);
      }
      assertThat(done.code()).as(done.err()).isZero();
    }
    proxy.set(0);
    Path stored = server.buckets().resolve("data/nights.zarr");
    assertThat(Folders.hashes(stored, "features/c/"))
        .isEqualTo(Folders.hashes(Path.of(here), "features/c/"))
        .isNotEmpty();
    assertThat(server.buckets().resolve("data/nights.zarr.pointwise/past")).doesNotExist();
  }

  @Test
  void unavailableServerIsReportedInOneLine() throws Exception {
    proxy.set(1, FaultProxy.Fault.SLOW_DOWN);
    Processes throttled = reduce(proxy.port(), "s3a://data/busy.zarr", "--quiet");
    proxy.set(0);
    assertThat(throttled.code()).as(throttled.err()).isIn(3, 4);
    assertThat(errorLines(throttled)).hasSize(1);
    Processes unavailable = reduce(SparkHome.freePort(), "s3a://data/nobody.zarr", "--quiet");
    assertThat(unavailable.code()).as(unavailable.err()).isIn(3, 4);
    assertThat(errorLines(unavailable)).hasSize(1);
  }

  private static List<String> errorLines(Processes done) {
    return done.err().lines().filter(line -> line.startsWith("Cannot")).toList();
  }

  @Test
  void unknownBucketAndWrongCredentialsAreReportedInOneLine() throws Exception {
    Processes bucket =
        run(
            S3Server.options(server.port(), S3Server.SECRET),
            "inspect",
            "s3a://no-such-bucket/in.zarr/data");
    assertThat(bucket.code()).as(bucket.err()).isEqualTo(3);
    assertThat(errorLines(bucket)).hasSize(1);
    assertThat(errorLines(bucket).get(0)).contains("no-such-bucket");
    Processes wrong =
        run(S3Server.options(server.port(), "not-the-key"), "inspect", "s3a://data/in.zarr/data");
    assertThat(wrong.code()).as(wrong.err()).isEqualTo(3);
    assertThat(errorLines(wrong)).hasSize(1);
    assertThat(wrong.err()).doesNotContain("not-the-key");
    Processes inUri =
        run(
            S3Server.options(server.port(), S3Server.SECRET),
            "inspect",
            "s3a://user:" + S3Server.SECRET + "@data/in.zarr/data");
    assertThat(inUri.code()).isEqualTo(3);
  }

  /** Runs the page's commands: a file with credentials, then a job with it, in one process. */
  @Tag("full")
  @Test
  void commandsOfThePageRun() throws Exception {
    List<String> blocks = PageBlocks.of("docs/s3.md", "bash");
    assertThat(blocks).hasSize(2);
    Path programs = folder.resolve("programs");
    List<String> shell = HdfsProcesses.command(List.of(), folder, "security.alias.CredentialShell");
    PageBlocks.program(
        programs.resolve("hadoop"), // which asks for the value
        """
        shift
        case "$2" in *access*) value='%s' ;; *) value='%s' ;; esac
        exec %s "$@" -value "$value"
        """
            .formatted(S3Server.KEY, S3Server.SECRET, PageBlocks.line(shell)));
    String provider = "jceks://hdfs@namenode:8020/user/me/s3.jceks";
    String here = "jceks://file" + folder + "/s3.jceks";
    ProcessBuilder create = PageBlocks.shell(folder, blocks.get(1), provider, here);
    PageBlocks.addPrograms(create, programs);
    Processes created = Processes.awaitEnd(create);
    assertThat(created.code()).as(created.out() + created.err()).isZero();
    String settings = "--conf spark.hadoop.fs.s3a.";
    String endpoint =
        settings
            + "endpoint=http://127.0.0.1:%d ".formatted(server.port())
            + settings
            + "path.style.access=true "
            + settings
            + "change.detection.mode=warn ";
    ProcessBuilder job =
        spark.placed(
            folder,
            blocks.get(0),
            "--master yarn --executor-memory 4g --packages org.apache.hadoop:hadoop-aws:3.4.2",
            "--master local[2] " + endpoint,
            provider,
            here,
            "s3a://features/store.zarr/tokens",
            "s3a://data/in.zarr/data",
            "s3a://features/small",
            "s3a://data/page",
            "s3a://models",
            "s3a://data");
    Processes done = Processes.awaitEnd(job);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(server.buckets().resolve("data/page.zarr.pointwise/_SUCCESS")).exists();
  }
}
