package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.MomentsFile;

/**
 * Tests appends to a file of moments: the input grows along n, and past tiles are not read again.
 */
class MomentsAppendTest extends GrowingInputFixture {
  @Test
  void momentsCanBeAppendedTo() throws Exception {
    String file = folder + "/m.safetensors";
    String[] options = {"--runner", "local", "--quiet", "--json", "--append"};
    json(moments(input(4), file, options));
    JsonNode same = json(moments(input(4), file, options));
    assertThat(same.path("pixels").asLong()).as("nothing is new").isZero();
    JsonNode more = json(moments(input(9), file, options));
    assertThat(more.path("pixels").asLong()).isEqualTo(5 * 256);
    String fresh = folder + "/fresh.safetensors";
    json(moments(input(9), fresh, "--runner", "local", "--quiet", "--json"));
    FeatureMoments appended = MomentsFile.read(ByteStores.LOCAL, file).moments();
    FeatureMoments once = MomentsFile.read(ByteStores.LOCAL, fresh).moments();
    assertThat(appended.count()).isEqualTo(once.count());
    double[] found = appended.overall().coMoments();
    double[] expected = once.overall().coMoments();
    for (int i = 0; i < found.length; i++) {
      double scale = once.overall().count();
      assertThat(found[i] / scale).isCloseTo(expected[i] / scale, within(1e-12));
    }
    Cli shrunk = moments(input(8), file, options);
    assertThat(shrunk.code()).isEqualTo(3);
    assertThat(shrunk.errorLine()).contains("it contains 9 images").contains("now has 8");
    Cli other = moments(input(10), file, "--runner", "local", "--append", "--sample", "0.5");
    assertThat(other.code()).isEqualTo(3);
    assertThat(other.err()).contains("it was made with sample 1.0, this is 0.5");
  }

  @Test
  void momentsAppendIsRefusedIfPastChanged() throws Exception {
    String file = folder + "/m.safetensors";
    String[] options = {"--runner", "local", "--quiet", "--json", "--append"};
    String[] accepting = merged(options, new String[] {"--ignore-modification-times"});
    json(moments(input(4), file, options));
    json(moments(input(6), file, options));
    String grown = input(8);
    Path old = Path.of(grown, "c/0/0/0/0");
    byte[] whole = Files.readAllBytes(old);
    Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() + 1_000_000));
    byte[] before = Files.readAllBytes(Path.of(file));
    assertThat(moments(grown, file, options).errorLine())
        .contains("changed since it was made", old.toString(), "--ignore-modification-times");
    assertThat(Files.readAllBytes(Path.of(file))).isEqualTo(before);
    assertThat(json(moments(grown, file, accepting)).path("pixels").asLong()).isEqualTo(2 * 256);
    json(moments(grown, file, options)); // accepted changes are recorded
    FileTime then = Files.getLastModifiedTime(old);
    Files.write(old, Arrays.copyOf(whole, whole.length + 1));
    Files.setLastModifiedTime(old, then);
    assertThat(moments(grown, file, accepting).errorLine()).contains("and not only times");
    Files.delete(old);
    assertThat(moments(grown, file, accepting).code()).isEqualTo(3);
    json(moments(grown, file, "--runner", "local", "--quiet", "--json", "--overwrite"));
    assertThat(json(moments(grown, file, options)).path("pixels").asLong()).isZero();
  }

  /** A failed overwrite must not change the record, which describes the existing file. */
  @Test
  void failedOverwriteOfMomentsChangesNothing() throws Exception {
    String file = folder + "/m.safetensors";
    String[] quiet = {"--runner", "local", "--quiet", "--json"};
    String[] options = merged(quiet, new String[] {"--append"});
    String grown = input(4);
    json(moments(grown, file, quiet));
    Path old = Path.of(grown, "c/1/0/0/0");
    byte[] whole = Files.readAllBytes(old);
    Files.write(old, Arrays.copyOf(whole, whole.length / 2));
    assertThat(moments(grown, file, merged(quiet, new String[] {"--overwrite"})).code())
        .isEqualTo(3);
    assertThat(moments(grown, file, options).errorLine()).contains("changed since it was made");
    Files.write(old, whole);
    assertThat(moments(grown, file, options).errorLine()).contains("--ignore-modification-times");
    json(moments(grown, file, merged(options, new String[] {"--ignore-modification-times"})));
    json(moments(grown, file, options));
  }
}
