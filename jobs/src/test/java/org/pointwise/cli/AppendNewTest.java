package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;

/** Tests appends of images of further inputs, which are deleted afterwards. */
class AppendNewTest extends NightsFixture {
  private void refused(Cli cli, String... parts) {
    assertThat(cli.code()).as(cli.out() + cli.err()).isEqualTo(3);
    assertThat(cli.errorLine()).contains(parts);
  }

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
    assertThat(missing.errorLine()).contains("features/c/0/0/0/0 is missing", "from a copy");
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
    assertThat(Folders.hashes(folder, "out.zarr")).isEqualTo(before);
  }
}
