package org.pointwise.cli;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;

/**
 * Appends of an output after several others have not ended: what these stored must not be taken for
 * what the last one stores.
 */
class AppendNewReturnTest extends StoppedNightsFixture {
  private static final int STORED = 5;
  private static final int NIGHT = 20;
  private static final int SHARD = 16;

  private final String[] drop = with(PLAIN, "--drop-unfinished");

  private void requireStored(Cli done, String where) throws Exception {
    assertThat(json(done).path("images").asInt()).as(where).isEqualTo(STORED + NIGHT);
    requireVerified(where);
  }

  /** An append is dropped for another one, which is dropped for the first one. */
  @Test
  void droppedAppendIsGivenAgain() throws Exception {
    json(append(zarr("first.zarr", STORED), PLAIN));
    String night = zarr("night.zarr", NIGHT);
    String other = zarr("other.zarr", NIGHT);
    stopEverywhere(
        night,
        PLAIN,
        where -> {
          boolean stopped = stop(ENDS[random.nextInt(2)], 6 + random.nextInt(10), other, drop);
          int images = json(append(night, drop)).path("images").asInt();
          // Either may have stored all but its end.
          assertThat(images).as(where + stopped).isIn(STORED + NIGHT, STORED + 2 * NIGHT);
          requireVerified(where);
        });
  }

  /** The output is replaced by one with as many images while an append has not ended. */
  @Test
  void copiesAreThoseOfTheOutput() throws Exception {
    String first = zarr("first.zarr", STORED);
    json(append(first, PLAIN));
    String night = zarr("night.zarr", NIGHT);
    String[] other = with(PLAIN, "--activation", "none");
    stopEverywhere(
        night,
        PLAIN,
        where -> {
          json(Cli.run(command(first, output, with(other, "--overwrite"))));
          requireStored(append(night, other), where);
        });
  }

  /** The input of an append that has not ended is damaged before the command is repeated. */
  @Test
  void damagedInputOfAnUnfinishedAppendIsStored() throws Exception {
    json(append(zarr("first.zarr", STORED), TOLERANT));
    String night = zarr("night.zarr", NIGHT);
    Path chunk = folder.resolve("night.zarr/data/c/3/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    stopEverywhere(
        night,
        TOLERANT,
        where -> {
          Files.write(chunk, Arrays.copyOf(whole, 3));
          int images = json(append(night, TOLERANT)).path("images").asInt();
          assertThat(images).as(where).isEqualTo(STORED + NIGHT);
          Files.write(chunk, whole);
        });
  }

  private static int notNumbers(Path object) throws Exception {
    FloatBuffer numbers =
        ByteBuffer.wrap(Files.readAllBytes(object)).order(LITTLE_ENDIAN).asFloatBuffer();
    int count = 0;
    while (numbers.hasRemaining()) {
      count += Float.isNaN(numbers.get()) ? 1 : 0;
    }
    return count;
  }

  /** Images are restored, but the run that stores them again is dropped; then one is lost again. */
  @Test
  void restoredImageStaysThoughItsInputIsDamagedAgain() throws Exception {
    String night = zarr("night.zarr", NIGHT);
    Path stored = chunk(12);
    Path restored = chunk(SHARD + 2);
    Path lostAgain = chunk(2);
    Map<Path, byte[]> whole = new HashMap<>();
    for (Path chunk : List.of(stored, restored, lostAgain)) {
      whole.put(chunk, Files.readAllBytes(chunk));
    }
    damage(restored);
    damage(lostAgain);
    json(append(night, TOLERANT));
    Files.write(restored, whole.get(restored));
    Files.write(lostAgain, whole.get(lostAgain));
    int damaged = notNumbers(object(0));
    AtomicInteger kept = new AtomicInteger();
    stopEverywhere(
        night,
        TOLERANT,
        where -> {
          damage(stored);
          json(append(night, with(TOLERANT, "--drop-unfinished")));
          Files.write(stored, whole.get(stored));
          damage(lostAgain);
          int before = notNumbers(object(0));
          kept.addAndGet(before < damaged ? 1 : 0);
          json(append(night, TOLERANT));
          assertThat(notNumbers(object(0))).as(where).isLessThanOrEqualTo(before);
          Files.write(lostAgain, whole.get(lostAgain));
          json(append(night, TOLERANT));
          requireVerified(where);
          assertThat(record("report.json").path("badPixels").asInt()).as(where).isZero();
        });
    assertThat(kept).hasPositiveValue();
  }

