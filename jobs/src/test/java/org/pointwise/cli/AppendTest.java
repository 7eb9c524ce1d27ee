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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.WeightsWriter;

/** Tests repeated appends: the input grows along n, and stored images are not computed again. */
class AppendTest {
  private static final Extent CHUNK = new Extent(1, 8, 8);

  @TempDir Path folder;

  private final FeatureShape all = new FeatureShape(11, 16, 16, 8);
  private final Arrays4 array = Arrays4.random(Seed.random("append"), all);
  private Path output;

  @BeforeEach
  void makeWeights() throws Exception {
    output = folder.resolve("out.zarr");
    float[] values = new float[8 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 - 3;
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/w.safetensors",
        PointwiseLayer.of(values, new float[4], Activation.NONE),
        Map.of());
  }

  /** Returns the first images of the array. */
  private Arrays4 first(long images) {
    FeatureShape shape = new FeatureShape(images, all.y(), all.x(), all.c());
    int length = Math.toIntExact(shape.pixels() * shape.c());
    return new Arrays4(shape, Arrays.copyOf(array.values(), length));
  }

  private String input(long images) throws Exception {
    Folders.Snapshot before = new Folders.Snapshot(folder.resolve("in.zarr"));
    String input = first(images).zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    before.restoreTimes();
    return input;
  }

