package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.testing.Folders;

/**
 * Tests an HDFS that requires Kerberos: ticket caches, keytabs, delegation tokens of executors, and
 * what is reported without any of them.
 */
class KerberosIT {
  @TempDir static Path folder;

  private static Kdc kdc;
  private static HdfsProcesses hdfs;
  private static Path conf;
  private static ClusterData data;
  private static SparkHome spark;
  private static String home;

  @BeforeAll
  static void start() throws Exception {
    HdfsProcesses.assumeHadoopRuns();
    data = ClusterData.make(folder);
    kdc = Kdc.start(folder.resolve("kdc"));
    SparkHome plain = SparkHome.ofBuild();
    spark = new SparkHome(plain.home(), plain.jvm() + " " + kdc.jvm());
    hdfs = kdc.startHdfs(1);
    conf = kdc.clientConf(hdfs);
    home = hdfs.uri() + "/" + Kdc.USER;
    shell("hdfs", "-D", "fs.permissions.umask-mode=077", "-mkdir", home);
    shell("hdfs", "-chown", Kdc.USER, home);
    shell(Kdc.USER, "-put", folder + "/in.zarr", folder + "/w.safetensors", home);
  }

  @AfterAll
  static void stop() throws Exception {
    if (hdfs != null) {
      hdfs.close();
    }
    if (kdc != null) {
      kdc.close();
    }
  }

  /** Runs a class of Hadoop as a user. */
  private static void hadoop(String user, String main, String... arguments) throws Exception {
    List<String> command = HdfsProcesses.command(List.of(kdc.jvm()), conf, main, arguments);
    Processes done = Processes.awaitEnd(as(user, Processes.builder(folder, command)));
    assertThat(done.code()).as(done.err()).isZero();
  }

  private static void shell(String user, String... arguments) throws Exception {
    hadoop(user, "fs.FsShell", arguments);
  }

  /** Gives a command the settings of the cluster and the ticket cache of a user. */
  private static ProcessBuilder as(String user, ProcessBuilder builder) {
    builder.environment().put("HADOOP_CONF_DIR", conf.toString());
    builder.environment().put("KRB5CCNAME", kdc.ticketCache(user).toString());
    return builder;
  }

  private static List<String> reduce(String output) {
    List<String> command = new ArrayList<>(data.reduce(home + "/in.zarr/data", output));
    command.set(command.indexOf("--weights") + 1, home + "/w.safetensors");
    return command;
  }

  private static void requireSame(String output) throws Exception {
    Path back = Files.createDirectories(folder.resolve("back"));
    shell(Kdc.USER, "-get", output, back.toString());
    String name = output.substring(output.lastIndexOf('/') + 1);
    assertThat(Folders.hashes(back.resolve(name), "features/c/")).isEqualTo(data.quick());
  }

