package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pointwise.differential.FailingStores;
import org.pointwise.errors.PointwiseException;
import org.pointwise.testing.Folders;

/** What users do after an append has not ended, and where clocks differ. */
class AppendNewRecoveryTest extends StoppedNightsFixture {
  private static final int STORED = 5;
  private static final int NIGHT = 20;

  private final String[] drop = with(PLAIN, "--drop-unfinished");

  /** A repair that leaves an image undecodable does not end, and the past is not checked. */
  @Test
  void copiesAreRestoredThoughThePastIsNotChecked() throws Exception {
    json(append(zarr("first.zarr", STORED), TOLERANT));
    String night = zarr("night.zarr", 30);
    Path chunk = folder.resolve("night.zarr/data/c/7/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    damage(chunk);
    damage(folder.resolve("night.zarr/data/c/7/1/0/0"));
    json(append(night, TOLERANT));
    Files.write(chunk, whole);
    String other = zarr("other.zarr", NIGHT);
    String[] options = with(TOLERANT, "--check-past", "0");
    stopEverywhere(
        night,
        TOLERANT,
        where -> {
          Cli next = append(other, options);
          if (next.code() != 0) {
            assertThat(next.errorLine()).as(where).contains("--drop-unfinished");
            json(append(other, with(options, "--drop-unfinished")));
          }
          assertThat(verify("--deep").out())
              .as(where)
              .doesNotContain("foreign", "corrupt", "torn", "never written");
        });
  }

  /** A copy in the run folder is damaged, and the object is put in its place from another copy. */
  @Test
  void objectThatIsPutBackReplacesADamagedCopy() throws Exception {
    String first = zarr("first.zarr", STORED);
    json(append(first, PLAIN));
    json(append(zarr("second.zarr", 2), PLAIN));
    String night = zarr("night.zarr", NIGHT);
    String other = zarr("other.zarr", NIGHT);
    Path object = object(0);
    byte[] stored = Files.readAllBytes(object);
    AtomicInteger refused = new AtomicInteger();
    stopEverywhere(
        night,
        PLAIN,
        where -> {
          Path copy = runFolder().resolve("past/%d/features/c/0/0/0/0".formatted(STORED + 2));
          if (!Files.exists(copy)) {
            return;
          }
          byte[] damaged = stored.clone();
          damaged[100] ^= 1;
          Files.write(copy, damaged);
          String next = random.nextBoolean() ? first : other;
          Cli done = append(next, drop);
          if (done.code() == 4) {
            refused.incrementAndGet();
            assertThat(done.errorLine()).as(where).contains("features/c/0/0/0/0", "a copy");
            Files.write(object, stored);
            done = append(next, drop);
          }
          json(done);
          requireVerified(where);
        });
    assertThat(refused).hasPositiveValue();
  }

  /** The output is reduced again from its first input, which has whole shards. */
  @Test
  void unfinishedAppendIsReplaced() throws Exception {
    String first = zarr("first.zarr", NIGHT);
    json(append(first, PLAIN));
    String night = zarr("night.zarr", NIGHT);
    AtomicInteger refused = new AtomicInteger();
    stopEverywhere(
        night,
        PLAIN,
        where -> {
          Cli reduced = Cli.run(command(first, output, PLAIN));
          if (reduced.code() != 0) {
            assertThat(reduced.code()).as(where + reduced.err()).isEqualTo(3);
            refused.incrementAndGet();
            json(append(night, PLAIN));
          }
          requireVerified(where);
          reset();
          stop(ENDS[0], Integer.parseInt(where.replaceAll("\\D+", "")), night, PLAIN);
          json(Cli.run(command(first, output, with(PLAIN, "--overwrite"))));
          assertThat(record("report.json").path("images").asInt(NIGHT)).isEqualTo(NIGHT);
          requireVerified(where);
          assertThat(json(append(night, PLAIN)).path("images").asInt()).isEqualTo(2 * NIGHT);
        });
    assertThat(refused).hasPositiveValue();
  }

  /** An output under repair is computed again in its place, from other images of equal shape. */
  @Test
  void overwrittenOutputDoesNotRecogniseImages() throws Exception {
    String first = zarr("first.zarr", NIGHT);
    json(append(first, PLAIN));
    Folders.copy(folder.resolve("first.zarr"), folder.resolve("copy.zarr"));
    damage(object(1));
    deleteCorrupt();
    Folders.delete(folder.resolve("first.zarr"));
    json(Cli.run(command(zarr("first.zarr", NIGHT), output, with(PLAIN, "--overwrite"))));
    JsonNode report = json(append(folder + "/copy.zarr/data", PLAIN));
    assertThat(report.path("images").asInt()).isEqualTo(2 * NIGHT);
    requireVerified("after both");
  }

  /** A document of an output under repair is lost, too. */
  @Test
  void lostObjectIsNamedWithoutMetadata() throws Exception {
    json(append(zarr("first.zarr", STORED), PLAIN));
    json(append(zarr("second.zarr", 2), PLAIN));
    damage(object(0));
    deleteCorrupt();
    Files.delete(output.resolve("features/zarr.json"));
    refused(zarr("night.zarr", NIGHT), "features/c/0/0/0/0", "missing");
  }

  /** The clock of an earlier run was ahead. */
  @Test
  void receiptsOfLaterRunsCount() throws Exception {
    json(append(zarr("first.zarr", STORED), PLAIN));
    Path receipts = runFolder().resolve("receipts");
    try (Stream<Path> files = Files.list(receipts)) {
      for (Path file : files.toList()) {
        Files.move(file, receipts.resolve("2099" + file.getFileName().toString().substring(4)));
      }
    }
    json(append(zarr("night.zarr", NIGHT), PLAIN));
    requireVerified("appended");
    json(append(zarr("other.zarr", NIGHT), PLAIN));
    requireVerified("appended again");
  }

  /** An object was deleted and is put back from a copy, but its input is damaged meanwhile. */
  @Test
  void objectThatIsPutBackUnlocksTheOutputThoughItsInputIsDamaged() throws Exception {
    String night = zarr("night.zarr", NIGHT);
    json(append(night, TOLERANT));
    byte[] stored = Files.readAllBytes(object(1));
    damage(object(1));
    deleteCorrupt();
    Path chunk = folder.resolve("night.zarr/data/c/17/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    damage(chunk);
    assertThat(append(night, TOLERANT).errorLine())
        .contains("objects of images of " + night + " are missing", "from a copy");
    Files.write(object(1), stored);
    JsonNode report = json(append(night, TOLERANT));
    assertThat(report.path("shardsWritten").asInt()).isZero();
    assertThat(report.path("images").asInt()).isEqualTo(NIGHT);
    assertThat(Files.readAllBytes(object(1))).isEqualTo(stored);
    assertThat(verify("--deep").code()).isZero();
    Files.write(chunk, whole);
    json(append(night, TOLERANT));
    requireVerified("restored");
  }

  /** The replacement of an output in place is interrupted, and another night is appended. */
  @Test
  void interruptedOverwriteIsRepeated() throws Exception {
    String first = zarr("first.zarr", STORED);
    json(append(first, PLAIN));
    json(append(zarr("second.zarr", NIGHT), PLAIN));
    String night = zarr("night.zarr", NIGHT);
    save();
    String[] replaces = command(first, output, with(PLAIN, "--overwrite=now"));
    int refused = 0;
    for (int at = 1; ; at++) {
      reset();
      try {
        StoppedReduction.run(new FailingStores(ENDS[random.nextInt(2)], at), replaces);
        break;
      } catch (PointwiseException e) {
        // stopped
      }
      boolean deletes =
          Files.exists(output.resolve("zarr.json"))
              && !Files.exists(runFolder().resolve("metadata.json"));
      Cli next = append(night, drop);
      if (deletes) {
        assertThat(next.code()).as("change %d: %s", at, next.err()).isEqualTo(3);
        assertThat(next.errorLine()).contains("is gone, as after an interrupted deletion");
      }
      if (next.code() != 0) {
        refused++;
        assertThat(next.code()).as("change %d: %s", at, next.err()).isIn(3, 4);
        json(Cli.run(replaces));
      }
      requireVerified("change " + at);
    }
    assertThat(refused).isPositive();
  }
}
