package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.Execution;
import org.pointwise.Pointwise;
import org.pointwise.ReduceJob;
import org.pointwise.differential.FailingStores;
import org.pointwise.differential.FailingStores.Failure;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import picocli.CommandLine;

/** Tests what an append of new images finds after first runs, growth and deletions. */
class AppendNewStateTest extends StoppedNightsFixture {
  private static final int NIGHT = 20;

  @Test
  void unfinishedFirstRunIsContinuedFirst() throws Exception {
    String first = zarr("first.zarr", 40);
    assertThat(stop(Failure.ENDS_BEFORE, 9, first, PLAIN)).isTrue();
    refused(zarr("second.zarr", 2), "its first run, with " + first, "run that again first");
    json(append(first, PLAIN));
    json(append(folder + "/second.zarr/data", PLAIN));
    requireVerified("both");
  }

  /** The input of a first run that did not end is gone. */
  @Test
  void unfinishedFirstRunIsDropped() throws Exception {
    String first = zarr("first.zarr", 40);
    String second = zarr("second.zarr", 3);
    String[] drop = with(PLAIN, "--drop-unfinished");
    for (int at = 1; stop(ENDS[random.nextInt(2)], at, first, PLAIN); at++) {
      String where = "put " + at;
      if (random.nextBoolean()) {
        stop(ENDS[random.nextInt(2)], 1 + random.nextInt(14), second, drop);
      }
      Cli dropped = append(second, drop);
      if (dropped.code() == 3) {
        delete(dropped, second, PLAIN, where);
      } else {
        assertThat(json(dropped).path("images").asInt()).as(where).isIn(3, 43);
        requireVerified(where);
        assertThat(record("sources.json").at("/sources/0/digests")).as(where).isNotEmpty();
        assertThat(json(append(second, PLAIN)).path("images").asInt()).as(where).isIn(3, 43);
      }
      Folders.delete(output);
      Folders.delete(runFolder());
    }
  }

  /** Does what the refusal of an output says whose deletion was interrupted. */
  private void delete(Cli refused, String input, String[] options, String where) throws Exception {
    assertThat(refused.code()).as(where + refused.err()).isEqualTo(3);
    assertThat(refused.errorLine()).as(where).containsAnyOf("delete it and run", "--overwrite to ");
    Folders.delete(output);
    assertThat(json(append(input, options)).path("images").asInt()).as(where).isEqualTo(3);
    requireVerified(where);
    assertThat(json(append(input, options)).path("images").asInt()).as(where).isEqualTo(3);
  }

  /** A first run is killed, other images take its place, and a plain reduction ends it. */
  @Test
  void plainReductionForgetsDigests() throws Exception {
    String night = zarr("night.zarr", NIGHT);
    Path input = Path.of(night).getParent();
    Folders.copy(input, folder.resolve("same.zarr"));
    Path other = Path.of(zarr("other.zarr", NIGHT)).getParent();
    int ended = 0;
    for (int at = 1; at < 16 && stop(ENDS[random.nextInt(2)], at, night, PLAIN); at++) {
      Folders.replace(other, input);
      if (Cli.run(command(night, output, PLAIN)).code() == 0) {
        ended++;
        String same = folder.resolve("same.zarr") + "/data";
        int images = json(append(same, PLAIN)).path("images").asInt();
        assertThat(images).as("change " + at).isEqualTo(2 * NIGHT);
      }
      Folders.replace(folder.resolve("same.zarr"), input);
      Folders.delete(output);
      Folders.delete(runFolder());
    }
    assertThat(ended).isPositive();
  }

  /** A first run ends after a drop of it was planned. */
  @Test
  void firstRunThatEndedIsNotDropped() throws Exception {
    String first = zarr("first.zarr", 40);
    String second = zarr("second.zarr", 3);
    assertThat(stop(Failure.ENDS_BEFORE, 9, first, PLAIN)).isTrue();
    ReduceCommand command = new ReduceCommand();
    String[] args = command(second, output, with(PLAIN, "--drop-unfinished", "--append-new"));
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(Arrays.copyOfRange(args, 1, args.length));
    ReduceJob drop =
        Pointwise.on(ByteStores.LOCAL, Execution.threads(ByteStores.LOCAL, 2)).plan(command.spec());
    json(append(first, PLAIN));
    Map<String, String> before = Folders.hashes(output, "");
    assertThatThrownBy(drop::run)
        .isInstanceOf(IncompleteRunException.class)
        .hasMessageContaining("another run has changed it");
    assertThat(Folders.hashes(output, "")).isEqualTo(before);
  }

  /** A complete new output has not taken the place of an unfinished one. */
  @Test
  void newOutputTakesItsPlaceBeforeADrop() throws Exception {
    String first = zarr("first.zarr", 40);
    String other = zarr("other.zarr", 20);
    String second = zarr("second.zarr", 3);
    assertThat(stop(Failure.ENDS_BEFORE, 9, first, PLAIN)).isTrue();
    save();
    int exchanged = 0;
    for (int at = 1; ; at++) {
      reset();
      try {
        StoppedReduction.run(
            new FailingStores(Failure.ENDS_AFTER, at),
            command(other, output, with(PLAIN, "--overwrite")));
        break;
      } catch (PointwiseException e) {
        // stopped
      }
      Cli dropped = append(second, with(PLAIN, "--drop-unfinished"));
      if (dropped.code() == 4) {
        exchanged++;
        assertThat(dropped.errorLine()).as("put " + at).contains("has just taken its place");
        assertThat(json(append(second, PLAIN)).path("images").asInt()).isEqualTo(23);
      } else {
        assertThat(json(dropped).path("images").asInt()).as("put " + at).isIn(3, 23);
      }
      requireVerified("put " + at);
    }
    assertThat(exchanged).isGreaterThan(2);
  }