  private Path chunk(int image) {
    return folder.resolve("night.zarr/data/c/%d/0/0/0".formatted(image));
  }

  /** The end of a dropped append is interrupted while the copies are deleted. */
  @Test
  void recordsWithoutCopiesAreNotUsed() throws Exception {
    String first = zarr("first.zarr", STORED);
    json(append(first, PLAIN));
    String night = zarr("night.zarr", NIGHT);
    String other = zarr("other.zarr", NIGHT);
    stopEverywhere(
        night,
        PLAIN,
        where -> {
          Path past = runFolder().resolve("past");
          if (!Files.exists(past.resolve(STORED + "/0.json"))) {
            return;
          }
          Folders.copy(past, folder.resolve("past"));
          if (json(append(first, drop)).path("images").asInt() == STORED) {
            Folders.copy(folder.resolve("past"), past);
            Folders.delete(past.resolve(STORED + "/features"));
            Files.delete(runFolder().resolve("_SUCCESS"));
            requireStored(append(other, PLAIN), where);
          }
          Folders.delete(folder.resolve("past"));
        });
  }

  /** Appends a night after some images; returns its input. */
  private String appendLatest(int before) throws Exception {
    if (before > 0) {
      json(append(zarr("before.zarr", before), PLAIN));
    }
    String latest = zarr("latest.zarr", NIGHT);
    json(append(latest, PLAIN));
    return latest;
  }

  private int images() throws Exception {
    String group = Files.readString(output.resolve("features/zarr.json"));
    return JsonText.parse(group.getBytes(UTF_8), "array").at("/shape/0").asInt();
  }

  /**
   * An object of the latest stored images is deleted while an append has not ended. Their input
   * computes it again.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 18})
  void lostObjectIsComputedFromTheLatestStoredInput(int before) throws Exception {
    String latest = appendLatest(before);
    String night = zarr("night.zarr", 14);
    int stored = before + NIGHT;
    AtomicInteger lost = new AtomicInteger();
    stopEverywhere(
        night,
        PLAIN,
        where -> {
          int last = (stored - 1) / SHARD;
          int first = (before + SHARD - 1) / SHARD;
          Path object = object(first + random.nextInt(last - first + 1));
          if (random.nextBoolean()) {
            damage(object);
          } else {
            Files.delete(object);
          }
          Cli verified = verify("--deep", "--delete-corrupt");
          if (images() != stored || verified.out().contains("objects not checked")) {
            return; // the append has stored all
          }
          Cli again = append(night, PLAIN);
          if (again.code() == 0) { // a copy has taken its place, or the append has not begun
            return;
          }
          lost.incrementAndGet();
          assertThat(again.errorLine()).as(where).contains("latest", " again", "a copy");
          if (random.nextBoolean()) {
            stop(ENDS[random.nextInt(2)], 1 + random.nextInt(12), latest, drop);
          }
          Cli repaired = append(latest, drop);
          assertThat(json(repaired).path("images").asInt()).as(where).isEqualTo(stored);
          requireVerified(where);
          assertThat(json(append(night, PLAIN)).path("images").asInt())
              .as(where)
              .isEqualTo(stored + 14);
          requireVerified(where);
        });
    assertThat(lost).hasPositiveValue();
  }

  /** An append finds an object damaged that also holds images of the latest stored input. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void damageThatAnAppendFindsIsComputedAgain(int before) throws Exception {
    String latest = appendLatest(before);
    String night = zarr("night.zarr", 14);
    damage(object(1));
    assertThat(append(night, PLAIN).code()).isEqualTo(4);
    deleteCorrupt();
    refused(night, "append the same 20 images of " + latest, "with --drop-unfinished");
    json(append(latest, drop));
    requireVerified("repaired");
    json(append(night, PLAIN));
    requireVerified("appended");
  }
}
