package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.WeightsWriter;

/** Tests the launcher and whole processes, as a new user runs them. */
class LauncherIT {
  @TempDir Path folder;

  /** The folder in which {@link #demo} ran. */
  @TempDir static Path home;

  private static Processes demo;

  /** Runs the demo like a new user, once for all tests. */
  private static synchronized Processes demo() throws Exception {
    if (demo == null) {
      demo = Processes.run(home, Processes.launcher(), "demo");
    }
    assertThat(demo.code()).as(demo.err()).isZero();
    return demo;
  }

  @Test
  void demoCompletes() throws Exception {
    Processes demo = demo();
    assertThat(demo.out())
        .contains("a pixel of 768 channels")
        .contains("Whole")
        .containsPattern("768 → 16 +dct16 +[0-9.]+ kB +[0-9.]+× +3[0-9]\\.[0-9]+ dB")
        .containsPattern("768 → 16 +pca16 +[0-9.]+ kB +[0-9.]+× +3[0-9]\\.[0-9]+ dB")
        .containsPattern("768 → 64 +dct64 +[0-9.]+ MB +[0-9.]+× +3[0-9]\\.[0-9]+ dB")
        .containsPattern("768 → 64 +pca64 +[0-9.]+ MB +[0-9.]+× +[34][0-9]\\.[0-9]+ dB")
        .contains("Try next:");
    BufferedImage sheet = ImageIO.read(home.resolve("demo/pictures.png").toFile());
    assertThat(sheet.getWidth()).isEqualTo(5 * 1024 + 4 * 8);
    int labels = 1024 / 12;
    assertThat(sheet.getHeight()).isEqualTo(labels + 4 * 640 + 24);
    boolean labelled = false;
    for (int x = 0; x < 1024; x++) {
      labelled |= sheet.getRGB(x, labels / 2) != 0xff000000;
    }
    assertThat(labelled).isTrue();
    // The original and the reconstruction, side by side, are similar and show a picture.
    int similar = 0;
    java.util.Set<Integer> colours = new java.util.HashSet<>();
    for (int i = 0; i < 640; i++) {
      int original = sheet.getRGB(i, labels + i);
      int back = sheet.getRGB(1032 + i, labels + i);
      colours.add(original);
      similar += Math.abs((original >> 8 & 255) - (back >> 8 & 255)) < 12 ? 1 : 0;
    }
    assertThat(similar).isGreaterThan(600);
    assertThat(colours).hasSizeGreaterThan(100);
  }

