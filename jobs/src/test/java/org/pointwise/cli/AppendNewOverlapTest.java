package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.pointwise.differential.FailingStores;
import org.pointwise.differential.FailingStores.Failure;
import org.pointwise.errors.PointwiseException;
import org.pointwise.testing.Folders;

/** Something else happens during an append, before each of its changes of the output. */
class AppendNewOverlapTest extends StoppedNightsFixture {
  private static final int STORED = 5;
  private static final int NIGHT = 20;

  private interface Event {
    void happen() throws Exception;
  }

  /**
   * Appends a night during which something happens.
   *
   * @param at number of the change before which it happens
   * @return the exit code; −1 if there are fewer changes
   */
  private int appendDuring(String input, int at, Event event) throws Exception {
    AtomicInteger changes = new AtomicInteger();
    FailingStores stores =
        new FailingStores(Failure.REFUSED, Integer.MAX_VALUE) {
          @Override
          protected void before(String key) throws IOException {
            if (changes.incrementAndGet() == at) {
              try {
                event.happen();
              } catch (Exception e) {
                throw new IOException(e);
              }
            }
          }
        };
    int code = 0;
    try {
      StoppedReduction.run(stores, command(input, output, with(PLAIN, "--append-new")));
    } catch (PointwiseException e) {
      assertThat(e).hasMessageMatching("Cannot .*[^\\n]*; .*");
      code = e.exitCode();
    }
    return changes.get() < at ? -1 : code;
  }

  /** The same command is run twice at the same time, as a scheduler may do. */
  @Test
  void overlappingRunsLoseNoImage() throws Exception {
    json(append(zarr("first.zarr", STORED), PLAIN));
    String night = zarr("night.zarr", NIGHT);
    save();
    for (int at = 1; ; at++) {
      reset();
      int code = appendDuring(night, at, () -> json(append(night, PLAIN)));
      String where = "change %d, exit %d".formatted(at, code);
      if (code < 0) {
        assertThat(at).isGreaterThan(10);
        break;
      }
      assertThat(code).as(where).isIn(0, 4);
      if (code > 0) {
        json(append(night, PLAIN));
      }
      requireVerified(where);
    }
  }

  /** Another night takes the place of the input, or one of its chunks is replaced. */
  @Test
  void inputThatChangesIsNotStoredAsAnother() throws Exception {
    json(append(zarr("first.zarr", STORED), PLAIN));
    save();
    Path night = folder.resolve("night.zarr");
    Path one = Path.of(zarr("one.zarr", NIGHT)).getParent();
    Path other = Path.of(zarr("other.zarr", NIGHT)).getParent();
    String input = night + "/data";
    Folders.copy(one, night);
    json(append(input, PLAIN));
    Map<String, String> expected = Folders.hashes(output.resolve("features"), "c/");
    int changed = 0;
    for (int at = 1; ; at++) {
      reset();
      Folders.delete(night);
      Folders.copy(one, night);
      boolean all = random.nextBoolean();
      int code = appendDuring(input, at, () -> replace(night, other, all));
      String where = "change %d, exit %d".formatted(at, code);
      if (code < 0) {
        assertThat(at).isGreaterThan(10);
        break;
      }
      if (code == 0) { // after all was stored
        assertThat(Folders.hashes(output.resolve("features"), "c/")).as(where).isEqualTo(expected);
        continue;
      }
      changed++;
      assertThat(code).as(where).isIn(3, 4); // 3 if a task found no metadata
      Cli refused = append(input, PLAIN);
      if (refused.code() != 0) { // 0 if the append had not begun
        assertThat(refused.errorLine()).as(where).contains("--drop-unfinished");
        json(append(input, with(PLAIN, "--drop-unfinished")));
      }
      requireVerified(where);
      assertThat(record("report.json").path("images").asInt()).as(where).isEqualTo(STORED + NIGHT);
    }
    assertThat(changed).isGreaterThan(5);
  }

  private static void replace(Path night, Path other, boolean all) throws IOException {
    if (all) {
      Folders.delete(night);
      Folders.copy(other, night);
    } else {
      String chunk = "data/c/7/1/0/0";
      Files.write(night.resolve(chunk), Files.readAllBytes(other.resolve(chunk)));
    }
  }
}
