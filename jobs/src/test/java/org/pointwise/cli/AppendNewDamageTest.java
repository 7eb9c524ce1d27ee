package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.differential.FailingStores.Failure;
import org.pointwise.testing.Folders;

/** Objects of an output, or chunks of its inputs, are damaged between appends of new images. */
class AppendNewDamageTest extends StoppedNightsFixture {
  /** A repair does not end; then another chunk of its input is damaged. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void storedImageStaysThoughItsInputIsDamagedDuringARepair(int before) throws Exception {
    if (before > 0) {
      json(append(zarr("first.zarr", before), TOLERANT));
    }
    String night = zarr("night.zarr", 15);
    Path chunk = folder.resolve("night.zarr/data/c/7/0/0/0");
    Path other = folder.resolve("night.zarr/data/c/2/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    byte[] otherWhole = Files.readAllBytes(other);
    damage(chunk);
    json(append(night, TOLERANT));
    Files.write(chunk, whole);
    stopEverywhere(
        night,
        TOLERANT,
        where -> {
          damage(other);
          Cli repeated = append(night, TOLERANT);
          if (repeated.code() != 0) {
            assertThat(repeated.code()).as(where).isEqualTo(3);
            assertThat(repeated.errorLine()).contains("is damaged since", "--drop-unfinished");
            json(append(night, with(TOLERANT, "--drop-unfinished")));
          }
          Files.write(other, otherWhole);
          assertThat(record("sources.json").at("/sources").toString())
              .as(where)
              .contains("\"digests\"");
          json(append(night, TOLERANT));
          requireVerified(where);
          assertThat(record("report.json").path("badPixels").asInt()).as(where).isZero();
        });
  }

  /** Damaged objects are deleted while an append of 20 images to 18 has not ended. */
  @Test
  void deletedObjectsOfAnUnfinishedAppendDoNotBlockAnother() throws Exception {
    json(append(zarr("first.zarr", 18), PLAIN));
    String second = zarr("second.zarr", 20);
    String third = zarr("third.zarr", 2);
    AtomicInteger dropped = new AtomicInteger();
    stopEverywhere(
        second,
        PLAIN,
        where -> {
          if (Files.exists(object(1)) && random.nextBoolean()) {
            damage(object(1)); // with images of both inputs
          }
          boolean restorable = Files.exists(runFolder().resolve("past/18/1.json"));
          Cli verified = verify("--deep", "--delete-corrupt");
          Cli next = append(third, with(PLAIN, "--drop-unfinished"));
          if (next.code() == 4) { // all was stored, but not all metadata
            assertThat(verified.out()).as(where + next.err()).contains("objects not checked");
            return;
          }
          if (next.code() == 3) {
            assertThat(next.errorLine()).as(where).contains("images 16 to", "a copy");
            if (restorable) { // the append has ended, but its copies are not deleted yet
              assertThat(next.errorLine()).as(where).contains("images 16 to 31");
            }
            return;
          }
          dropped.incrementAndGet();
          assertThat(json(next).path("images").asInt()).as(where).isIn(20, 40);
          requireVerified(where);
        });
    assertThat(dropped.get()).isGreaterThan(5);
  }