  private Cli reduce(String input, Path to, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("reduce", input, to.toString(), "--weights", folder + "/w.safetensors"));
    args.addAll(List.of("--runner", "local", "--quiet", "--json"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private static JsonNode json(Cli done) {
    assertThat(done.code()).as(done.out() + done.err()).isZero();
    return JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
  }

  private void verify(Path output, int code) {
    Cli found = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(found.code()).as(found.out() + found.err()).isEqualTo(code);
  }

  /** Options for shards of four images, each of 16·16·4 float32 values. */
  private static final String[] SHARDS = {"--shard-size", "0.0157MiB"};

  private Cli append(String input, Path to, String... more) {
    List<String> args = new ArrayList<>(Arrays.asList(SHARDS));
    args.add("--append");
    args.addAll(Arrays.asList(more));
    return reduce(input, to, args.toArray(String[]::new));
  }

  /** A grown input object contains images of shards that the append did not check. */
  @Test
  void uncheckedPastIsNoChangeInLaterAppends() throws Exception {
    Extent object = new Extent(5, CHUNK.y(), CHUNK.x());
    for (long images : new long[] {8, 9}) {
      Folders.Snapshot before = new Folders.Snapshot(folder.resolve("in.zarr"));
      String input = first(images).zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, object);
      before.restoreTimes();
      json(append(input, output, "--check-past", "0"));
    }
    assertThat(output.resolve("zarr.json")).content().contains("\"lengths\"");
    String input = folder + "/in.zarr/data";
    assertThat(json(append(input, output)).path("shardsWritten").asInt()).isZero();
    verify(output, 0);
    assertThat(json(append(input, output)).path("shardsWritten").asInt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void missingPastObjectIsStoredAgain(boolean withoutReceipts) throws Exception {
    Path fresh = folder.resolve("fresh.zarr");
    json(reduce(input(11), fresh, SHARDS));
    Map<String, String> expected = Folders.hashes(fresh, "features/c");
    for (String gone : List.of("0", "1")) {
      Path to = folder.resolve("gone" + gone + ".zarr");
      json(append(input(9), to));
      Files.delete(to.resolve("features/c/" + gone + "/0/0/0"));
      if (withoutReceipts) {
        ByteStores.LOCAL.open(to + ".pointwise").delete("");
      }
      JsonNode report = json(append(input(11), to));
      assertThat(report.path("shardsWritten").asInt()).isEqualTo(2);
      assertThat(report.path("bytesOut").asLong()).isEqualTo(bytes(to, expected));
      assertThat(Folders.hashes(to, "features/c")).isEqualTo(expected);
    }
  }

  private static long bytes(Path output, Map<String, String> objects) throws Exception {
    long bytes = 0;
    for (String object : objects.keySet()) {
      bytes += Files.size(output.resolve(object));
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "zarr2"})
  void computesOnlyNewAndPartialLastShards(String format) throws Exception {
    int perShard = format.equals("zarr3") ? 4 : 1;
    String[] options = {"--format", format};
    json(append(input(6), output, options));
    Path coordinate = output.resolve("features/zarr.json");
    verify(output, 0);
    JsonNode same = json(append(input(6), output, options));
    assertThat(same.path("shardsWritten").asInt()).as("nothing is new").isZero();
    for (long images : new long[] {7, 8, 11}) {
      JsonNode report = json(append(input(images), output, options));
      verify(output, 0);
      if (perShard == 4) {
        assertThat(report.path("shards").asInt()).isEqualTo(images > 8 ? 3 : 2);
        assertThat(report.path("shardsWritten").asInt()).isEqualTo(1);
        assertThat(report.path("pixels").asLong()).isEqualTo(256 * images);
        assertThat(report.at("/thisRun/pixels").asLong())
            .as("only the shards that changed were looked at")
            .isEqualTo(256 * (images > 8 ? 3 : images - 4));
        assertThat(coordinate).content().contains(images + ",");
      }
    }
    Path fresh = folder.resolve("fresh.zarr");
    json(reduce(input(11), fresh, merged(options, SHARDS)));
    assertThat(Folders.hashes(output, "features/")).isEqualTo(Folders.hashes(fresh, "features/"));
    assertThat(Files.exists(Path.of(output + ".pointwise/appended"))).isFalse();
  }

  private static String[] merged(String[] a, String[] b) {
    List<String> both = new ArrayList<>(Arrays.asList(a));
    both.addAll(Arrays.asList(b));
    return both.toArray(String[]::new);
  }

  @Test
  void interruptedAppendKeepsPastAndContinuesWithGrownInput() throws Exception {
    json(append(input(5), output));
    String before = Files.readString(output.resolve("features/zarr.json"));
    Path obstacle = output.resolve("features/c/2/0/0/0/in the way");
    Files.createDirectories(obstacle);
    Cli failed = append(input(10), output, "--threads", "1");
    assertThat(failed.code()).as(failed.err()).isEqualTo(4);
    assertThat(Files.readString(output.resolve("features/zarr.json"))).isEqualTo(before);
    assertThat(output.resolve("zarr.json")).content().contains("\"appending\"");
    Files.delete(obstacle);
    Files.delete(obstacle.getParent());
    Cli verified = Cli.run("verify", output.toString(), "--quiet");
    assertThat(verified.code()).isEqualTo(4);
    assertThat(verified.out())
        .contains("Incomplete")
        .contains("1 never written")
        .contains("the run did not end");
    String layer = folder + "/w.safetensors";
    String[] against = {"verify", output.toString(), "--input", input(10), "--weights", layer};
    Cli compared = Cli.run(against);
    assertThat(compared.code()).as(compared.err()).isEqualTo(4); // not 3: changed input
    Cli without = reduce(input(10), output, SHARDS);
    assertThat(without.code()).as("only --append may continue it").isEqualTo(3);
    assertThat(without.err()).contains("--append");

    JsonNode same = json(append(input(10), output));
    assertThat(same.path("shardsAlreadyThere").asInt()).as("the partial one was done").isEqualTo(2);
    assertThat(same.path("shardsWritten").asInt()).isEqualTo(1);
    JsonNode more = json(append(input(11), output));
    assertThat(more.path("shardsWritten").asInt()).isEqualTo(1);
    verify(output, 0);
    Path fresh = folder.resolve("fresh.zarr");
    json(reduce(input(11), fresh, SHARDS));
    assertThat(Folders.hashes(output, "features/")).isEqualTo(Folders.hashes(fresh, "features/"));
  }

  @Test
  void interruptedAppendOfGrownInputEndsComplete() throws Exception {
    json(append(input(5), output));
    Path obstacle = output.resolve("features/c/1/0/0/0");
    byte[] shard = Files.readAllBytes(obstacle);
    Files.delete(obstacle);
    Files.createDirectories(obstacle.resolve("in the way"));
    Cli failed = append(input(6), output, "--check-past", "0");
    assertThat(failed.code()).as(failed.err()).isEqualTo(4);
    Files.delete(obstacle.resolve("in the way"));
    Files.delete(obstacle);
    Files.write(obstacle, shard);
    json(append(input(11), output));
    verify(output, 0);
    Path fresh = folder.resolve("fresh.zarr");
    json(reduce(input(11), fresh, SHARDS));
    assertThat(Folders.hashes(output, "features/")).isEqualTo(Folders.hashes(fresh, "features/"));
  }

  @Test
  void refusesShrunkInputChangedPastAndChangedLayer() throws Exception {
    json(append(input(8), output));
    Map<String, String> before = Folders.hashes(folder, "out.zarr");
    Cli shrunk = append(first(7).zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK), output);
    assertThat(shrunk.code()).isEqualTo(3);
    assertThat(shrunk.errorLine())
        .contains("it has 8 images but its input")
        .contains("now has 7")
        .contains("--overwrite");
    array.values()[5] += 1000;
    Cli changed = append(input(11), output, "--check-past", "32");
    assertThat(changed.code()).isEqualTo(3);
    assertThat(changed.errorLine())
        .contains("the stored pixels differ from those that its input gives now");
    array.values()[5] -= 1000;
    Cli other = append(input(11), output, "--dtype", "float16");
    assertThat(other.code()).isEqualTo(3);
    assertThat(other.errorLine())
        .contains("another input, layer or layout")
        .contains("element type float32, now float16");
    Cli withoutAppend = reduce(input(11), output, SHARDS);
    assertThat(withoutAppend.code()).isEqualTo(3);
    assertThat(withoutAppend.errorLine())
        .contains("its input had 8 images, now 11")
        .contains("--append where its input has only grown");
    Cli both = append(input(11), output, "--overwrite");
    assertThat(both.code()).isEqualTo(2);
    assertThat(Folders.hashes(folder, "out.zarr")).isEqualTo(before);
  }

  private void copyFiles(Path from, Path to, String... names) throws Exception {
    Files.createDirectories(to);
    List<Path> sources;
    try (var list = Files.list(from)) {
      sources = list.sorted().toList();
    }
    for (int i = 0; i < names.length; i++) {
      if (!Files.exists(to.resolve(names[i]))) {
        Files.copy(sources.get(i), to.resolve(names[i]));
      }
    }
  }

  private void requireNewImages(JsonNode report, int first, String... lines) throws Exception {
    assertThat(report.path("firstImage").asInt(-1)).isEqualTo(first);
    assertThat(report.path("images").asInt()).isEqualTo(first + lines.length);
    assertThat(Files.readAllLines(Path.of(output + ".pointwise/new-images.txt")))
        .containsExactly(lines);
  }

  @Test
  void listsImagesOfLatestAppendThatAddedSome() throws Exception {
    requireNewImages(json(append(input(3), output)), 0, "0", "1", "2");
    requireNewImages(json(append(input(3), output)), 0, "0", "1", "2");
    requireNewImages(json(append(input(5), output)), 3, "3", "4");
    requireNewImages(json(append(input(5), output)), 3, "3", "4");
    Path obstacle = Files.createDirectories(output.resolve("features/c/2/0/0/0/in the way"));
    assertThat(append(input(10), output).code()).isEqualTo(4);
    Files.delete(obstacle);
    Files.delete(obstacle.getParent());
    String[] sinceLastSuccess = {"5", "6", "7", "8", "9", "10"};
    requireNewImages(json(append(input(11), output)), 5, sinceLastSuccess);
    String file = output + ".pointwise/new-images.txt";
    Cli inspected = Cli.run("inspect", input(11), "--images", file, "--json");
    assertThat(json(inspected).at("/shape/n").asInt()).as(inspected.out()).isEqualTo(6);
    // As after a run of a version that did not count them.
    Files.writeString(Path.of(output + ".pointwise/report.json"), "{}");
    String[] all = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    requireNewImages(json(append(input(11), output)), 0, all);
    json(reduce(input(8), output, merged(SHARDS, new String[] {"--overwrite"})));
    assertThat(Path.of(file)).as("of the replaced output").doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "npy"})
  void newFilesOfFolderAreListedByName(String format) throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    String[] options = {"--axes", "y,x,c", "--format", format};
    copyFiles(made, files, "b.npy", "d.npy");
    requireNewImages(json(append(files.toString(), output, options)), 0, "b.npy", "d.npy");
    copyFiles(made, files, "b.npy", "d.npy", "a.npy", "c.npy");
    requireNewImages(json(append(files.toString(), output, options)), 2, "a.npy", "c.npy");
  }