  /** A first run ends when all but its metadata is stored, and then its deletion does not end. */
  @ParameterizedTest
  @ValueSource(strings = {"zarr2", "zarr3"})
  void interruptedDeletionOfAFirstRunIsEnded(String format) throws Exception {
    String[] options = with(PLAIN, "--format", format);
    String first = zarr("first.zarr", 20);
    String second = zarr("second.zarr", 3);
    int puts = 1;
    while (stop(Failure.ENDS_BEFORE, puts, first, options)) {
      puts++;
      Folders.delete(output);
      Folders.delete(runFolder());
    }
    Folders.delete(output);
    Folders.delete(runFolder());
    assertThat(stop(Failure.ENDS_BEFORE, puts - 5 + random.nextInt(3), first, options)).isTrue();
    String[] drop = with(options, "--drop-unfinished");
    stopEverywhere(
        second,
        drop,
        where -> {
          Cli next = append(second, drop);
          if (next.code() == 3) {
            delete(next, second, options, where);
          } else {
            assertThat(json(next).path("images").asInt()).as(where).isIn(3, 23);
            requireVerified(where);
          }
        });
  }

  @Test
  void firstRunOfAFolderIsDroppedForAnArray() throws Exception {
    String first = files("first", 0, 40).toString();
    assertThat(stop(Failure.ENDS_BEFORE, 9, first, PLAIN)).isTrue();
    String second = zarr("second.zarr", 3);
    assertThat(json(append(second, with(PLAIN, "--drop-unfinished"))).path("images").asInt())
        .isEqualTo(3);
    requireVerified("array");
  }

  /** A complete output of which objects were deleted is no unfinished first run. */
  @Test
  void outputWithoutReportIsNotDropped() throws Exception {
    String first = zarr("first.zarr", 40);
    json(append(first, PLAIN));
    Files.delete(runFolder().resolve("report.json"));
    damage(object(0));
    deleteCorrupt();
    Cli refused = append(zarr("second.zarr", 3), with(PLAIN, "--drop-unfinished"));
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("object features/c/0/0/0/0", "again first");
    json(append(first, PLAIN));
    requireVerified("stored again");
  }

  /** Stored images of another shard are damaged in the input. */
  @ParameterizedTest
  @ValueSource(ints = {0, 16})
  void damagedInputDoesNotReplaceStoredImages(int before) throws Exception {
    if (before > 0) {
      json(append(zarr("first.zarr", before), TOLERANT));
    }
    String night = zarr("night.zarr", 40);
    json(append(night, TOLERANT));
    byte[] stored = Files.readAllBytes(object(before / 16));
    damage(object(before / 16 + 2));
    deleteCorrupt();
    String recorded = record("sources.json").toString();
    Path chunk = folder.resolve("night.zarr/data/c/3/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    damage(chunk);
    Cli refused = append(night, TOLERANT);
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("the input is damaged", "restore the input");
    assertThat(Files.readAllBytes(object(before / 16))).isEqualTo(stored);
    assertThat(record("sources.json")).hasToString(recorded);
    Files.write(chunk, whole);
    json(append(night, TOLERANT));
    requireVerified("restored");
  }

  /** The record of copies names no object that was missing. */
  @Test
  void unfinishedRepairOfADeletedObjectIsNotDropped() throws Exception {
    json(append(zarr("first.zarr", 16), PLAIN));
    String second = zarr("second.zarr", 10);
    json(append(second, PLAIN));
    String third = zarr("third.zarr", 2);
    damage(object(1));
    deleteCorrupt();
    stopEverywhere(
        second,
        PLAIN,
        where -> {
          Cli next = append(third, with(PLAIN, "--drop-unfinished"));
          if (next.code() == 3) {
            assertThat(next.errorLine()).as(where).contains("features/c/1/0/0/0", "again first");
            json(append(second, PLAIN));
            next = append(third, PLAIN);
          }
          assertThat(json(next).path("images").asInt()).as(where).isEqualTo(28);
          requireVerified(where);
        });
  }

  /** {@code --append} keeps the digests of {@code --append-new}. */
  @Test
  void digestsSurviveAnAppendAfterADeletion() throws Exception {
    Arrays4 all = images(30);
    String first = part(all, 18).zarr(folder + "/first.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    json(append(first, PLAIN));
    damage(object(1));
    deleteCorrupt();
    json(Cli.run(command(first, output, with(PLAIN, "--append"))));
    assertThat(record("sources.json").at("/sources/0/digests")).hasSize(18);
    json(append(first, PLAIN));
    Folders.delete(folder.resolve("first.zarr"));
    all.zarr(folder + "/first.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    json(Cli.run(command(first, output, with(PLAIN, "--append", "--ignore-modification-times"))));
    damage(object(1));
    deleteCorrupt();
    refused(zarr("second.zarr", 2), "run the reduction of " + first + " again first, without");
    json(Cli.run(command(first, output, with(PLAIN, "--append", "--ignore-modification-times"))));
    assertThat(json(append(folder + "/second.zarr/data", PLAIN)).path("images").asInt())
        .isEqualTo(32);
    requireVerified("both");
  }

  private static Arrays4 part(Arrays4 images, int count) {
    return new Arrays4(
        new FeatureShape(count, SIDE, SIDE, CHANNELS),
        Arrays.copyOf(images.values(), count * SIDE * SIDE * CHANNELS));
  }
}
