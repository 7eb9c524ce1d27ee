package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.pointwise.differential.FailingStores;
import org.pointwise.differential.FailingStores.Failure;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;

/** Appends of nights that end at each of their puts. */
abstract class StoppedNightsFixture extends NightsFixture {
  static final Failure[] ENDS = {Failure.ENDS_BEFORE, Failure.ENDS_AFTER};

  /** Objects of equal lengths, which only their contents distinguish. */
  static final String[] PLAIN = {"--compressor", "none", "--dtype", "float32"};

  static final String[] TOLERANT = {
    "--on-bad-input", "nodata", "--nodata", "nan", "--compressor", "none"
  };

  interface Ended {
    void check(String where) throws Exception;
  }

  Path runFolder() {
    return output.resolveSibling(output.getFileName() + ".pointwise");
  }

  void save() throws Exception {
    Folders.copy(output, folder.resolve("saved"));
    Folders.copy(runFolder(), folder.resolve("saved.pointwise"));
  }

  void reset() throws Exception {
    Folders.delete(output);
    Folders.delete(runFolder());
    Folders.copy(folder.resolve("saved"), output);
    Folders.copy(folder.resolve("saved.pointwise"), runFolder());
  }

  /** Returns false if the command did not fail, because it has fewer puts. */
  boolean stop(Failure failure, int at, String input, String... more) throws Exception {
    String[] all = Arrays.copyOf(more, more.length + 1);
    all[more.length] = "--append-new";
    try {
      StoppedReduction.run(new FailingStores(failure, at), command(input, output, all));
      return false;
    } catch (PointwiseException e) {
      return true;
    }
  }

  /** Stops an append to the saved output at each put. */
  void stopEverywhere(String input, String[] options, Ended ended) throws Exception {
    save();
    for (Failure failure : ENDS) {
      for (int at = 1; ; at++) {
        reset();
        if (!stop(failure, at, input, options)) {
          assertThat(at).isGreaterThan(5);
          break;
        }
        ended.check("%s put %d".formatted(failure, at));
      }
    }
  }

  void requireVerified(String where) {
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--runner", "local");
    assertThat(verified.code()).as(where + verified.out() + verified.err()).isZero();
    assertThat(verified.out()).as(where).contains("Compared").doesNotContain("not compared");
  }

  static String[] with(String[] options, String... more) {
    String[] all = Arrays.copyOf(options, options.length + more.length);
    System.arraycopy(more, 0, all, options.length, more.length);
    return all;
  }

  JsonNode record(String name) throws Exception {
    return JsonText.parse(Files.readAllBytes(runFolder().resolve(name)), name);
  }

  Path object(int shard) {
    return output.resolve("features/c/%d/0/0/0".formatted(shard));
  }

  static void damage(Path object) throws Exception {
    byte[] bytes = Files.readAllBytes(object);
    Files.write(object, Arrays.copyOf(bytes, bytes.length / 2));
  }

  void deleteCorrupt() {
    Cli verified = verify("--delete-corrupt");
    assertThat(verified.code()).as(verified.out() + verified.err()).isEqualTo(4);
  }

  Cli verify(String... more) {
    String[] all = with(new String[] {"verify", output.toString(), "--runner", "local"}, more);
    return Cli.run(all);
  }

  void refused(String input, String... texts) {
    Cli refused = append(input, PLAIN);
    assertThat(refused.code()).as(refused.out() + refused.err()).isEqualTo(3);
    assertThat(refused.errorLine()).contains(texts);
  }
}
