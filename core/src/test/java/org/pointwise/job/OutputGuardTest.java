package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;

class OutputGuardTest {
  private static final int CASES = 2000;

  @TempDir Path folder;

  private Path real;

  @BeforeEach
  void prepareFolders() throws Exception {
    real = Files.createDirectories(folder.toRealPath().resolve("real/a/b/c"));
    for (Path at = real; !at.equals(folder.toRealPath()); at = at.getParent()) {
      Files.writeString(at.resolve("file"), "x");
    }
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
    Files.createSymbolicLink(folder.resolve("real/a/up"), folder.resolve("real"));
    Files.createSymbolicLink(folder.resolve("real/a/b/same"), folder.resolve("real/a/b/file"));
  }

  /** Compares the guard with the file system's own resolution of existing paths. */
  @Test
  void namesOfOnePlaceAreEqual() throws Exception {
    Random random = Seed.random("names");
    List<String> places = List.of("", "/a", "/a/b", "/a/b/c", "/file", "/a/file", "/a/b/file");
    int same = 0;
    for (int i = 0; i < CASES; i++) {
      String input = places.get(random.nextInt(places.size()));
      String output = places.get(random.nextInt(places.size()));
      String from = written(random, input);
      String to = written(random, output);
      Path fromPath = folder.toRealPath().resolve("real" + input);
      Path toPath = folder.toRealPath().resolve("real" + output);
      boolean clash = fromPath.startsWith(toPath) || toPath.startsWith(fromPath);
      assertThat(Files.isSameFile(Path.of(to.replaceFirst("^file:", "")), toPath)).isTrue();
      same += input.equals(output) ? 1 : 0;
      OutputGuard guard = new OutputGuard(ByteStores.LOCAL).reads(from).writes(to);
      if (clash) {
        assertThatThrownBy(guard::requireDisjoint)
            .as("%s %s, seed %d", from, to, Seed.value())
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining(input.equals(output) ? "it is the input" : "it lies in the");
      } else {
        guard.requireDisjoint();
      }
    }
    assertThat(same).isGreaterThan(CASES / 20);
  }

  /** Returns one of the many names of a place in the tree {@code real}. */
  private String written(Random random, String place) {
    StringBuilder path = new StringBuilder(folder.toString());
    path.append(random.nextBoolean() ? "/real" : "/link");
    if (random.nextInt(3) == 0) {
      path.append("/a/up");
    }
    if (random.nextInt(3) == 0) {
      path.append("/./a/..");
    }
    boolean linked = place.equals("/a/b/file") && random.nextBoolean();
    path.append(linked ? "/a/b/same" : place);
    if (random.nextInt(3) == 0 && !place.endsWith("file")) {
      path.append('/');
    }
    return (random.nextInt(4) == 0 ? "file:" : "") + path;
  }

  @Test
  void missingPathsAreComparedByTheirFolder() throws Exception {
    OutputGuard guard = new OutputGuard(ByteStores.LOCAL);
    guard.reads(folder + "/real/in.zarr").writes(folder + "/link/in.zarr/new/w.npy");
    assertThatThrownBy(guard::requireDisjoint).hasMessageContaining("it lies in the input");
    new OutputGuard(ByteStores.LOCAL)
        .reads(folder + "/real/in.zarr")
        .reads(null)
        .writes(folder + "/link/in.zarr2")
        .requireDisjoint()
        .requireFree(false);
  }

  @Test
  void existingFilesAreReplacedOnlyOnRequest() throws Exception {
    for (String exists : List.of("/real/file", "/link/a", "/real/a/b/same")) {
      OutputGuard guard =
          new OutputGuard(ByteStores.LOCAL).writes(folder + exists, "take another name");
      assertThatThrownBy(() -> guard.requireFree(false))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("it exists; use --overwrite to replace it, or take another name");
      guard.requireFree(true);
    }
  }
}
