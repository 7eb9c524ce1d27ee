package org.pointwise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A Spark distribution set up by {@code scripts/spark-home}, and its standalone clusters and
 * submissions, each in its own process.
 *
 * @param jvm options of the JVMs
 */
public record SparkHome(Path home, String jvm) {
  /** The property with the versions of Python packages to test. */
  static final String DISTRIBUTIONS = "tests.distributions";

  private static final String WHOLE = "--pyspark";

  /** The version that this build is compiled for. */
  static final String BUILD = org.apache.spark.package$.MODULE$.SPARK_VERSION();

  /**
   * Sets the distribution of a Python package up beneath {@code jobs/target} if it is missing.
   * Where the package cannot be installed, skips the test with the reason, unless {@link
   * #DISTRIBUTIONS} is set.
   */
  static SparkHome whole(String version) throws Exception {
    return of(version, WHOLE);
  }

  /** Sets the Spark of this build up with S3A. */
  public static SparkHome ofBuild() throws Exception {
    return of(BUILD, "--s3a");
  }

  /**
   * Sets the distribution up beneath {@code jobs/target} if it is missing. Skips the test if that
   * Spark does not run on this Java: in Spark before 4.1, a {@code SparkContext} needs {@code
   * Subject.getSubject}, which Java 24 refuses.
   */
  public static SparkHome of(String version, String... options) throws Exception {
    Assumptions.assumeFalse(
        Runtime.version().feature() >= 24 && version.matches("3\\..*|4\\.0\\..*"),
        "Skipped: Spark " + version + " does not run on Java 24 and later");
    Path home = Processes.root().resolve("jobs/target/spark-" + version + String.join("", options));
    Processes.once(
        home.resolve("complete"),
        () -> {
          List<String> command = new ArrayList<>();
          command.add(Processes.root().resolve("scripts/spark-home").toString());
          command.addAll(List.of(home.toString(), "--spark", version));
          command.addAll(Arrays.asList(options));
          Processes done = Processes.run(home, command.toArray(String[]::new));
          Assumptions.assumeFalse(
              command.contains(WHOLE)
                  && done.code() == 3
                  && System.getProperty(DISTRIBUTIONS) == null,
              () -> "Skipped: " + done.err());
          return done;
        });
    Files.createDirectories(home.resolve(EMPTY_CONF));
    // Keeps the usual logging, although the class path has no folder of settings.
    String quick =
        "%s -Dlog4j2.configurationFile=%s"
            .formatted(Processes.FAST_START, home.resolve("conf/log4j2.properties").toUri());
    return new SparkHome(home, quick);
  }

  /** The same distribution for many JVMs, which start faster. */
  SparkHome archived() throws Exception {
    String archive =
        ClassArchive.options(
            home.resolve("archive"),
            (command, options, folder) ->
                submit(
                    folder,
                    List.of("--master", "local[2]", "--driver-java-options", options),
                    command));
    return new SparkHome(home, jvm + " " + archive);
  }

  /** The same distribution as users have it: without a configuration of the log. */
  SparkHome withoutLogging() {
    return new SparkHome(home, jvm.replaceAll("-Dlog4j2\\.configurationFile=\\S+", ""));
  }

  /** The same distribution for data large enough for the second compiler. */
  SparkHome computing() {
    return new SparkHome(home, jvm.replace(Processes.FAST_START, ""));
  }