  @Test
  @Tag("full")
  void demoAcceptsOwnPicture() throws Exception {
    File picture = SharedData.path("images/scikit-image/astronaut.png").toFile();
    Processes demo =
        Processes.awaitEnd(
            Processes.computeBuilder(
                folder,
                List.of(
                    Processes.launcher(), "demo", "--image", picture.toString(), "--dir", "mine")));
    assertThat(demo.code()).as(demo.err()).isZero();
    assertThat(ImageIO.read(folder.resolve("mine/pictures.png").toFile()).getWidth())
        .isEqualTo(5 * 512 + 4 * 8);
    Processes missing = Processes.pointwise(folder, "demo", "--image", "none.png");
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).contains("Cannot read picture none.png");
  }

  /** Runs the commands in the demo's last lines; python3 is an interpreter with the peers. */
  @Tag("full")
  @Test
  void everyCommandPrintedByDemoRuns() throws Exception {
    String python = Processes.python(folder);
    Path picture = SharedData.path("images/scikit-image/astronaut.png");
    List<String> commands =
        demo().out().lines().dropWhile(line -> !line.equals("Try next:")).skip(1).toList();
    assertThat(commands).hasSizeGreaterThan(4);
    for (String printed : commands) {
      String command =
          printed
              .strip()
              .replace("python3 ", python + " ")
              .replace("scripts/pointwise ", Processes.root() + "/scripts/pointwise ")
              .replace("YOUR_PICTURE.jpg", picture.toString());
      List<String> shell = List.of("bash", "-euo", "pipefail", "-c", command);
      Processes done = Processes.awaitEnd(Processes.computeBuilder(home, shell));
      assertThat(done.code()).as("%s: %s", printed, done.err()).isZero();
    }
  }

  /** Runs the examples for schedulers as a scheduler does, on a folder that gains an image. */
  @Test
  @Tag("full")
  void nightlyScriptAppendsVerifiesAndEvaluatesNewImages() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("nights"), new FeatureShape(3, 32, 32, 8));
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path input = Files.createDirectories(folder.resolve("in"));
    Files.copy(made.resolve("image01.npy"), input.resolve("b.npy"));
    Files.copy(made.resolve("image02.npy"), input.resolve("c.npy"));
    String layer = folder + "/w.safetensors";
    String[] fit = {"fit", input + "", layer, "--axes", "y,x,c", "--channels", "6"};
    Cli fitted = Commands.run("", List.of(fit), "--test-size", "0.5", "--runner", "local");
    assertThat(fitted.code()).as(fitted.err()).isZero();
    List<String> night =
        List.of(
            Processes.root().resolve("conf/schedulers/nightly.sh").toString(),
            input.toString(),
            "n.zarr",
            layer,
            "--",
            "--axes",
            "y,x,c",
            "--dtype=float16",
            "--runner",
            "local");
    ProcessBuilder lenient = Processes.computeBuilder(folder, night);
    lenient.environment().put("MIN_VARIANCE", "0.1");
    Processes first = Processes.awaitEnd(lenient);
    assertThat(first.code()).as(first.err() + first.out()).isZero();
    assertThat(first.out()).contains("Whole", "1 written");
    assertThat(folder.resolve("n.zarr/features/zarr.json")).content().contains("\"float16\"");

    Files.copy(made.resolve("image00.npy"), input.resolve("a.npy")); // not the last in the folder
    ProcessBuilder strict = Processes.computeBuilder(folder, night);
    strict.environment().put("MIN_VARIANCE", "0.9999");
    Processes second = Processes.awaitEnd(strict);
    assertThat(second.code()).as(second.err() + second.out()).isEqualTo(5);
    assertThat(second.out()).contains("Whole", "on 1024 pixels of 1 of 1 hold-out block");
    assertThat(folder.resolve("n.zarr.pointwise/new-images.txt")).hasContent("a.npy");
    byte[] measured = Files.readAllBytes(folder.resolve("w.report.json"));
    assertThat(JsonText.parse(measured, "report").at("/data/images").asInt()).isEqualTo(1);
    assertThat(folder.resolve("n.zarr.pointwise/report.prom"))
        .content()
        .contains("# TYPE pointwise_shards gauge")
        .containsPattern("pointwise_shards\\{output=\"[^\"]*/n.zarr\",state=\"written\"} 1\n")
        .containsPattern("pointwise_completed_timestamp_seconds\\{output=[^}]*} 1\\.[0-9]+E9\n");
  }

  @Test
  void missingProgramsOfTheEnvironmentAreNamed() throws Exception {
    String scripts = Processes.root() + "/scripts/";
    for (List<String> command :
        List.of(
            List.of("env", "JAVA_HOME=/nowhere", scripts + "pointwise", "--version"),
            List.of("env", "SPARK_HOME=/nowhere", scripts + "pointwise", "--version"),
            List.of("env", "SPARK_HOME=/nowhere", scripts + "submit", "--", "inspect", "x"))) {
      Processes refused = Processes.awaitEnd(Processes.builder(folder, command));
      assertThat(refused.code()).as("%s: %s", command, refused.err()).isEqualTo(3);
      String name = command.get(1).substring(0, command.get(1).indexOf('='));
      assertThat(refused.err().lines()).singleElement().asString().contains("/nowhere", name);
    }
  }

  @Test
  void wrongCommandLineEndsWithCode2() throws Exception {
    assertThat(Processes.pointwise(folder, "reduce", "only-one").code()).isEqualTo(2);
    assertThat(Processes.pointwise(folder, "reduse").code()).isEqualTo(2);
    assertThat(Processes.pointwise(folder, "--help").code()).isZero();
  }

  /** Returns a command in the account of another user, who has no home. */
  private static List<String> asOther(String... command) {
    List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534"));
    all.addAll(List.of("--clear-groups", "env", "HOME=/nonexistent", "USER=nobody"));
    all.addAll(List.of(command));
    return all;
  }

  private void requireOther(Path readable) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Processes other = Processes.run(folder, array(asOther("test", "-r", readable.toString())));
    Assumptions.assumeTrue(
        other.code() == 0,
        "Skipped: no right to be a second user, or none of that user to read " + readable);
  }

  private static String[] array(List<String> command) {
    return command.toArray(String[]::new);
  }

  /** Another user can neither read the home of the one who built nor write the checkout. */
  @Test
  void otherUserRunsWhatIsBuilt() throws Exception {
    Path target = Processes.root().resolve("jobs/target");
    requireOther(target.resolve("pointwise.jar"));
    Processes guard = Processes.run(folder, array(asOther("test", "-w", target.toString())));
    Assumptions.assumeTrue(guard.code() == 1, "Skipped: every user may write " + target);
    String output = folder + "/theirs.zarr";
    List<String> command = new ArrayList<>(List.of(Processes.launcher()));
    command.addAll(List.of(large(output)));
    ProcessBuilder builder = Processes.builder(folder, asOther(array(command)));
    builder.environment().put("JAVA_OPTS", Processes.FAST_START + " " + Processes.archiveOptions());
    Processes done = Processes.awaitEnd(builder);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(Files.getOwner(Path.of(output)).getName()).isEqualTo("nobody");
    assertThat(Cli.run("verify", output).code()).isZero();

    Path closed = Files.createDirectories(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
    command.set(command.indexOf(output), closed + "/theirs.zarr");
    builder.command(asOther(array(command)));
    Processes refused = Processes.awaitEnd(builder);
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err())
        .contains("Cannot write to " + closed, "access is denied (", "; check your rights");
  }

  /** A copy of the launcher whose sources are newer than its build. */
  @Test
  void otherUserWhoCannotBuildGetsOneLine() throws Exception {
    Path scripts = Files.createDirectories(folder.resolve("checkout/scripts"));
    Path launcher = Files.copy(Path.of(Processes.launcher()), scripts.resolve("pointwise"));
    Files.createDirectories(folder.resolve("checkout/core/target"));
    Files.createDirectories(folder.resolve("checkout/jobs/target"));
    requireOther(launcher);
    Processes done = Processes.run(folder, array(asOther(launcher.toString(), "--version")));
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    assertThat(done.err().lines())
        .singleElement()
        .asString()
        .startsWith("Cannot run Pointwise: nobody can neither read a build")
        .contains(folder + "/checkout");
  }

  private String[] large(String output) throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("large"), new FeatureShape(6, 64, 64, 24));
    Extent chunk = new Extent(1, 8, 8);
    String input = folder + "/in.zarr/data";
    if (!Files.exists(Path.of(input))) {
      array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(1, 32, 32));
      float[] weights = new float[24 * 20];
      java.util.Random random = Seed.random("large weights");
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      WeightsWriter.write(
          ByteStores.LOCAL,
          folder + "/w.safetensors",
          PointwiseLayer.of(weights, new float[20], Activation.NONE),
          Map.of());
    }
    return new String[] {
      "reduce",
      input,
      output,
      "--weights",
      folder + "/w.safetensors",
      "--shard-size",
      "0.005MiB",
      "--compressor",
      "gzip",
      "--compression-level",
      "9",
      "--master",
      "local[1]",
      "--quiet"
    };
  }

  /**
   * A name so long that a pipe and its reader cannot buffer the names of all shards of {@link
   * #large}.
   */
  private static final String LONG = "a-folder-with-a-long-name".repeat(8);

  /**
   * Runs a command until it has stored some shards, sends it a signal, and returns its output.
   *
   * <p>The log names every shard and is written to a pipe that is no longer read. The run blocks
   * when the pipe is full, long before its end, at any speed of the machine.
   */
  private static Processes interrupted(ProcessBuilder builder, String signal) throws Exception {
    Process process = builder.redirectError(ProcessBuilder.Redirect.PIPE).start();
    StringBuilder log = new StringBuilder();
    try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        log.append(line).append('\n');
        if (line.contains("Shard 4 of")) {
          new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
        }
      }
    }
    return new Processes(
        process.waitFor(),
        Files.readString(builder.redirectOutput().file().toPath()),
        log.toString());
  }

  /**
   * Reduces {@link #large} to {@code output}, with Spark in the launcher's JVM or in a SPARK_HOME.
   */
  private ProcessBuilder launcher(boolean submits, String output, String... more) throws Exception {
    List<String> command = new ArrayList<>(List.of(large(output)));
    command.addAll(List.of(more));
    return submits
        ? SparkHome.ofBuild().archived().pointwise(folder, command)
        : Processes.pointwiseBuilder(folder, command.toArray(String[]::new));
  }

  private ProcessBuilder interruptible(boolean submits, String output, String... more)
      throws Exception {
    ProcessBuilder builder = launcher(submits, output, more);
    builder.command().addAll(List.of("--log-level", "debug"));
    return builder.command(Processes.interruptible(folder, builder.command()));
  }

  /** Returns the lines of stderr without the JVM's module messages and the log of shards. */
  private static List<String> lines(String err) {
    return err.lines()
        .filter(line -> !Processes.isWarningOfJvm(line))
        .filter(line -> !line.matches("[0-9:]+ (DEBUG|INFO) (ReduceWorker|ReduceRun): .*"))
        .toList();
  }

  @Test
  void eachSignalEndsWithOneLineAndItsCodeOnEveryRunner() throws Exception {
    int run = 0;
    for (String signal : List.of("INT", "TERM")) {
      for (String runner : List.of("spark", "local")) {
        for (boolean submits : new boolean[] {false, true}) {
          String output = Files.createDirectories(folder.resolve(LONG)) + "/" + run++ + ".zarr";
          Processes interrupted =
              interrupted(
                  interruptible(submits, output, "--runner", runner, "--threads", "1"), signal);
          assertThat(lines(interrupted.err()))
              .as("SIG%s, %s, spark-submit: %s", signal, runner, submits)
              .containsExactly(
                  "Interrupted; what is stored is whole, run the same command again to continue");
          assertThat(interrupted.code()).isEqualTo(signal.equals("INT") ? 130 : 143);
        }
      }
    }
  }

  @Test
  void damagedChunkIsReportedInOneLineOnEveryRunner() throws Exception {
    String output = folder + "/out.zarr";
    large(output);
    Path shard = folder.resolve("in.zarr/data/c/3/1/0/0");
    byte[] whole = Files.readAllBytes(shard);
    Files.write(shard, java.util.Arrays.copyOf(whole, whole.length / 2));
    for (boolean submits : new boolean[] {false, true}) {
      for (String runner : submits ? List.of("spark") : List.of("spark", "local")) {
        Processes done = Processes.awaitEnd(launcher(submits, output, "--runner", runner));
        assertThat(done.code()).as(done.err()).isEqualTo(3);
        assertThat(lines(done.err()))
            .as("%s, spark-submit: %s", runner, submits)
            .singleElement()
            .asString()
            .startsWith("Cannot read the index of shard " + shard);
      }
    }
    Processes done = Processes.awaitEnd(launcher(false, output, "--log-level", "debug"));
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    assertThat(done.err()).contains("\tat org.pointwise.");
    List<String> lines = lines(done.err());
    assertThat(lines.get(lines.size() - 1)).startsWith("Cannot read the index of shard " + shard);
  }

  @Test
  void interruptedRunEndsWith130AndContinues() throws Exception {
    String output = Files.createDirectories(folder.resolve(LONG)) + "/out.zarr";
    Processes interrupted = interrupted(interruptible(false, output), "INT");
    Path shards = Path.of(output, "features", "c");
    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(130);
    assertThat(interrupted.err())
        .contains("Interrupted; what is stored is whole, run the same command again to continue");
    assertThat(Path.of(output + ".pointwise", "_SUCCESS")).doesNotExist();
    assertThat(Path.of(output, "zarr.json")).content().contains("\"incomplete\"");
    Map<String, String> before = Folders.hashes(shards, "");
    assertThat(before).isNotEmpty();
    assertThat(Cli.run("verify", output).code()).isEqualTo(4);

    Processes again = Processes.pointwise(folder, large(output));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).doesNotContain(" 0 already stored");
    assertThat(Cli.run("verify", output).code()).isZero();
    String undisturbed = folder + "/whole.zarr";
    assertThat(Processes.pointwise(folder, large(undisturbed)).code()).isZero();
    assertThat(Folders.hashes(shards, ""))
        .isEqualTo(Folders.hashes(Path.of(undisturbed, "features", "c"), ""));
  }

  @Test
  void fullDiskEndsWithCode4AndRunContinues() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Processes mounted =
        Processes.run(folder, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
    Assumptions.assumeTrue(mounted.code() == 0, "Skipped: no right to mount a small disk");
    try {
      String output = disk + "/out.zarr";
      Processes full = Processes.pointwise(folder, large(output));
      assertThat(full.code()).as(full.err()).isEqualTo(4);
      assertThat(full.err().lines().filter(line -> line.startsWith("Cannot"))).hasSize(1);
      assertThat(full.err())
          .contains("No space left on device")
          .contains("run the same command again");
      assertThat(Path.of(output + ".pointwise", "_SUCCESS")).doesNotExist();
      assertThat(Folders.hashes(disk, ".tmp")).isEmpty();
      Processes grown = Processes.run(folder, "mount", "-o", "remount,size=200m", disk.toString());
      assertThat(grown.code()).as(grown.err()).isZero();
      Processes again = Processes.pointwise(folder, large(output));
      assertThat(again.code()).as(again.err()).isZero();
      assertThat(again.out()).doesNotContain(" 0 already stored");
      assertThat(Cli.run("verify", output).code()).isZero();
    } finally {
      Processes.run(folder, "umount", disk.toString());
    }
  }

  /** Tests the setting that the refusal of a too large plan recommends. */
  @Test
  void heapSizeIsEqualWithAndWithoutSparkHome() throws Exception {
    for (boolean submits : new boolean[] {false, true}) {
      List<Integer> heaps = new ArrayList<>();
      for (String options : List.of("-Xmx500m", "-Xmx734003200 -Dpointwise.test=a")) { // 700 MiB
        ProcessBuilder builder = launcher(submits, folder + "/dry.zarr", "--dry-run");
        builder.command().remove("--quiet");
        builder.environment().put("JAVA_OPTS", options);
        Processes done = Processes.awaitEnd(builder);
        assertThat(done.code()).as(done.err()).isZero();
        heaps.add(
            Integer.parseInt(
                done.out()
                    .replaceAll("(?s).*at most [0-9.]+ [A-Za-z]+ and has ([0-9]+) MiB.*", "$1")));
      }
      assertThat((double) heaps.get(1) / heaps.get(0)).isBetween(1.3, 1.5);
    }
  }

  @Test
  @Tag("full")
  void narrowerVectorsStoreTheSameBytes() throws Exception {
    String vector = folder + "/vector.zarr";
    assertThat(Processes.pointwise(folder, large(vector)).code()).isZero();
    String narrower = folder + "/narrower.zarr";
    ProcessBuilder builder = Processes.pointwiseBuilder(folder, large(narrower));
    builder.environment().put("JAVA_OPTS", "-XX:MaxVectorSize=16 " + Processes.archiveOptions());
    Processes done = Processes.awaitEnd(builder, builder.start());
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(Folders.hashes(Path.of(narrower, "features", "c"), ""))
        .isEqualTo(Folders.hashes(Path.of(vector, "features", "c"), ""));
  }
}