  @Test
  void newFilesOfFolderFollowInStableOrder() throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    String[] axes = {"--axes", "y,x,c"};
    copyFiles(made, files, "b.npy", "d.npy", "f.npy");
    json(append(files.toString(), output, axes));
    copyFiles(made, files, "b.npy", "d.npy", "f.npy", "a.npy", "c.npy");
    JsonNode report = json(append(files.toString(), output, axes));
    // The shards have two images: the second shard is filled, the third is new.
    assertThat(report.path("shardsWritten").asInt()).isEqualTo(2);
    assertThat(names(output)).containsExactly("b.npy", "d.npy", "f.npy", "a.npy", "c.npy");
    verify(output, 0);
    // The images are in the same order as those of the array.
    String like = first(5).zarr(folder + "/like.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    Cli matching =
        Cli.run(
            "verify", output.toString(), "--input", like, "--weights", folder + "/w.safetensors");
    assertThat(matching.code()).as(matching.out()).isZero();
    String[] against = {"verify", output.toString(), "--input", files.toString()};
    String[] layer = {"--axes", "y,x,c", "--weights", folder + "/w.safetensors"};
    Cli unchanged = Cli.run(merged(against, layer));
    assertThat(unchanged.code()).as(unchanged.out()).isZero();

    Path changed = files.resolve("d.npy");
    FileTime then = Files.getLastModifiedTime(changed);
    Files.setLastModifiedTime(changed, FileTime.fromMillis(then.toMillis() + 60_000));
    Cli touched = append(files.toString(), output, axes);
    assertThat(touched.code()).isEqualTo(3);
    assertThat(touched.errorLine()).contains("1 files of").contains("changed").contains("d.npy");
    Files.setLastModifiedTime(changed, then);
    json(append(files.toString(), output, axes));
    Files.delete(files.resolve("b.npy"));
    Cli missing = append(files.toString(), output, axes);
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.errorLine()).contains("vanished").contains("b.npy");
  }

  @Test
  void fileOrderIsKeptForOutputsMadeWithoutAppend() throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    copyFiles(made, files, "b.npy", "d.npy");
    String[] axes = {"--axes", "y,x,c"};
    json(reduce(files.toString(), output, merged(axes, SHARDS)));
    String[] quiet = {"--axes", "y,x,c", "--runner", "local", "--quiet", "--json"};
    String file = folder + "/m.safetensors";
    json(moments(files.toString(), file, quiet));
    copyFiles(made, files, "b.npy", "d.npy", "a.npy");
    json(append(files.toString(), output, axes));
    assertThat(names(output)).containsExactly("b.npy", "d.npy", "a.npy");
    String like = first(3).zarr(folder + "/like.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    Cli matching =
        Cli.run(
            "verify", output.toString(), "--input", like, "--weights", folder + "/w.safetensors");
    assertThat(matching.code()).as(matching.out()).isZero();
    String[] appending = merged(quiet, new String[] {"--append"});
    assertThat(json(moments(files.toString(), file, appending)).path("pixels").asLong())
        .isEqualTo(256);
    Files.delete(Path.of(file + ".pointwise/seen.json")); // as if copied from another place
    assertThat(moments(files.toString(), file, appending).errorLine())
        .contains("nothing records which files");
  }

  private static List<String> names(Path output) throws Exception {
    List<String> names = new ArrayList<>();
    JsonText.parse(Files.readAllBytes(output.resolve("zarr.json")), "group")
        .at("/attributes/image_names")
        .forEach(name -> names.add(name.asText()));
    return names;
  }

  @Test
  void npyOutputCanBeAppendedTo() throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    String[] options = {"--axes", "y,x,c", "--format", "npy", "--append"};
    copyFiles(made, files, "b.npy", "d.npy");
    json(reduce(files.toString(), output, options));
    Map<String, String> before = Folders.hashes(output, "");
    copyFiles(made, files, "b.npy", "d.npy", "a.npy");
    json(reduce(files.toString(), output, options));
    assertThat(Folders.hashes(output, "")).containsAllEntriesOf(before).hasSize(3);
    verify(output, 0);
    Files.delete(files.resolve("d.npy"));
    assertThat(reduce(files.toString(), output, options).code()).isEqualTo(3);
  }

  @Test
  void momentsCanBeAppendedTo() throws Exception {
    String file = folder + "/m.safetensors";
    String[] options = {"--runner", "local", "--quiet", "--json", "--append"};
    json(moments(input(4), file, options));
    JsonNode same = json(moments(input(4), file, options));
    assertThat(same.path("pixels").asLong()).as("nothing is new").isZero();
    JsonNode more = json(moments(input(9), file, options));
    assertThat(more.path("pixels").asLong()).isEqualTo(5 * 256);
    String fresh = folder + "/fresh.safetensors";
    json(moments(input(9), fresh, "--runner", "local", "--quiet", "--json"));
    FeatureMoments appended = MomentsFile.read(ByteStores.LOCAL, file).moments();
    FeatureMoments once = MomentsFile.read(ByteStores.LOCAL, fresh).moments();
    assertThat(appended.count()).isEqualTo(once.count());
    double[] found = appended.overall().coMoments();
    double[] expected = once.overall().coMoments();
    for (int i = 0; i < found.length; i++) {
      double scale = once.overall().count();
      assertThat(found[i] / scale)
          .isCloseTo(expected[i] / scale, org.assertj.core.api.Assertions.within(1e-12));
    }
    Cli shrunk = moments(input(8), file, options);
    assertThat(shrunk.code()).isEqualTo(3);
    assertThat(shrunk.errorLine()).contains("it contains 9 images").contains("now has 8");
    Cli other = moments(input(10), file, "--runner", "local", "--append", "--sample", "0.5");
    assertThat(other.code()).isEqualTo(3);
    assertThat(other.err()).contains("it was made with sample 1.0, this is 0.5");
  }

  @Test
  void momentsAppendIsRefusedIfPastChanged() throws Exception {
    String file = folder + "/m.safetensors";
    String[] options = {"--runner", "local", "--quiet", "--json", "--append"};
    String[] accepting = merged(options, new String[] {"--ignore-modification-times"});
    json(moments(input(4), file, options));
    json(moments(input(6), file, options));
    String grown = input(8);
    Path old = Path.of(grown, "c/0/0/0/0");
    byte[] whole = Files.readAllBytes(old);
    Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() + 1_000_000));
    byte[] before = Files.readAllBytes(Path.of(file));
    assertThat(moments(grown, file, options).errorLine())
        .contains("changed since it was made", old.toString(), "--ignore-modification-times");
    assertThat(Files.readAllBytes(Path.of(file))).isEqualTo(before);
    assertThat(json(moments(grown, file, accepting)).path("pixels").asLong()).isEqualTo(2 * 256);
    json(moments(grown, file, options)); // accepted changes are recorded
    FileTime then = Files.getLastModifiedTime(old);
    Files.write(old, Arrays.copyOf(whole, whole.length + 1));
    Files.setLastModifiedTime(old, then);
    assertThat(moments(grown, file, accepting).errorLine()).contains("and not only times");
    Files.delete(old);
    assertThat(moments(grown, file, accepting).code()).isEqualTo(3);
    json(moments(grown, file, "--runner", "local", "--quiet", "--json", "--overwrite"));
    assertThat(json(moments(grown, file, options)).path("pixels").asLong()).isZero();
  }

  /** A failed overwrite must not change the record, which describes the existing file. */
  @Test
  void failedOverwriteOfMomentsChangesNothing() throws Exception {
    String file = folder + "/m.safetensors";
    String[] quiet = {"--runner", "local", "--quiet", "--json"};
    String[] options = merged(quiet, new String[] {"--append"});
    String grown = input(4);
    json(moments(grown, file, quiet));
    Path old = Path.of(grown, "c/1/0/0/0");
    byte[] whole = Files.readAllBytes(old);
    Files.write(old, Arrays.copyOf(whole, whole.length / 2));
    assertThat(moments(grown, file, merged(quiet, new String[] {"--overwrite"})).code())
        .isEqualTo(3);
    assertThat(moments(grown, file, options).errorLine()).contains("changed since it was made");
    Files.write(old, whole);
    assertThat(moments(grown, file, options).errorLine()).contains("--ignore-modification-times");
    json(moments(grown, file, merged(options, new String[] {"--ignore-modification-times"})));
    json(moments(grown, file, options));
  }

  private static Cli moments(String input, String file, String... more) {
    List<String> args = new ArrayList<>(List.of("moments", input, file));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }
}