  @Test
  void restoredObjectUnlocksTheOutput() throws Exception {
    String first = zarr("first.zarr", 16);
    json(append(first, PLAIN));
    String second = zarr("second.zarr", 16);
    json(append(second, PLAIN));
    String third = zarr("third.zarr", 2);
    for (int shard : new int[] {1, 0}) {
      byte[] whole = Files.readAllBytes(object(shard));
      damage(object(shard));
      deleteCorrupt();
      String recorded = record("sources.json").toString();
      String name = "features/c/%d/0/0/0".formatted(shard);
      if (shard == 1) {
        refused(
            third,
            name,
            "images 16 to 31 of " + second,
            "append the same 16 images of " + second + " again first");
        refused(first, name);
      } else {
        refused(third, name, "images 0 to 15 of " + first, "; put the object of a copy");
        refused(second, name, "; put the object of a copy");
        refused(first, name);
      }
      assertThat(record("sources.json")).hasToString(recorded);
      Files.write(object(shard), whole);
      json(append(first, PLAIN)); // has no new image, and finds all objects
      requireVerified("shard " + shard);
    }
    damage(object(1));
    deleteCorrupt();
    json(append(second, PLAIN));
    requireVerified("stored again");
    byte[] whole = Files.readAllBytes(object(0));
    damage(object(0));
    deleteCorrupt();
    Files.write(object(0), whole);
    Folders.delete(folder.resolve("first.zarr"));
    Folders.delete(folder.resolve("second.zarr"));
    assertThat(json(append(third, PLAIN)).path("images").asInt()).isEqualTo(34);
    Cli verified = verify("--deep");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  @Test
  void outputOfAReductionNamesItAsTheWayToRestoreAnObject() throws Exception {
    String first = zarr("first.zarr", 18);
    json(Cli.run(command(first, output, with(PLAIN, "--append"))));
    damage(object(0));
    deleteCorrupt();
    refused(
        zarr("second.zarr", 2),
        "run the reduction of " + first + " again first, without --append-new");
    json(Cli.run(command(first, output, with(PLAIN, "--append"))));
    json(append(folder + "/second.zarr/data", PLAIN));
    requireVerified("restored");
  }

  @Test
  void changedInputOfAnUnfinishedAppendIsNamed() throws Exception {
    json(append(zarr("first.zarr", 18), PLAIN));
    String second = zarr("second.zarr", 20);
    save();
    assertThat(stop(Failure.ENDS_BEFORE, 12, second, PLAIN)).isTrue();
    Folders.delete(folder.resolve("second.zarr"));
    zarr("second.zarr", 19);
    refused(second, "other images are there now", "--drop-unfinished");
    assertThat(json(append(second, with(PLAIN, "--drop-unfinished"))).path("images").asInt())
        .isEqualTo(37);
    requireVerified("dropped");
  }

  /** The path of the only input has further images. */
  @Test
  void onlyInputWithOtherImagesIsNotCompared() throws Exception {
    json(append(zarr("first.zarr", 3), PLAIN));
    Folders.delete(folder.resolve("first.zarr"));
    zarr("first.zarr", 20);
    Cli verified = verify("--deep");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("3 of 3 images", "now have other images");
  }

  @Test
  void firstInputIsRecognisedWhenItIsWrittenAgain() throws Exception {
    String first = zarr("first.zarr", 18);
    json(append(first, PLAIN));
    damage(object(0));
    deleteCorrupt();
    Path data = folder.resolve("first.zarr/data");
    Folders.copy(data, folder.resolve("copy"));
    Folders.delete(data);
    Folders.copy(folder.resolve("copy"), data);
    json(append(first, PLAIN));
    requireVerified("written again");
  }

  @Test
  void newImagesAreThoseOfTheGivenInput() throws Exception {
    Path first = files("first", 0, 2);
    Path second = files("second", 2, 3);
    json(append(first.toString(), PLAIN));
    json(append(second.toString(), PLAIN));
    List<String> ofFirst = List.of("image00000.npy", "image00001.npy");
    List<String> ofSecond = List.of("image00002.npy", "image00003.npy", "image00004.npy");
    assertThat(newImages()).isEqualTo(ofSecond);
    json(append(first.toString(), PLAIN));
    assertThat(newImages()).isEqualTo(ofFirst);
    json(append(second.toString(), PLAIN));
    assertThat(newImages()).isEqualTo(ofSecond);
  }

  private List<String> newImages() throws Exception {
    return Files.readString(runFolder().resolve("new-images.txt"), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  @Test
  void forgottenOptionIsNamedBeforeOverwrite() throws Exception {
    json(append(zarr("first.zarr", 3), PLAIN));
    json(append(zarr("second.zarr", 2), PLAIN));
    String third = zarr("third.zarr", 4);
    Cli refused = Cli.run(command(third, output, PLAIN));
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine())
        .contains(
            "use --append-new where these are new images, --overwrite to replace it with its 5 images of 2 inputs");
    Cli plan = dryRun(third, with(PLAIN, "--overwrite"));
    assertThat(plan.out()).contains("then it is deleted with its 5 images of 2 inputs");
  }

  private Cli dryRun(String input, String... more) {
    String[] command = command(input, output, with(more, "--dry-run"));
    Cli plan =
        Cli.run(
            Arrays.stream(command)
                .filter(word -> !List.of("--quiet", "--json", "--no-sync").contains(word))
                .toArray(String[]::new));
    assertThat(plan.code()).as(plan.err()).isZero();
    return plan;
  }

  @Test
  void planNamesThePassOfDigestsAndTheKeptLayout() throws Exception {
    json(append(zarr("first.zarr", 40), PLAIN));
    String second = zarr("second.zarr", 2);
    Cli plan = dryRun(second, with(PLAIN, "--append-new"));
    assertThat(plan.out()).contains("Digests ", "1 of 3 shards", "to recognise");
    assertThat(plan.out() + plan.err()).doesNotContain("keeps its chunks");
    String[] command = command(second, output, with(PLAIN, "--append-new"));
    command[Arrays.asList(command).indexOf("64KiB")] = "16KiB";
    Cli appended = Cli.run(command);
    json(appended);
    assertThat(appended.err())
        .contains("the output keeps its chunks of n,y,x = 2,8,16 in objects of 16,16,16");
  }

  @Test
  void repairIsNotDescribedAsGrowth() throws Exception {
    json(append(zarr("first.zarr", 3), TOLERANT));
    String night = zarr("night.zarr", 5);
    Path chunk = folder.resolve("night.zarr/data/c/2/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    damage(chunk);
    json(append(night, TOLERANT));
    Files.write(chunk, whole);
    assertThat(dryRun(night, with(TOLERANT, "--append-new")).out())
        .contains("keeps its 8 images; images 3 to 7")
        .doesNotContain("grows by");
  }

  /** An object of the first night is gone, though the output counts as complete. */
  @Test
  void missingObjectOfAnEarlierNightNeedsACopy() throws Exception {
    json(append(zarr("first.zarr", 18), PLAIN));
    String second = zarr("second.zarr", 20);
    json(append(second, PLAIN));
    String third = zarr("third.zarr", 2);
    byte[] stored = Files.readAllBytes(object(0));
    Files.delete(object(0));
    Cli ended = append(third, PLAIN);
    assertThat(ended.code()).isEqualTo(4);
    assertThat(ended.errorLine())
        .contains("images 0 to 15 is missing", "a copy of the output", "only --overwrite makes");
    assertThat(verify().out()).contains("never written: features/c/0/0/0/0");
    Files.write(object(0), stored);
    json(append(third, PLAIN));
    requireVerified("put back");
  }
}
