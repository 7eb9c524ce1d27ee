package org.pointwise.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Replaces, continues and appends to outputs while processes are killed, unsynced files are lost,
 * inputs are rewritten and other runs write to the same output. After every stop, an output that
 * verify reports as whole must hold the values of the state before or after the command. At the
 * end, it must hold those after the command.
 */
@Command(
    name = "chaos-outputs",
    mixinStandardHelpOptions = true,
    description = "Random stops of whole commands; ends with 1 when a number is lost or wrong.")
public final class OutputChaos implements Callable<Integer> {
  @Option(names = "--minutes", paramLabel = "M", description = "How long (default: 30).")
  double minutes = 30;

  @Option(names = "--seed", paramLabel = "S", description = "Of all choices (default: 1).")
  long seed = 1;

  private static final Extent CHUNK = new Extent(1, 16, 16);
  private static final Extent OBJECT = new Extent(1, 32, 32);
  private static final int CHANNELS = 24;
  private static final int MAX_RUNS = 12;

  /** The action of a step. */
  private enum Action {
    CONTINUE,
    OVERWRITE,
    OVERWRITE_NOW,
    APPEND,
    REWRITTEN_INPUT
  }

  /** The fault of a step. */
  private enum Fault {
    NOTHING,
    DRIVER_KILLED,
    EXECUTOR_KILLED,
    POWER_LOST,
    INTERRUPTED,
    RIVAL
  }

  private final Map<Action, Integer> actions = new EnumMap<>(Action.class);
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private Random random = new Random(0);
  private Path folder = Path.of("");
  private Path input = Path.of("");
  private Path output = Path.of("");
  private float[][] images = {};
  private String layer = "a";
  private SparkHome.Cluster cluster;
  private int commands;
  private int completeBefore;
  private int wrong;