  /** Returns the version of one of its libraries. */
  String versionOf(String library) throws IOException {
    try (Stream<Path> jars = Files.list(home.resolve("jars"))) {
      return jars.map(jar -> jar.getFileName().toString())
          .filter(name -> name.startsWith(library + "-"))
          .map(name -> name.substring(library.length() + 1, name.length() - ".jar".length()))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Returns an unused port. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** An empty folder, because a JVM with a non-empty folder on the class path uses no archive. */
  private static final String EMPTY_CONF = "no-conf";

  private ProcessBuilder with(ProcessBuilder builder) {
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_CONF_DIR", home.resolve(EMPTY_CONF).toString());
    builder.environment().put("SPARK_SUBMIT_OPTS", jvm);
    builder.environment().put("SPARK_DAEMON_JAVA_OPTS", jvm);
    return builder;
  }

  /** Runs {@code scripts/submit OPTIONS -- ARGUMENTS}. */
  public ProcessBuilder submit(Path folder, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Processes.root().resolve("scripts/submit").toString());
    command.addAll(List.of("--conf", "spark.executor.extraJavaOptions=" + jvm));
    command.addAll(List.of("--conf", "spark.ui.enabled=false"));
    command.addAll(options);
    command.add("--");
    command.addAll(arguments);
    return with(Processes.builder(folder, command));
  }

  /**
   * Returns a shell that runs a block of a page with this distribution.
   *
   * @param replacements as for {@link PageBlocks#shell}
   */
  ProcessBuilder placed(Path folder, String block, String... replacements) throws IOException {
    List<String> all = new ArrayList<>(List.of(replacements));
    String options = "--conf 'spark.executor.extraJavaOptions=%s' --conf spark.ui.enabled=false";
    all.addAll(List.of("scripts/submit", "scripts/submit " + options.formatted(jvm)));
    if (block.contains("/opt/spark")) {
      all.addAll(List.of("/opt/spark", home.toString()));
    }
    return with(PageBlocks.shell(folder, block, all.toArray(String[]::new)));
  }

  private Process daemon(Path folder, String... arguments) throws IOException {
    return daemon(folder, List.of(), arguments);
  }

  private Process daemon(Path folder, List<String> prefix, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(home.resolve("bin/spark-class").toString());
    command.addAll(List.of(arguments));
    return with(Processes.builder(folder, command)).start();
  }

  /** Runs {@code scripts/pointwise} with this distribution as SPARK_HOME. */
  ProcessBuilder pointwise(Path folder, List<String> arguments) throws Exception {
    ProcessBuilder builder =
        with(Processes.pointwiseBuilder(folder, arguments.toArray(String[]::new)));
    builder.environment().put("JAVA_OPTS", jvm);
    return builder;
  }

  /** Starts a master and its workers. */
  Cluster start(Path folder, int workers, int cores) throws Exception {
    return start(folder, workers, cores, List.of());
  }

  /**
   * Starts a master and its workers.
   *
   * @param prefix a command that starts each worker's command, for example with its own mounts
   */
  Cluster start(Path folder, int workers, int cores, List<String> prefix) throws Exception {
    int port = freePort();
    int page = freePort();
    List<Process> daemons = new ArrayList<>();
    daemons.add(
        daemon(
            folder,
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            "" + port,
            "--webui-port",
            "" + page));
    String url = "spark://127.0.0.1:" + port;
    for (int i = 0; i < workers; i++) {
      daemons.add(
          daemon(
              folder,
              prefix,
              "org.apache.spark.deploy.worker.Worker",
              "--host",
              "127.0.0.1",
              "--port",
              "" + freePort(),
              "--webui-port",
              "" + freePort(),
              "--cores",
              "" + cores,
              "--memory",
              "2g",
              "--work-dir",
              folder.resolve("work" + i).toString(),
              url));
    }
    Cluster cluster = new Cluster(this, url, page, daemons);
    cluster.await("\"aliveworkers\" : " + workers);
    return cluster;
  }

  /** A cluster whose processes end with the test. */
  record Cluster(SparkHome spark, String url, int page, List<Process> daemons)
      implements AutoCloseable {
    /** Returns the master's state. */
    String state() throws IOException {
      try (InputStream in =
          URI.create("http://127.0.0.1:" + page + "/json/").toURL().openStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    }

    /** Waits until the master's state contains a text. */
    void await(String text) throws Exception {
      Await.until(
          "log of the cluster: " + text,
          () -> {
            try {
              return state().contains(text);
            } catch (IOException e) {
              return false; // not started yet
            }
          });
    }

    @Override
    public void close() {
      daemons.forEach(Process::destroyForcibly);
    }
  }

  /** Returns the executors of the clusters started in {@code folder}. */
  static List<ProcessHandle> executors(Path folder) {
    return ProcessHandle.allProcesses()
        .filter(handle -> commandLine(handle).contains("CoarseGrainedExecutorBackend"))
        .filter(handle -> workingFolder(handle).startsWith(folder))
        .toList();
  }

  /** Waits until no executors are left. They finish their current shard. */
  static void awaitNoExecutors(Path folder) throws Exception {
    Await.until("no executor in " + folder, () -> executors(folder).isEmpty());
  }

  private static String commandLine(ProcessHandle handle) {
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc", "" + handle.pid(), "cmdline"));
      return new String(line, StandardCharsets.UTF_8).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }

  private static Path workingFolder(ProcessHandle handle) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", "" + handle.pid(), "cwd"));
    } catch (IOException e) {
      return Path.of("/");
    }
  }
}
