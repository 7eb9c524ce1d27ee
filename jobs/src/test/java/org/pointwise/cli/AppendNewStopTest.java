package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;

/**
 * Ends appends of new images at each of their puts. Then the append is dropped, with and without
 * new images, or another night follows at the same path.
 */
class AppendNewStopTest extends StoppedNightsFixture {
  /** The append is dropped although all images of the input are stored. */
  @Test
  void droppedAppendLeavesNothing() throws Exception {
    String first = zarr("first.zarr", 3);
    json(append(first, PLAIN));
    Map<String, String> before = Folders.hashes(output, "features");
    String counts = report();
    String second = zarr("second.zarr", 40);
    String copy = folder + "/copy.zarr";
    Folders.copy(folder.resolve("first.zarr"), Path.of(copy));
    stopEverywhere(
        second,
        PLAIN,
        where -> {
          String input = random.nextBoolean() ? first : copy + "/data";
          String[] drop = with(PLAIN, "--drop-unfinished");
          boolean stopped =
              random.nextBoolean()
                  && stop(ENDS[random.nextInt(2)], 1 + random.nextInt(12), input, drop);
          JsonNode report = json(append(input, drop));
          if (report.path("images").asInt() == 3) {
            assertThat(Folders.hashes(output, "features")).as(where).isEqualTo(before);
            assertThat(report()).as(where).isEqualTo(counts);
          } else {
            assertThat(report.path("images").asInt()).as(where + stopped).isEqualTo(43);
          }
          assertThat(record("plan.json").path("input").asText())
              .as(where)
              .doesNotContain("copy.zarr");
          requireVerified(where);
          json(append(second, PLAIN));
          requireVerified(where + ", appended again");
        });
  }

  /** Objects that an unfinished append replaced, or put back when it was dropped, are kept. */
  @ParameterizedTest
  @ValueSource(strings = {"zarr2", "zarr3"})
  void verificationOfUnfinishedAppendDeletesNoStoredImage(String format) throws Exception {
    String[] options = with(PLAIN, "--format", format);
    String first = zarr("first.zarr", 3);
    json(append(first, options));
    String second = zarr("second.zarr", 14);
    stopEverywhere(
        second,
        options,
        where -> {
          String[] drop = with(options, "--drop-unfinished");
          boolean drops = random.nextBoolean();
          if (drops) {
            stop(ENDS[random.nextInt(2)], 1 + random.nextInt(12), first, drop);
          }
          Cli verified = verify("--deep", "--delete-corrupt");
          assertThat(verified.out()).as(where).doesNotContain("foreign", "corrupt", "torn");
          if (drops) {
            json(append(first, drop));
          }
          assertThat(json(append(second, options)).path("images").asInt()).as(where).isEqualTo(17);
          requireVerified(where);
        });
  }

  private String report() throws Exception {
    JsonNode report = record("report.json");
    return "%s %s %s"
        .formatted(report.path("pixels"), report.path("maskedPixels"), report.path("storedBytes"));
  }

  /** The append of other images drops it. */
  @Test
  void anotherAppendReplacesADroppedOne() throws Exception {
    json(append(zarr("first.zarr", 17), PLAIN));
    String second = zarr("second.zarr", 30);
    String third = zarr("third.zarr", 4);
    stopEverywhere(
        second,
        PLAIN,
        where -> {
          String[] drop = with(PLAIN, "--drop-unfinished");
          if (random.nextBoolean()) {
            stop(ENDS[random.nextInt(2)], 1 + random.nextInt(16), third, drop);
          }
          assertThat(json(append(third, drop)).path("images").asInt()).as(where).isIn(21, 51);
          requireVerified(where);
        });
  }

  /**
   * The last images are stored again after their input was restored, and this does not end. Then
   * another night takes the place of the input.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void unfinishedRepairLosesNoImage(int before) throws Exception {
    if (before > 0) {
      json(append(zarr("first.zarr", before), TOLERANT));
    }
    Path tonight = folder.resolve("tonight.zarr");
    Arrays4 images = images(15);
    String night = images.zarr(tonight.toString(), 3, "n,y,x,c", CHUNK, CHUNK);
    Path chunk = tonight.resolve("data/c/7/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    Files.write(chunk, Arrays.copyOf(whole, 3));
    json(append(night, TOLERANT));
    Files.write(chunk, whole);
    Folders.copy(tonight, folder.resolve("kept.zarr"));
    stopEverywhere(
        night,
        TOLERANT,
        where -> {
          Folders.delete(tonight);
          images(2).zarr(tonight.toString(), 3, "n,y,x,c", CHUNK, CHUNK);
          Cli other = append(night, TOLERANT);
          if (other.code() == 3) {
            assertThat(other.errorLine())
                .as(where)
                .contains("--drop-unfinished", "%d to %d".formatted(before, before + 14));
            String[] drop = with(TOLERANT, "--drop-unfinished");
            if (random.nextBoolean()) {
              stop(ENDS[random.nextInt(2)], 1 + random.nextInt(16), night, drop);
            }
            other = append(night, drop);
          }
          assertThat(json(other).path("images").asInt()).as(where).isEqualTo(before + 17);
          Cli verified = Cli.run("verify", output.toString(), "--deep", "--runner", "local");
          assertThat(verified.code()).as(where + verified.out() + verified.err()).isZero();
          if (!record("sources.json").toString().contains("unreadable")) {
            assertThat(record("report.json").path("badPixels").asInt()).as(where).isZero();
          }
          Folders.delete(tonight);
          Folders.copy(folder.resolve("kept.zarr"), tonight);
        });
    reset();
    json(append(night, TOLERANT));
    requireVerified("repaired");
  }

  /** The shards that {@code --append} replaces are not copied, since its input has all images. */
  @Test
  void unfinishedAppendOfTheSameInputIsNotDropped() throws Exception {
    Path first = files("first", 0, 14);
    json(append(first.toString()));
    Path more = files("more", 14, 20);
    for (String name : ByteStores.LOCAL.open(more.toString()).list("")) {
      Files.move(more.resolve(name), first.resolve(name));
    }
    Path inside = Files.createDirectories(output.resolve("features/c/2/0/0/0/in the way"));
    Cli stopped = Cli.run(command(first.toString(), output, "--append"));
    assertThat(stopped.code()).as(stopped.err()).isEqualTo(4);
    Files.delete(inside);
    Files.delete(inside.getParent());
    String third = files("third", 40, 3).toString();
    Cli refused = append(third, "--drop-unfinished");
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("reduce --append of the images that", "again first");
    json(Cli.run(command(first.toString(), output, "--append")));
    assertThat(json(append(third)).path("images").asInt()).isEqualTo(37);
  }
}
