package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.differential.FailingStores;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tests runs on existing outputs: replacing, continuing with another input, and repairing. */
class ExistingOutputTest {
  private static final Extent CHUNK = new Extent(1, 8, 8);

  @TempDir Path folder;

  private final Arrays4 array =
      Arrays4.random(Seed.random("existing"), new FeatureShape(4, 16, 16, 8));
  private String input;
  private Path output;

  @BeforeEach
  void write() throws Exception {
    output = folder.resolve("out");
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    for (String name : List.of("a", "b")) {
      float[] weights = new float[16];
      weights[0] = name.equals("a") ? 1 : 2;
      weights[9] = 1;
      PointwiseLayer layer = PointwiseLayer.of(weights, new float[2], Activation.NONE);
      WeightsWriter.write(ByteStores.LOCAL, folder + "/" + name + ".safetensors", layer, Map.of());
    }
  }

  private String[] args(String layer, Path to, String... more) {
    List<String> args = new ArrayList<>(List.of("reduce", input, to.toString(), "--weights"));
    args.addAll(List.of(folder + "/" + layer + ".safetensors", "--shard-size", "0.002MiB"));
    args.addAll(List.of("--runner", "local", "--quiet", "--json"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  private JsonNode reduce(int code, String layer, Path to, String... more) {
    Cli done = Cli.run(args(layer, to, more));
    assertThat(done.code()).as(done.err()).isEqualTo(code);
    return code == 3
        ? JsonText.object().put("error", done.errorLine())
        : JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
  }

  /** Returns what readers open: the stored values and their metadata. */
  private static Map<String, String> data(Path output) throws Exception {
    return Folders.hashes(output, "features");
  }

  @Test
  void interruptedOverwriteLosesNothing() throws Exception {
    Random random = Seed.random("cut overwrite");
    Path fresh = folder.resolve("fresh");
    int pending = 0;
    for (String formats : List.of("zarr3 zarr3", "npy npy", "zarr3 npy")) {
      String before = formats.split(" ")[0];
      String format = formats.split(" ")[1];
      reduce(0, "b", fresh, "--overwrite=now", "--format", format);
      reduce(0, "a", output, "--overwrite=now", "--format", before);
      Map<String, String> old = Folders.hashes(output, "");
      for (int at = 1; ; at++) {
        FailingStores.Failure failure =
            random.nextBoolean()
                ? FailingStores.Failure.ENDS_BEFORE
                : FailingStores.Failure.ENDS_AFTER;
        String[] args = args("b", output, "--overwrite", "--format", format);
        try {
          StoppedReduction.run(new FailingStores(failure, at), args);
          break;
        } catch (IncompleteRunException expected) {
          assertThat(expected.getMessage()).contains("run the same command again");
        }
        Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
        if (verified.code() == 0) {
          Map<String, String> now = Folders.hashes(output, "");
          assertThat(now).as("%s at %d", failure, at).isIn(old, Folders.hashes(fresh, ""));
        } else {
          pending++;
          assertThat(verified.code() == 3 || verified.out().contains("to take its place"))
              .as("%s at %d: %s", failure, at, verified)
              .isTrue();
        }
        if (random.nextBoolean()) { // it ends the exchange, or is refused as another plan
          Cli appended = Cli.run(args("b", output, "--append", "--format", format));
          assertThat(appended.err()).as("%s at %d", failure, at).doesNotContain("is gone");
        }
        JsonNode report = reduce(0, "b", output, "--overwrite", "--format", format);
        assertThat(report.path("output").asText()).isEqualTo(output.toString());
        assertThat(data(output)).isEqualTo(data(fresh));
        assertThat(Cli.run("verify", output.toString(), "--deep", "--quiet").code()).isZero();
        assertThat(Path.of(output + ".pointwise", "replacement")).doesNotExist();
        assertThat(Path.of(output + ".pointwise", "replaced")).doesNotExist();
        reduce(0, "a", output, "--overwrite=now", "--format", before);
      }
    }
    assertThat(pending).as("cut within the exchange").isPositive();
  }

  @Test
  void interruptedOverwriteIsNamedByPlan() throws Exception {
    reduce(0, "a", output);
    String[] replaces = args("b", output, "--overwrite");
    int at = 1;
    while (!Files.exists(Path.of(output + ".pointwise", "replacement.pointwise/plan.json"))) {
      FailingStores.Failure failure = FailingStores.Failure.ENDS_AFTER;
      try {
        StoppedReduction.run(new FailingStores(failure, at++), replaces);
      } catch (IncompleteRunException expected) {
        assertThat(expected.getMessage()).contains("run the same command again");
      }
    }
    Cli plan = Cli.run(args("a", output, "--dry-run"));
    assertThat(plan.out()).contains("an interrupted run with --overwrite left " + output);
    reduce(0, "b", output, "--overwrite");
    assertThat(Cli.run(args("b", output, "--dry-run")).out()).doesNotContain("interrupted");
  }

  @Test
  void recordsOfDeletedOutputDoNotLayOutNewOne() throws Exception {
    String[] reduce = {"reduce", input, output.toString(), "--weights", folder + "/a.safetensors"};
    String[] local = {"--runner", "local", "--quiet"};
    List<String> first = new ArrayList<>(List.of(reduce));
    first.addAll(List.of(local));
    List<String> again = new ArrayList<>(first);
    first.addAll(List.of("--chunk", "n=1,y=3,x=2"));
    assertThat(Cli.run(first.toArray(String[]::new)).code()).isZero();
    assertThat(Cli.run(again.toArray(String[]::new)).code()).as("keeps its layout").isZero();
    ByteStores.LOCAL.open(output.toString()).delete("");
    again.addAll(List.of("--format", "zarr2"));
    Cli other = Cli.run(again.toArray(String[]::new));
    assertThat(other.code()).as(other.err()).isZero();
    Cli whole = Cli.run("verify", output.toString(), "--deep", "--input", input, "--quiet");
    assertThat(whole.code()).as(whole.out()).isZero();
  }

  @Test
  void folderInPlaceOfObjectIsNamed() throws Exception {
    reduce(0, "a", output);
    Path target = output.resolve(Folders.hashes(output, "/c/").keySet().iterator().next());
    Files.delete(target);
    Files.createDirectories(target.resolve("inside"));
    Cli done = Cli.run(args("a", output));
    assertThat(done.code()).as(done.err()).isEqualTo(4);
    assertThat(done.errorLine()).contains(target + " is a folder but must be a file; remove it");
    Files.delete(target.resolve("inside"));
    Files.delete(target);
    reduce(0, "a", output);
  }

  /**
   * The old output's compression differs from that of the new one, which an earlier run completed.
   */
  @Test
  void pendingReplacementKeepsItsCompression() throws Exception {
    int pending = 0;
    for (int at = 1; pending < 3; at++) {
      reduce(0, "a", output, "--overwrite=now", "--compressor", "gzip");
      FailingStores stores = new FailingStores(FailingStores.Failure.ENDS_AFTER, at);
      try {
        StoppedReduction.run(stores, args("b", output, "--overwrite"));
        break;
      } catch (IncompleteRunException expected) {
        Cli verified = Cli.run("verify", output.toString(), "--quiet");
        if (verified.out().contains("to take its place")) {
          pending++;
          reduce(0, "b", output);
          assertThat(Files.readString(output.resolve("features/zarr.json"))).contains("blosc");
        }
      }
    }
    assertThat(pending).isEqualTo(3);
  }

  /** Files do not record their axis order, so that mixed orders would go unnoticed. */
  @Test
  void filesInOtherAxisOrderAreAnotherPlan() throws Exception {
    String[] args = args("a", output, "--axes", "y,x,c", "--format", "npy");
    args[1] = folder + "/one";
    Files.createDirectories(Path.of(args[1]));
    Arrays4 one =
        new Arrays4(new FeatureShape(1, 16, 16, 8), Arrays.copyOf(array.values(), 16 * 16 * 8));
    one.npyFile(args[1], "image.npy", "y,x,c");
    assertThat(Cli.run(args).code()).isZero();
    String[] others = Arrays.copyOf(args, args.length + 2);
    others[args.length] = "--output-axes";
    others[args.length + 1] = "n,c,y,x";
    Cli refused = Cli.run(others);
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("axes");
  }

  /** The layer has no activation, so that a new output would use blosc. */
  @Test
  void continuedOutputKeepsItsCompression() throws Exception {
    for (String codec : List.of("zstd", "gzip", "none", "blosc")) {
      Path fresh = folder.resolve("out-" + codec);
      reduce(0, "a", fresh, "--compressor", codec);
      Map<String, String> whole = data(fresh);
      assertThat(Files.readString(fresh.resolve("features/zarr.json")).contains("blosc"))
          .isEqualTo(codec.equals("blosc"));
      try (Stream<Path> objects = Files.walk(fresh.resolve("features/c"))) {
        Files.delete(objects.filter(Files::isRegularFile).findFirst().orElseThrow());
      }
      assertThat(reduce(0, "a", fresh).path("shardsWritten").asInt()).isOne();
      assertThat(data(fresh)).isEqualTo(whole);
      reduce(0, "a", fresh, "--append");
      assertThat(data(fresh)).isEqualTo(whole);
      reduce(0, "a", fresh, "--overwrite");
      assertThat(Files.readString(fresh.resolve("features/zarr.json"))).contains("blosc");
    }
    Path plan = Path.of(folder.resolve("out-gzip") + ".pointwise/plan.json");
    Files.writeString(plan, Files.readString(plan).replace("blosc level 5", "snappy level 1"));
    assertThat(reduce(3, "a", folder.resolve("out-gzip")).path("error").asText())
        .contains("'snappy level 1', which is not known; give --compressor");
  }

  @Test
  void compressionIsChosenPerHead() throws Exception {
    float[] weights = new float[8];
    weights[1] = 1;
    PointwiseLayer layer = PointwiseLayer.of(weights, new float[1], Activation.RELU);
    String relu = folder + "/relu.safetensors";
    WeightsWriter.write(ByteStores.LOCAL, relu, layer, Map.of());
    reduce(0, "a", output, "--head", "relu=" + relu);
    assertThat(Files.readString(output.resolve("a/zarr.json"))).contains("blosc");
    assertThat(Files.readString(output.resolve("relu/zarr.json"))).contains("zstd");
    JsonNode again = reduce(0, "a", output, "--head", "relu=" + relu);
    assertThat(again.path("shardsWritten").asInt()).isZero();
  }

  @Test
  void overwriteRefusesLinkedOutputAndKeepsIt() throws Exception {
    reduce(0, "a", folder.resolve("elsewhere"));
    Files.createSymbolicLink(output, folder.resolve("elsewhere"));
    Files.createSymbolicLink(Path.of(output + ".pointwise"), folder.resolve("elsewhere.pointwise"));
    Map<String, String> before = data(folder.resolve("elsewhere"));
    assertThat(reduce(3, "b", output, "--overwrite").path("error").asText())
        .contains("--overwrite=now");
    assertThat(data(folder.resolve("elsewhere"))).isEqualTo(before);
  }

  @Test
  void overwriteRefusesWhatNoRunStored() throws Exception {
    reduce(0, "a", output);
    Path notes = Files.writeString(output.resolve("NOTES.md"), "mine");
    Path labels = Files.createDirectories(output.resolve("labels/c"));
    for (String overwrite : List.of("--overwrite", "--overwrite=now")) {
      assertThat(reduce(3, "b", output, overwrite).path("error").asText())
          .contains("it contains NOTES.md, labels, which no run stored");
    }
    reduce(0, "a", output);
    assertThat(notes).hasContent("mine");
    Files.delete(labels);
    Files.delete(labels.getParent());
    Files.delete(notes);
    reduce(0, "b", output, "--overwrite");
  }

  @Test
  void changedInputIsNamedAndRefused() throws Exception {
    reduce(0, "a", output);
    Path chunk = Path.of(input, "c/2/1/0/0");
    Files.setLastModifiedTime(chunk, FileTime.fromMillis(1));
    Files.setLastModifiedTime(Path.of(input, "c/2/0/0/0"), FileTime.fromMillis(0));
    assertThat(reduce(3, "a", output).path("error").asText())
        .contains("changed", "newest of", "--overwrite", "--ignore-modification-times");
    JsonNode accepted = reduce(0, "a", output, "--ignore-modification-times");
    assertThat(accepted.path("shardsWritten").asInt()).isZero();
    JsonNode again = reduce(0, "a", output);
    assertThat(again.path("shardsWritten").asInt()).as("what was accepted is known").isZero();
  }

  @Test
  void damagedChunksBecomeNodataAndAreRepairedLater() throws Exception {
    Path fresh = folder.resolve("fresh");
    reduce(0, "a", fresh);
    Path chunk = Path.of(input, "c/2/1/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    Files.write(chunk, Arrays.copyOf(whole, whole.length / 2));
    assertThat(reduce(3, "a", output).path("error").asText()).contains("c/2/1/0/0");
    String[] nodata = {"--on-bad-input", "nodata"};
    JsonNode report = reduce(0, "a", output, nodata);
    assertThat(report.path("badPixels").asInt()).isEqualTo(64);
    assertThat(report.path("maskedPixels").asInt()).isEqualTo(64);
    assertThat(report.path("unreadable")).hasSize(1);
    assertThat(report.at("/unreadable/0").asText()).contains("c/2/1/0/0");
    assertThat(Cli.run("verify", output.toString(), "--deep", "--quiet").code()).isZero();
    reduce(0, "a", output, "--on-bad-input", "nodata", "--fail-above-bad", "0.1");
    Cli gated = Cli.run(args("a", output, "--on-bad-input", "nodata", "--fail-above-bad", "0.01"));
    assertThat(gated.code()).isEqualTo(5);
    assertThat(gated.err()).contains("Above the gate");
    assertThat(Cli.run(args("a", output, "--fail-above-bad", "0.01")).code()).isEqualTo(2);
    reduce(3, "a", output); // fails at the chunk, before it replaces anything
    assertThat(Path.of(output + ".pointwise", "_SUCCESS")).exists();
    assertThat(Cli.run("verify", output.toString(), "--deep", "--quiet").code()).isZero();
    Files.write(chunk, whole);
    JsonNode repaired = reduce(0, "a", output);
    assertThat(repaired.path("badPixels").asInt()).isZero();
    assertThat(repaired.path("shardsWritten").asInt()).isEqualTo(1);
    assertThat(data(output)).isEqualTo(data(fresh));
  }

  /** Returns an input chunk whose shard is already stored. */
  private Path oldChunk() {
    return Path.of(input, "c/2/1/0/0");
  }

  @Test
  void refusalKeepsOutputComplete() throws Exception {
    reduce(0, "a", output);
    Map<String, String> before = Folders.hashes(output, "");
    Files.setLastModifiedTime(oldChunk(), FileTime.fromMillis(1));
    reduce(3, "a", output);
    assertThat(Folders.hashes(output, "")).isEqualTo(before);
    assertThat(Path.of(output + ".pointwise", "_SUCCESS")).exists();
    assertThat(Cli.run("verify", output.toString(), "--deep", "--quiet").code()).isZero();
    // So the output is replaced at the end, and not shard by shard.
    assertThat(Cli.run(args("a", output, "--overwrite", "--dry-run")).out())
        .contains("stays until");
    assertThat(reduce(0, "a", output, "--overwrite").path("shardsAlreadyThere").asInt()).isZero();
    assertThat(Folders.hashes(output, "")).isEqualTo(before);
  }

  @Test
  void changedLengthsAreRefusedDespiteIgnoredTimes() throws Exception {
    reduce(0, "a", output);
    byte[] whole = Files.readAllBytes(oldChunk());
    Files.write(oldChunk(), Arrays.copyOf(whole, whole.length - 1));
    assertThat(reduce(3, "a", output, "--ignore-modification-times").path("error").asText())
        .contains("and not only times", "now has");
    Files.delete(oldChunk());
    assertThat(reduce(3, "a", output, "--ignore-modification-times").path("error").asText())
        .contains("does not exist", "and not only times");
  }

  @Test
  void overwriteRecomputesShardsWithoutRecordedInput() throws Exception {
    reduce(0, "a", output);
    Path receipts = Path.of(output + ".pointwise", "receipts");
    for (String name : Folders.hashes(receipts, "").keySet()) {
      String text = Files.readString(receipts.resolve(name));
      Files.writeString(receipts.resolve(name), text.replace("\"inputs\"", "\"before\""));
    }
    assertThat(reduce(0, "a", output).path("shardsWritten").asInt()).isZero();
    for (String name : Folders.hashes(receipts, "").keySet()) {
      String text = Files.readString(receipts.resolve(name));
      Files.writeString(receipts.resolve(name), text.replace("\"inputs\"", "\"before\""));
    }
    Files.delete(Path.of(output + ".pointwise", "_SUCCESS")); // as if the output were unfinished
    assertThat(reduce(0, "a", output, "--overwrite").path("shardsAlreadyThere").asInt()).isZero();
  }

  /** One object holds the chunks of several shards. One of the chunks is damaged for a while. */
  @Test
  void shardsSharingDamagedObjectAreRecomputed() throws Exception {
    String several =
        array.zarr(folder + "/several.zarr", 3, "n,y,x,c", CHUNK, new Extent(2, 16, 16));
    input = several;
    Path fresh = folder.resolve("fresh");
    reduce(0, "a", fresh);
    Path shard = Path.of(several, "c/1/0/0/0");
    byte[] whole = Files.readAllBytes(shard);
    byte[] damaged = whole.clone();
    damaged[3] ^= 0x55;
    Files.write(shard, damaged);
    String[] nodata = {"--on-bad-input", "nodata"};
    JsonNode report = reduce(0, "a", output, nodata);
    assertThat(report.path("badPixels").asInt()).isEqualTo(64);
    assertThat(report.path("shardsWritten").asInt())
        .as("more than objects of the input")
        .isGreaterThan(2);
    Files.write(shard, whole);
    Files.setLastModifiedTime(shard, FileTime.fromMillis(1));
    JsonNode repaired = reduce(0, "a", output);
    assertThat(repaired.path("badPixels").asInt()).isZero();
    assertThat(data(output)).isEqualTo(data(fresh));
    Files.write(shard, Arrays.copyOf(whole, whole.length - 4)); // damages the index: all chunks
    Path others = folder.resolve("others");
    List<String> loud = new ArrayList<>(List.of(args("a", others, nodata)));
    loud.remove("--quiet");
    Cli done = Cli.run(loud.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("\"badPixels\" : 512");
  }

  @Test
  void appendToleratesPreviouslyToleratedDamage() throws Exception {
    String grown = input;
    FeatureShape half = new FeatureShape(2, 16, 16, 8);
    float[] values = Arrays.copyOf(array.values(), (int) (half.pixels() * half.c()));
    Path growing = folder.resolve("growing.zarr");
    input = new Arrays4(half, values).zarr(growing.toString(), 3, "n,y,x,c", CHUNK, CHUNK);
    Path chunk = Path.of(input, "c/1/1/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    Files.write(chunk, Arrays.copyOf(whole, whole.length / 2));
    String[] tolerant = {"--append", "--on-bad-input", "nodata"};
    assertThat(reduce(0, "a", output, tolerant).path("badPixels").asInt()).isEqualTo(64);
    for (String name : Folders.hashes(Path.of(grown), "").keySet()) {
      Path to = Path.of(input, name);
      if (name.equals("zarr.json") || !Files.exists(to)) {
        Files.createDirectories(to.getParent());
        Files.write(to, Files.readAllBytes(Path.of(grown, name)));
      }
    }
    JsonNode report = reduce(0, "a", output, tolerant);
    assertThat(report.path("badPixels").asInt()).isEqualTo(64);
    Files.write(chunk, whole);
    assertThat(reduce(0, "a", output, tolerant).path("badPixels").asInt()).isZero();
    Path fresh = folder.resolve("fresh");
    reduce(0, "a", fresh);
    assertThat(data(output)).isEqualTo(data(fresh));
  }

  @Test
  void changedTimesOfFilesAreAcceptedOnRequest() throws Exception {
    input = array.npyFolder(folder + "/files", "y,x,c");
    String[] append = {"--append", "--axes", "y,x,c", "--format", "npy"};
    reduce(0, "a", output, append);
    try (Stream<Path> files = Files.list(Path.of(input))) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
      }
    }
    assertThat(reduce(3, "a", output, append).path("error").asText())
        .contains("4 files of", "--ignore-modification-times");
    String[] accepting = Arrays.copyOf(append, append.length + 1);
    accepting[append.length] = "--ignore-modification-times";
    assertThat(reduce(0, "a", output, accepting).path("shardsWritten").asInt()).isZero();
    assertThat(reduce(0, "a", output, append).path("shardsWritten").asInt()).isZero();
  }

  @Test
  void exchangeKeepsForeignFiles() throws Exception {
    reduce(0, "a", output);
    Path run = Path.of(output + ".pointwise");
    reduce(0, "b", run.resolve("replacement")); // complete, and stopped before the exchange
    ByteStores.LOCAL.open(output.toString()).delete("");
    Files.createDirectories(output);
    Files.writeString(output.resolve("theirs"), "data");
    Files.delete(run.resolve("plan.json"));
    assertThat(reduce(3, "b", output).path("error").asText())
        .contains("Pointwise did not write it");
    assertThat(output.resolve("theirs")).hasContent("data");
    ByteStores.LOCAL.open(output.toString()).delete("");
    reduce(0, "b", output);
    assertThat(Cli.run("verify", output.toString(), "--deep", "--quiet").code()).isZero();
    assertThat(Files.readString(run.resolve("report.prom"))).doesNotContain("replacement");
    // An abandoned process may store objects after the exchange. They must not matter.
    Path late = run.resolve("replacement/features/c/0/0/0/0");
    Files.createDirectories(late.getParent());
    Files.writeString(late, "late");
    reduce(0, "a", output, "--overwrite");
    assertThat(run.resolve("replacement")).doesNotExist();
    reduce(0, "a", output);
  }

  /** Simulates a run that was killed while it stored lost shards again. */
  @Test
  void appendChecksOutputUnderRepair() throws Exception {
    reduce(0, "a", output, "--append");
    Map<String, String> whole = data(output);
    for (String shard : List.of("0/0/0/0", "3/0/0/0")) {
      Files.delete(output.resolve("features/c/" + shard));
    }
    Files.delete(Path.of(output + ".pointwise", "_SUCCESS"));
    assertThat(Cli.run("verify", output.toString(), "--quiet").code()).isEqualTo(4);
    assertThat(reduce(0, "a", output, "--append").path("shardsWritten").asInt()).isEqualTo(2);
    assertThat(data(output)).isEqualTo(whole);
  }

  /** A task that outlives its run may delete the mark with which the exchange began. */
  @Test
  void startedExchangeIsFinishedWithoutSuccessMark() throws Exception {
    reduce(0, "a", output);
    Path run = Path.of(output + ".pointwise");
    Path fresh = folder.resolve("fresh");
    reduce(0, "b", fresh);
    reduce(0, "b", run.resolve("replacement"));
    Path records = run.resolve("replacement.pointwise");
    Files.delete(records.resolve("_SUCCESS"));
    Files.createFile(records.resolve("_BEGUN"));
    Files.move(output, run.resolve("replaced"));
    assertThat(Cli.run("verify", output.toString(), "--quiet").out()).contains("take its place");
    reduce(0, "b", output);
    assertThat(data(output)).isEqualTo(data(fresh));
  }
}