  public static void main(String[] args) {
    System.exit(new CommandLine(new OutputChaos()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    random = new Random(seed);
    folder = Files.createTempDirectory("chaos-outputs");
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
    System.out.printf("Seed %d, %s minutes, in %s%n", seed, minutes, folder);
    for (String name : List.of("a", "b")) {
      float[] weights = new float[CHANNELS * 20];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      PointwiseLayer made = PointwiseLayer.of(weights, new float[20], Activation.RELU);
      WeightsWriter.write(ByteStores.LOCAL, folder + "/" + name + ".safetensors", made, Map.of());
    }
    cluster = SparkHome.ofBuild().archived().start(folder, 2, 1);
    long end = System.nanoTime() + (long) (minutes * 60e9);
    int steps = 0;
    for (int round = 0; System.nanoTime() < end; round++) {
      begin(round);
      for (int step = 0; step < 6 && System.nanoTime() < end; step++, steps++) {
        step(round);
      }
    }
    System.out.printf(
        "Seed %d: %d steps, %d commands, %s, %s; %d outputs whole right after a stop; %d wrong%n",
        seed, steps, commands, actions, faults, completeBefore, wrong);
    return wrong == 0 ? 0 : 1;
  }

  private void stop() {
    if (cluster != null) {
      cluster.close();
    }
    try {
      Processes.run(Path.of("/tmp"), "rm", "-rf", folder.toString());
    } catch (Exception e) {
      System.err.println("Left behind: " + folder);
    }
  }

  private void begin(int round) throws Exception {
    input = folder.resolve("in%d.zarr".formatted(round));
    output = folder.resolve("out%d.zarr".formatted(round));
    layer = "a";
    images = new float[3 + random.nextInt(3)][];
    for (int i = 0; i < images.length; i++) {
      images[i] = image();
    }
    write();
    finish(command("--append"), "first");
  }

  private float[] image() {
    float[] values = new float[64 * 64 * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Stores the images; unchanged ones keep their times. */
  private void write() throws Exception {
    Folders.Snapshot before = new Folders.Snapshot(input);
    float[] all = new float[images.length * images[0].length];
    for (int i = 0; i < images.length; i++) {
      System.arraycopy(images[i], 0, all, i * images[0].length, images[0].length);
    }
    FeatureShape shape = new FeatureShape(images.length, 64, 64, CHANNELS);
    new Arrays4(shape, all).zarr(input.toString(), 3, "n,y,x,c", CHUNK, OBJECT);
    before.restoreTimes();
  }

  private List<String> command(String... more) {
    List<String> command = new ArrayList<>(List.of("reduce", input + "/data", output.toString()));
    command.addAll(List.of("--weights", folder + "/" + layer + ".safetensors"));
    command.addAll(
        List.of(
            "--shard-size",
            "0.02MiB",
            "--compressor",
            "gzip",
            "--compression-level",
            "9",
            "--quiet"));
    command.addAll(Arrays.asList(more));
    return command;
  }

  private void step(int round) throws Exception {
    Action action = Action.values()[random.nextInt(Action.values().length)];
    Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
    float[] before = stored(output);
    switch (action) {
      case APPEND -> {
        images = Arrays.copyOf(images, images.length + 1);
        images[images.length - 1] = image();
        write();
      }
      case OVERWRITE, OVERWRITE_NOW -> layer = layer.equals("a") ? "b" : "a";
      case REWRITTEN_INPUT -> {
        images[random.nextInt(images.length)] = image();
        write();
        expect(3, exitCode(command(), false), "an input that was rewritten");
      }
      case CONTINUE -> damage();
    }
    List<String> command =
        command(
            switch (action) {
              case APPEND -> "--append";
              case OVERWRITE, REWRITTEN_INPUT -> "--overwrite";
              case OVERWRITE_NOW -> "--overwrite=now";
              case CONTINUE -> "--no-sync";
            });
    float[] after = undisturbed();
    runWithFault(fault, command);
    if (Cli.run("verify", output.toString(), "--deep", "--quiet").code() == 0) {
      completeBefore++;
      float[] now = stored(output);
      if (!Arrays.equals(now, before) && !Arrays.equals(now, after)) {
        report(round, action, fault, "verify calls it whole, and it is neither old nor new");
      }
    }
    if (fault == Fault.POWER_LOST) { // an append does not check the objects that it keeps
      Cli.run("verify", output.toString(), "--deep", "--delete-corrupt", "--quiet");
    }
    if (action == Action.OVERWRITE_NOW) {
      command = command(); // the command that continues must not delete the stored shards
      if (!Files.exists(output)) {
        command = command("--overwrite=now");
      }
    }
    finish(command, action + " after " + fault);
    if (!Arrays.equals(stored(output), after)) {
      report(round, action, fault, "other numbers than those of an undisturbed run");
    }
    expect(0, Cli.run("verify", output.toString(), "--deep", "--quiet").code(), "verify");
    actions.merge(action, 1, Integer::sum);
    faults.merge(fault, 1, Integer::sum);
    System.out.printf(Locale.ROOT, "%4d  %-16s %-16s%n", round, action, fault);
  }

  private void report(int round, Action action, Fault fault, String description) {
    wrong++;
    System.out.printf("%4d  %s, %s: %s%n", round, action, fault, description);
  }

  private void expect(int code, int found, String description) {
    if (code != found) {
      wrong++;
      System.out.printf("      %s: exit code %d instead of %d%n", description, found, code);
    }
  }

  /** Returns the values that readers see, or null without a readable output. */
  private static float[] stored(Path output) throws Exception {
    return Files.exists(output.resolve("features/zarr.json"))
        ? Reductions.read(Reductions.open(output + "/features"))
        : null;
  }

  private float[] undisturbed() throws Exception {
    Path fresh = folder.resolve("fresh.zarr");
    List<String> local = new ArrayList<>(command("--runner", "local", "--overwrite=now"));
    local.set(2, fresh.toString());
    Cli done = Cli.run(local.toArray(String[]::new));
    if (done.code() != 0) {
      throw new IllegalStateException(done.err());
    }
    return stored(fresh);
  }

  /** Deletes some shards and empties others, like a failing disk. */
  private void damage() throws Exception {
    for (Path shard : shards(output)) {
      switch (random.nextInt(4)) {
        case 0 -> Files.delete(shard);
        case 1 -> Files.write(shard, new byte[0]);
        default -> {}
      }
    }
  }

  private static List<Path> shards(Path output) throws Exception {
    Path folder = output.resolve("features/c");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Returns a process for the command, on the cluster or on threads. */
  private ProcessBuilder builder(List<String> command, boolean submits) throws Exception {
    commands++;
    List<String> whole = new ArrayList<>(command);
    whole.addAll(List.of("--log-level", "debug"));
    if (submits) {
      List<String> options = List.of("--master", cluster.url(), "--executor-memory", "600m");
      return cluster.spark().submit(folder, options, whole);
    }
    whole.addAll(List.of("--runner", "local", "--threads", "2"));
    return Processes.pointwiseBuilder(folder, whole.toArray(String[]::new));
  }

  private int exitCode(List<String> command, boolean submits) throws Exception {
    return Processes.awaitEnd(builder(command, submits)).code();
  }

  /** Repeats the command until it succeeds. */
  private void finish(List<String> command, String description) throws Exception {
    for (int run = 0; run < MAX_RUNS; run++) {
      Processes done = Processes.awaitEnd(builder(command, random.nextInt(4) == 0));
      if (done.code() == 0) {
        return;
      }
      if (done.code() != 4) {
        expect(0, done.code(), description + ": " + done.err().lines().reduce("", (a, b) -> b));
        return;
      }
    }
    expect(0, 4, description + ", " + MAX_RUNS + " times");
  }

  private void runWithFault(Fault fault, List<String> given) throws Exception {
    List<String> command = new ArrayList<>(given);
    if (fault == Fault.POWER_LOST && !command.contains("--no-sync")) {
      command.add("--no-sync");
    }
    boolean submits = fault == Fault.EXECUTOR_KILLED || random.nextInt(4) == 0;
    FileTime began = FileTime.fromMillis(System.currentTimeMillis());
    ProcessBuilder builder = builder(command, submits);
    Process running = builder.start();
    if (fault == Fault.NOTHING) {
      running.waitFor();
      return;
    }
    awaitAny(running, began, 1 + random.nextInt(60));
    switch (fault) {
      case EXECUTOR_KILLED -> SparkHome.executors(folder).forEach(ProcessHandle::destroyForcibly);
      case INTERRUPTED -> running.destroy();
      case RIVAL -> {
        List<String> rival =
            new ArrayList<>(command(random.nextBoolean() ? "--overwrite" : "--append"));
        String other = folder + "/" + (layer.equals("a") ? "b" : "a") + ".safetensors";
        rival.set(rival.indexOf("--weights") + 1, other);
        boolean completed = running.isAlive();
        int code = exitCode(rival, false);
        if (completed && running.isAlive()) {
          expect(3, code, "a rival of a living run");
        } else if (code == 0) {
          exitCode(command("--overwrite"), false); // overwrites the output of the rival
        }
      }
      default -> running.destroyForcibly();
    }
    running.waitFor();
    SparkHome.awaitNoExecutors(folder);
    if (fault == Fault.POWER_LOST) {
      for (Path shard : written(began)) {
        if (random.nextInt(3) == 0) {
          Files.write(shard, new byte[0]);
        }
      }
    }
  }

  /** Returns the shards stored since then, in the output or in its replacement. */
  private List<Path> written(FileTime began) throws Exception {
    List<Path> found = new ArrayList<>();
    for (Path place : List.of(output, Path.of(output + ".pointwise", "replacement"))) {
      for (Path shard : shards(place)) {
        if (Files.getLastModifiedTime(shard).compareTo(began) >= 0) {
          found.add(shard);
        }
      }
    }
    return found;
  }

  /** Waits until some shards are stored or the process has ended. */
  private void awaitAny(Process running, FileTime began, int min) throws Exception {
    Await.until(
        min + " shards",
        () -> {
          try {
            return !running.isAlive() || written(began).size() >= min;
          } catch (java.io.IOException | java.io.UncheckedIOException e) {
            return false; // being renamed
          }
        });
  }
}
