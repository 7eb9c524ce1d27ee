package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.testing.Folders;

/** Tests repeated appends: the input grows along n, and stored images are not computed again. */
class AppendTest extends GrowingInputFixture {
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

  /** An image arrives between the append and its verification. */
  @Test
  void inputThatHasGainedImagesIsComparedUpToThem() throws Exception {
    json(append(input(5), output));
    input(11);
    Cli verified = Cli.run("verify", output.toString(), "--deep");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("Compared");
    assertThat(verified.out() + verified.err()).contains("has 11 images now", "the first 5");
  }
}
