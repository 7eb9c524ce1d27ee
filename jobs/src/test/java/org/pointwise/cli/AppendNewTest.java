package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pointwise.Execution;
import org.pointwise.Listener;
import org.pointwise.Pointwise;
import org.pointwise.ReduceJob;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import picocli.CommandLine;

/** Tests appends of images of further inputs, which are deleted afterwards. */
class AppendNewTest extends NightsFixture {
  @Test
  void imagesThatAreThereAreLeftOut() throws Exception {
    Path first = files("first", 0, 3);
    json(append(first.toString()));
    Path second = files("second", 3, 2);
    Files.copy(first.resolve("image00001.npy"), second.resolve("image00001.npy"));
    JsonNode report = json(append(second.toString()));
    assertThat(report.path("images").asInt()).isEqualTo(5);
    assertThat(Path.of(output + ".pointwise/new-images.txt"))
        .hasContent("image00003.npy\nimage00004.npy");
    assertThat(json(append(second.toString())).path("images").asInt()).isEqualTo(5);
    Folders.delete(first);
    assertThat(json(append(second.toString())).path("shardsWritten").asInt()).isZero();
    assertThat(names())
        .containsExactly(
            "image00000.npy",
            "image00001.npy",
            "image00002.npy",
            "image00003.npy",
            "image00004.npy");
  }

  @Test
  void imagesWithOtherPixelsOrNamesAreRefused() throws Exception {
    Path first = files("first", 0, 3);
    json(append(first.toString()));
    refused(append(files("changed", 2, 2).toString()), "other pixels", "image00002.npy");
    Path renamed = files("renamed", 7, 1);
    Files.copy(first.resolve("image00001.npy"), renamed.resolve("image00008.npy"));
    refused(
        append(renamed.toString()),
        "same pixels",
        "image00008.npy as image00001.npy",
        "--allow-duplicates");
    assertThat(json(append(renamed.toString(), "--allow-duplicates")).path("images").asInt())
        .isEqualTo(5);
  }

  @Test
  void arraysAreRecognisedByTheirPixels() throws Exception {
    String first = zarr("first.zarr", 3);
    json(append(first));
    Folders.copy(Path.of(first), folder.resolve("copy.zarr/data"));
    JsonNode report = json(append(folder + "/copy.zarr/data"));
    assertThat(report.path("images").asInt()).isEqualTo(3);
    assertThat(report.path("shardsWritten").asInt()).isZero();
    refused(append(files("named", 0, 2).toString()), "array without names");
  }

