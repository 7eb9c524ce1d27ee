package org.pointwise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reduces repeatedly on a standalone cluster, on HDFS and on S3. Each round causes one fault of a
 * table, repeats the same command until it succeeds, and compares the shards with those of an
 * undisturbed run.
 */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = "Random faults against real processes; ends with 1 when any byte differs.")
public final class Chaos implements Callable<Integer> {
  @Option(names = "--minutes", paramLabel = "M", description = "How long (default: 30).")
  double minutes = 30;

  @Option(names = "--seed", paramLabel = "S", description = "Of the choice of faults (default: 1).")
  long seed = 1;

  private static final int MAX_RUNS = 12;

  /** The fault of a round. */
  private enum Trouble {
    EXECUTOR_KILLED,
    DRIVER_KILLED,
    DRIVER_INTERRUPTED,
    TWO_DRIVERS,
    SPECULATION,
    SHARDS_DAMAGED,
    APPEND_KILLED,
    DATA_NODE_KILLED,
    S3_FAULTS,
    S3_DRIVER_KILLED
  }

  private final Map<Trouble, Integer> occurrences = new EnumMap<>(Trouble.class);
  private Path folder = Path.of("");
  private Random random = new Random(0);
  private ClusterData data;
  private SparkHome.Cluster cluster;
  private S3Server s3;
  private FaultProxy proxy;
  private HdfsProcesses hdfs;
  private int commands;
  private long continued;
  private long recomputed;
  private int mismatches;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Chaos()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    System.setProperty("tests.seed", Long.toString(seed)); // also seeds the input
    random = new Random(seed);
    folder = Files.createTempDirectory("chaos");
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
    System.out.printf("Seed %d, %s minutes, in %s%n", seed, minutes, folder);
    data = ClusterData.make(folder);
    SparkHome spark = SparkHome.ofBuild().archived();
    cluster = spark.start(folder, 2, 1);
    s3 = S3Server.start(folder);
    proxy = new FaultProxy(s3.port(), random.nextLong());
    s3.upload(spark, folder, folder.resolve("in.zarr"));
    s3.upload(spark, folder, folder.resolve("w.safetensors"));
    hdfs = HdfsProcesses.start(folder, 3);
    try (FileSystem files = files()) {
      for (String name : List.of("in.zarr", "w.safetensors")) {
        files.copyFromLocalFile(path(folder.resolve(name).toString()), path("/data/" + name));
      }
    }
    long end = System.nanoTime() + (long) (minutes * 60e9);
    int round = 0;
    while (System.nanoTime() < end) {
      Trouble trouble = Trouble.values()[random.nextInt(Trouble.values().length)];
      long began = System.nanoTime();
      String output = "round" + round;
      int before = commands;
      boolean same = round(trouble, output);
      occurrences.merge(trouble, 1, Integer::sum);
      mismatches += same ? 0 : 1;
      System.out.printf(
          Locale.ROOT,
          "%4d  %-20s %d commands, %5.1f s  %s%n",
          round++,
          trouble,
          commands - before,
          (System.nanoTime() - began) / 1e9,
          same ? "same bytes" : "OTHER BYTES");
    }
    System.out.printf(
        "Seed %d: %d rounds, %d commands, faults survived %s, S3 requests that failed %s, %d shards computed by continuing runs, %d of them though they were whole, %d mismatches%n",
        seed, round, commands, occurrences, proxy.occurrences(), continued, recomputed, mismatches);
    return mismatches == 0 ? 0 : 1;
  }

  private void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (s3 != null) {
      s3.close();
    }
    if (hdfs != null) {
      hdfs.close();
    }
    try {
      Processes.run(Path.of("/tmp"), "rm", "-rf", folder.toString());
    } catch (Exception e) {
      System.err.println("Left behind: " + folder);
    }
  }

  private boolean round(Trouble trouble, String name) throws Exception {
    String output = folder.resolve(name + ".zarr").toString();
    switch (trouble) {
      case EXECUTOR_KILLED -> {
        Process driver = start(onCluster(data.slow(output)));
        data.awaitShards(output, 1 + random.nextInt(200), driver);
        List<ProcessHandle> executors = SparkHome.executors(folder);
        if (!executors.isEmpty()) {
          executors.get(random.nextInt(executors.size())).destroyForcibly();
        }
        driver.waitFor();
        return untilDone(onCluster(data.slow(output)), output, data.slow());
      }
      case DRIVER_KILLED, DRIVER_INTERRUPTED -> {
        Process driver = start(onCluster(data.slow(output)));
        data.awaitShards(output, 1 + random.nextInt(200), driver);
        kill(driver, trouble == Trouble.DRIVER_KILLED ? "-KILL" : "-INT");
        return untilDone(onCluster(data.slow(output)), output, data.slow());
      }
      case TWO_DRIVERS -> {
        Process one = start(onCluster(data.reduce(output), "--conf", "spark.cores.max=1"));
        Process two = start(onCluster(data.reduce(output), "--conf", "spark.cores.max=1"));
        one.waitFor();
        two.waitFor();
        return untilDone(onCluster(data.reduce(output)), output, data.quick());
      }
      case SPECULATION -> {
        ProcessBuilder builder =
            onCluster(
                data.slow(output),
                "--conf",
                "spark.speculation=true",
                "--conf",
                "spark.speculation.interval=50ms",
                "--conf",
                "spark.speculation.multiplier=1.01",
                "--conf",
                "spark.speculation.quantile=0.1");
        return untilDone(builder, output, data.slow());
      }
      case SHARDS_DAMAGED -> {
        untilDone(localProcess(data.reduce(output)), output, data.quick());
        damage(output);
        Cli found = Cli.run("verify", output, "--deep", "--delete-corrupt", "--quiet");
        if (found.code() != 4) {
          System.out.println("verify did not see the damage: " + found.out());
          return false;
        }
        return untilDone(localProcess(data.reduce(output)), output, data.quick());
      }
      case APPEND_KILLED -> {
        return append(name, output);
      }
      case DATA_NODE_KILLED -> {
        return onHdfs(name);
      }
      case S3_FAULTS, S3_DRIVER_KILLED -> {
        return onS3(name, trouble == Trouble.S3_DRIVER_KILLED);
      }
    }
    throw new IllegalStateException();
  }

  private Process start(ProcessBuilder builder) throws IOException {
    commands++;
    return builder.start();
  }

  private void kill(Process process, String signal) throws Exception {
    new ProcessBuilder("kill", signal, "" + process.pid()).start().waitFor();
    process.waitFor();
    SparkHome.awaitNoExecutors(folder);
  }

  private ProcessBuilder onCluster(List<String> arguments, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--master", cluster.url()));
    all.addAll(List.of("--executor-memory", "600m", "--driver-memory", "600m"));
    all.addAll(Arrays.asList(options));
    return cluster.spark().submit(folder, all, arguments);
  }

  private ProcessBuilder localProcess(List<String> arguments, String... options)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("--master", "local[2,6]"));
    all.addAll(Arrays.asList(options));
    return cluster.spark().submit(folder, all, arguments);
  }

  /** Repeats the same command until it succeeds. */
  private JsonNode repeat(ProcessBuilder builder) throws Exception {
    builder.command().add("--json");
    for (int run = 0; run < MAX_RUNS; run++) {
      commands++;
      Processes done = Processes.awaitEnd(builder);
      if (done.code() == 0) {
        return JsonText.parse(
            done.out().getBytes(java.nio.charset.StandardCharsets.UTF_8), "report");
      }
      if (done.code() != 4 && done.code() != 3) {
        System.out.println("Exit " + done.code() + ": " + done.err());
      }
    }
    throw new IllegalStateException("It does not end well: " + builder.command());
  }

  private boolean untilDone(ProcessBuilder builder, String output, Map<String, String> expected)
      throws Exception {
    Path shards = Path.of(output, "features");
    int stored = Files.exists(shards) ? ClusterData.shards(output).size() : 0;
    JsonNode report = repeat(builder);
    if (stored > 0) {
      long written = report.path("shardsWritten").asLong();
      continued += written;
      recomputed += Math.max(0, written - (expected.size() - stored));
    }
    return ClusterData.shards(output).equals(expected)
        && Cli.run("verify", output, "--deep", "--quiet").code() == 0;
  }

  /** Truncates, alters, replaces or deletes some shards. */
  private void damage(String output) throws Exception {
    List<String> keys = new ArrayList<>(data.quick().keySet());
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      Path shard = Path.of(output).resolve(keys.get(random.nextInt(keys.size())));
      if (!Files.exists(shard)) {
        continue;
      }
      byte[] bytes = Files.readAllBytes(shard);
      switch (random.nextInt(4)) {
        case 0 -> Files.delete(shard);
        case 1 -> Files.write(shard, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        case 2 -> {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          Files.write(shard, bytes);
        }
        default -> {
          Path other = Path.of(output).resolve(keys.get(random.nextInt(keys.size())));
          if (Files.exists(other) && !other.equals(shard)) {
            Files.write(shard, Files.readAllBytes(other));
          } else {
            Files.delete(shard);
          }
        }
      }
    }
  }

  /** Grows an input to its full size and kills the driver while the appended images are reduced. */
  private boolean append(String name, String output) throws Exception {
    String input = data.grown(folder.resolve(name + "-in.zarr"), 1 + random.nextInt(6));
    List<String> command = new ArrayList<>(data.slow(output));
    command.set(1, input);
    command.add("--append");
    repeat(localProcess(command));
    data.grown(folder.resolve(name + "-in.zarr"), 8);
    int stored = ClusterData.shards(output).size();
    Process driver = start(onCluster(command));
    data.awaitShards(output, stored + 1 + random.nextInt(50), driver);
    kill(driver, "-KILL");
    return untilDone(onCluster(command), output, data.slow());
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  private FileSystem files() throws IOException {
    return FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration());
  }

  private static int stored(FileSystem files, org.apache.hadoop.fs.Path output) throws IOException {
    int count = 0;
    try {
      for (var found = files.listFiles(output, true); found.hasNext(); found.next()) {
        count++;
      }
    } catch (java.io.FileNotFoundException e) {
      return 0; // being renamed, or not yet stored
    }
    return count;
  }

  private static int shards(Path output) {
    try {
      return Folders.hashes(output, "features/c/").size();
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0; // being renamed
    }
  }

  private boolean onHdfs(String name) throws Exception {
    String output = hdfs.uri() + "/data/" + name + ".zarr";
    List<String> command = data.reduce(hdfs.uri() + "/data/in.zarr/data", output);
    String[] options = HdfsProcesses.options().toArray(String[]::new);
    Process driver = start(localProcess(command, options));
    int min = 1 + random.nextInt(20);
    try (FileSystem files = files()) {
      Await.until(
          min + " shards on HDFS",
          () -> !driver.isAlive() || stored(files, path("/data/" + name + ".zarr")) >= min);
    }
    hdfs.restart(folder, random.nextInt(3));
    driver.waitFor();
    repeat(localProcess(command, options));
    Path back = Files.createDirectories(folder.resolve(name));
    try (FileSystem files = files()) {
      files.copyToLocalFile(true, path("/data/" + name + ".zarr"), path(back.toString()), true);
    }
    return Folders.hashes(back.resolve(name + ".zarr"), "features/c/").equals(data.quick());
  }

  private boolean onS3(String name, boolean killed) throws Exception {
    String output = "s3a://data/" + name + ".zarr";
    List<String> command = data.reduce("s3a://data/in.zarr/data", output);
    proxy.set(0.002 + 0.04 * random.nextDouble());
    String[] options = S3Server.options(proxy.port(), S3Server.SECRET).toArray(String[]::new);
    if (killed) {
      Process driver = start(localProcess(command, options));
      Path stored = s3.buckets().resolve("data/" + name + ".zarr");
      int min = 1 + random.nextInt(20);
      Await.until(
          min + " shards on S3",
          () -> !driver.isAlive() || (Files.exists(stored) && shards(stored) >= min));
      kill(driver, "-KILL");
    }
    repeat(localProcess(command, options));
    proxy.set(0);
    Path stored = s3.buckets().resolve("data/" + name + ".zarr");
    return Folders.hashes(stored, "features/c/").equals(data.quick());
  }
}