  private static void requireOneLine(Processes refused, String... parts) {
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err().lines().filter(line -> line.startsWith("Cannot"))).hasSize(1);
    assertThat(refused.err()).contains(parts).doesNotContain("\tat ");
  }

  @Test
  void ticketCacheIsEnoughInOneProcess() throws Exception {
    String output = home + "/launcher.zarr";
    ProcessBuilder builder =
        Processes.pointwiseBuilder(folder, reduce(output).toArray(String[]::new));
    builder.environment().put("JAVA_OPTS", Processes.FAST_START + " " + kdc.jvm());
    Processes done = Processes.awaitEnd(as(Kdc.USER, builder));
    assertThat(done.code()).as(done.err()).isZero();
    requireSame(output);
    List<String> keytab = new ArrayList<>(List.of("--master", "local[2]"));
    keytab.addAll(List.of("--principal", Kdc.USER + "@" + Kdc.REALM));
    keytab.addAll(List.of("--keytab", kdc.keytab(Kdc.USER).toString()));
    builder = spark.submit(folder, keytab, List.of("verify", output, "--deep"));
    Processes verified = Processes.awaitEnd(as("nobody", builder));
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  /** Spark itself obtains no tokens on a standalone cluster. */
  @Tag("full")
  @Test
  void standaloneExecutorsNeedATokenFile() throws Exception {
    Path tokens = folder.resolve("tokens");
    hadoop(Kdc.USER, "hdfs.tools.DelegationTokenFetcher", "--renewer", Kdc.USER, tokens.toString());
    try (SparkHome.Cluster cluster = spark.start(folder, 1, 2)) {
      List<String> options = new ArrayList<>(List.of("--master", cluster.url()));
      options.addAll(List.of("--executor-memory", "600m"));
      options.addAll(List.of("--conf", "spark.executorEnv.HADOOP_CONF_DIR=" + conf));
      Processes refused =
          Processes.awaitEnd(
              as(Kdc.USER, spark.submit(folder, options, reduce(home + "/refused.zarr"))));
      requireOneLine(refused, "neither a ticket nor a delegation token");
      String output = home + "/standalone.zarr";
      options.addAll(List.of("--conf", "spark.executorEnv.HADOOP_TOKEN_FILE_LOCATION=" + tokens));
      Processes done =
          Processes.awaitEnd(as(Kdc.USER, spark.submit(folder, options, reduce(output))));
      assertThat(done.code()).as(done.err()).isZero();
      requireSame(output);
    }
  }

  /** Runs the page's commands; YARN's is run in one process. */
  @Tag("full")
  @Test
  void commandsOfThePageRun() throws Exception {
    List<String> blocks = PageBlocks.of("docs/kerberos.md", "bash");
    assertThat(blocks).hasSize(3);
    Path programs = folder.resolve("programs");
    Path cache = folder.resolve("page.ccache");
    PageBlocks.program(
        programs.resolve("kinit"),
        "exec " + PageBlocks.line(List.of("cp", kdc.ticketCache(Kdc.USER) + "", cache + "")));
    List<String> fetch =
        HdfsProcesses.command(List.of(kdc.jvm()), conf, "hdfs.tools.DelegationTokenFetcher");
    PageBlocks.program(
        programs.resolve("hdfs"), "shift; exec " + PageBlocks.line(fetch) + " \"$@\"");
    try (SparkHome.Cluster cluster = spark.start(folder, 1, 2)) {
      List<ProcessBuilder> commands =
          List.of(
              PageBlocks.shell(
                  folder, blocks.get(0), "/etc/hadoop/conf", conf + "", "hdfs://nn1", home),
              spark.placed(
                  folder,
                  blocks.get(1),
                  "yarn --deploy-mode cluster --executor-memory 4g",
                  "local[2]",
                  "pointwise@",
                  Kdc.USER + "@",
                  "/etc/security/pointwise.keytab",
                  kdc.keytab(Kdc.USER) + "",
                  "hdfs://nn2:8020",
                  hdfs.uri(),
                  "hdfs://nn1",
                  home,
                  "hdfs://nn2/",
                  home + "/second-"),
              spark.placed(
                  folder,
                  blocks.get(2),
                  "/shared",
                  folder + "",
                  "spark://host:7077",
                  cluster.url(),
                  "--executor-memory 4g",
                  "--executor-memory 600m",
                  "/etc/hadoop/conf",
                  conf + "",
                  "hdfs://nn1/out",
                  home + "/third-out",
                  "hdfs://nn1",
                  home));
      for (ProcessBuilder command : commands) {
        PageBlocks.addPrograms(command, programs);
        command.environment().put("HADOOP_CONF_DIR", conf.toString());
        command.environment().put("KRB5CCNAME", cache.toString());
        command.environment().put("JAVA_OPTS", Processes.FAST_START + " " + kdc.jvm());
        Processes done = Processes.awaitEnd(command);
        assertThat(done.code()).as("%s: %s", command.command(), done.err()).isZero();
      }
    }
    shell(Kdc.USER, "-ls", home + "/out.zarr", home + "/second-out.zarr", home + "/third-out.zarr");
  }

  @Test
  void missingTicketAndMissingSettingsAreReportedInOneLine() throws Exception {
    List<String> local = List.of("--master", "local[2]");
    List<String> inspect = List.of("inspect", home + "/in.zarr/data");
    requireOneLine(
        Processes.awaitEnd(as("nobody", spark.submit(folder, local, inspect))), "run kinit");
    requireOneLine(Processes.awaitEnd(spark.submit(folder, local, inspect)), "set HADOOP_CONF_DIR");
  }
}