  @Test
  void growingInputAndNewImagesAreNotMixed() throws Exception {
    json(append(zarr("first.zarr", 3)));
    String second = zarr("second.zarr", 2);
    json(append(second));
    refused(Cli.run(command(second, output, "--append")), "2 inputs", "--append-new");
    Cli both = Cli.run(command(second, output, "--append", "--append-new"));
    assertThat(both.code()).isEqualTo(2);
    Cli without = Cli.run(command(second, output, "--drop-unfinished"));
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.err()).contains("needs --append-new");
  }

  @Test
  void damagedPastIsNamedAndNotReplaced() throws Exception {
    json(append(zarr("first.zarr", 21)));
    Folders.delete(folder.resolve("first.zarr"));
    Path whole = output.resolve("features/c/0/0/0/0");
    Files.delete(whole);
    String second = zarr("second.zarr", 2);
    Cli missing = append(second);
    assertThat(missing.code()).isEqualTo(4);
    assertThat(missing.errorLine())
        .contains("features/c/0/0/0/0 with images 0 to 15 is missing", "a copy");
  }

  @Test
  void damagedLastShardIsNamedAndNotReplaced() throws Exception {
    json(append(zarr("first.zarr", 21)));
    String second = zarr("second.zarr", 2);
    Path last = output.resolve("features/c/1/0/0/0");
    byte[] lastBytes = Files.readAllBytes(last);
    byte[] damaged = lastBytes.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(last, damaged);
    assertThat(append(second).errorLine()).contains("features/c/1/0/0/0", "hash of its receipt");
    assertThat(last).hasBinaryContent(damaged);
    Files.write(last, lastBytes);
    assertThat(json(append(second)).path("images").asInt()).isEqualTo(23);
  }

  @Test
  void otherKindsOfInputAreRefused() throws Exception {
    json(append(zarr("first.zarr", 3)));
    FeatureShape other = new FeatureShape(2, SIDE, SIDE + 1, CHANNELS);
    String wider =
        Arrays4.random(random, other).zarr(folder + "/wider.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    refused(append(wider), "made in another way", "columns 16, now 17");
    String[] files = {
      "reduce",
      wider,
      folder + "/files",
      "--weights",
      folder + "/w.safetensors",
      "--format",
      "npy",
      "--runner",
      "local",
      "--quiet"
    };
    assertThat(Cli.run(files).code()).isZero();
    String[] more = Arrays.copyOf(files, files.length + 1);
    more[files.length] = "--append-new";
    refused(Cli.run(more), "folder of files");
  }

  @Test
  void dryRunDescribesTheAppend() throws Exception {
    json(append(zarr("first.zarr", 3)));
    String second = zarr("second.zarr", 2);
    Map<String, String> before = Folders.hashes(folder, "out.zarr");
    Cli plan = Cli.run(command(second, output, "--append-new", "--dry-run"));
    assertThat(plan.code()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("grows by 2 images, from 3 to 5");
    assertThat(json(plan).at("/estimate/units").asInt()).isEqualTo(1);
    assertThat(Folders.hashes(folder, "out.zarr")).isEqualTo(before);
  }

  private static ReduceJob plan(String... args) throws Exception {
    ReduceCommand command = new ReduceCommand();
    new CommandLine(command).parseArgs(Arrays.copyOfRange(args, 1, args.length));
    ByteStores stores = ByteStores.LOCAL;
    return Pointwise.on(stores, Execution.threads(stores, 2)).plan(command.spec());
  }

  @Test
  void nightsThatArePlannedAtOnceDoNotReplaceEachOther() throws Exception {
    json(append(zarr("first.zarr", 3)));
    ReduceJob one = plan(command(zarr("one.zarr", 2), output, "--append-new"));
    ReduceJob other = plan(command(zarr("other.zarr", 2), output, "--append-new"));
    one.run(Listener.SILENT);
    assertThatThrownBy(() -> other.run(Listener.SILENT))
        .isInstanceOf(IncompleteRunException.class)
        .hasMessageContaining("another run has changed it");
    assertThat(json(append(folder + "/other.zarr/data")).path("images").asInt()).isEqualTo(7);
  }

  /** Blocks the path of an object while an append runs. */
  private Cli interrupted(String input, String object, String... more) throws Exception {
    Path inside = Files.createDirectories(output.resolve(object).resolve("in the way"));
    Cli stopped = append(input, more);
    Files.delete(inside);
    Files.delete(output.resolve(object));
    assertThat(stopped.code()).as(stopped.err()).isEqualTo(4);
    return stopped;
  }

  @Test
  void interruptedAppendWithKnownImagesContinues() throws Exception {
    Path first = files("first", 0, 14);
    json(append(first.toString()));
    Path second = files("second", 14, 20);
    Files.copy(first.resolve("image00003.npy"), second.resolve("image00003.npy"));
    interrupted(second.toString(), "features/c/2/0/0/0");
    Files.delete(first.resolve("image00003.npy"));
    JsonNode report = json(append(second.toString()));
    assertThat(report.path("images").asInt()).isEqualTo(34);
    Files.delete(output.resolve("features/c/2/0/0/0"));
    assertThat(json(append(second.toString())).path("shardsWritten").asInt()).isEqualTo(1);
  }

  @Test
  void unfinishedAppendIsNotEvaluated() throws Exception {
    json(append(zarr("first.zarr", 20)));
    String second = zarr("second.zarr", 20);
    interrupted(second, "features/c/2/0/0/0");
    refused(
        Cli.run("evaluate", second, "--output", output.toString(), "--runner", "local", "--quiet"),
        "has not ended");
  }

  /** The images of a dropped append must not stay, even if they have the same lengths. */
  @Test
  void imagesOfDroppedAppendDoNotStay() throws Exception {
    json(append(zarr("first.zarr", 20)));
    String tonight = zarr("tonight.zarr", 30);
    interrupted(tonight, "features/c/3/0/0/0");
    Folders.delete(folder.resolve("tonight.zarr"));
    json(
        append(
            zarr("tonight.zarr", 30),
            "--drop-unfinished",
            "--ignore-modification-times",
            "--allow-duplicates"));
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("Compared").doesNotContain("not compared");
  }

  /** Nothing of a dropped append stays, not even a folder. */
  @Test
  void objectsOfDroppedAppendDoNotStay() throws Exception {
    String first = zarr("first.zarr", 20);
    json(append(first));
    interrupted(zarr("second.zarr", 50), "features/c/4/0/0/0");
    assertThat(output.resolve("features/c/3/0/0/0")).exists();
    json(append(first, "--drop-unfinished"));
    assertThat(output.resolve("features/c/1")).exists();
    assertThat(output.resolve("features/c/2")).doesNotExist();
    assertThat(output.resolve("features/c/3")).doesNotExist();
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  @Test
  void countsAreThoseOfAllImagesHoweverOftenAnAppendIsRepeated() throws Exception {
    json(append(zarr("first.zarr", 3)));
    String second = zarr("second.zarr", 2);
    Path chunk = folder.resolve("second.zarr/data/c/1/1/0/0");
    byte[] bytes = Files.readAllBytes(chunk);
    byte[] damaged = bytes.clone();
    Arrays.fill(damaged, bytes.length / 2, bytes.length, (byte) 77);
    Files.write(chunk, damaged);
    String[] tolerant = {"--on-bad-input", "nodata"};
    for (int run = 0; run < 3; run++) {
      assertThat(json(append(second, tolerant)).path("badPixels").asInt()).isEqualTo(128);
    }
    Files.write(chunk, bytes);
    assertThat(json(append(second, tolerant)).path("badPixels").asInt()).isZero();
  }

  @Test
  void inputMayGrowBeforeNewImagesFollow() throws Exception {
    Path first = files("first", 0, 4);
    json(append(first.toString()));
    Path more = files("more", 4, 3);
    for (String name : ByteStores.LOCAL.open(more.toString()).list("")) {
      Files.move(more.resolve(name), first.resolve(name));
    }
    json(Cli.run(command(first.toString(), output, "--append")));
    json(append(files("third", 7, 3).toString()));
    Cli verified = Cli.run("verify", output.toString(), "--quiet");
    assertThat(verified.out()).contains("Compared").doesNotContain("not compared");
    assertThat(json(append(first.toString())).path("images").asInt()).isEqualTo(10);
  }

  @Test
  void comparisonWithOneInputNamesImagesOfOthers() throws Exception {
    String first = zarr("first.zarr", 3);
    json(append(first));
    String[] verify = {"verify", output.toString(), "--quiet", "--input", first};
    assertThat(Cli.run(verify).out()).contains("Compared").doesNotContain("not compared");
    json(append(zarr("second.zarr", 2)));
    Cli verified = Cli.run(verify);
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out())
        .contains("Compared")
        .contains("not compared: 2 of 5 images, which come from other inputs; leave out --input");
  }

  /** Chunks of the input contain images of several appends. */
  @Test
  void partsOfOneInputAreVerified() throws Exception {
    Extent chunk = new Extent(3, 8, 16);
    String input = images(6).zarr(folder + "/parts.zarr", 3, "n,y,x,c", chunk, chunk);
    for (String part : new String[] {"0:2", "2:4", "4:6"}) {
      json(append(input, "--images", part));
    }
    Cli verified = Cli.run("verify", output.toString(), "--runner", "local");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("Compared").doesNotContain("not compared");
  }
}
