package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.Cli;
import org.pointwise.testing.Folders;

/**
 * Damages an object of an output, at any moment, and lets {@code verify} find and delete it. Then a
 * run stores the object again, or refuses until a copy is in its place.
 */
final class NightsDamage {
  private static final List<Damage> KINDS =
      List.of(Damage.FLIP, Damage.TRUNCATE, Damage.LENGTHEN, Damage.DELETE, Damage.EXCHANGE);

  private final NightsOutput output;
  private final NightsAppend append;
  private final Random random;
  private final Path copy;

  NightsDamage(NightsOutput output, NightsAppend append, Random random) {
    this.output = output;
    this.append = append;
    this.random = random;
    this.copy = output.folder.resolve("copy");
  }

  void run() throws IOException {
    List<Path> objects = StoredObjects.of(output.output);
    if (objects.isEmpty()) {
      return;
    }
    if (append.isUnfinished() && random.nextBoolean()) {
      output.verify("--delete-corrupt"); // nothing of the past is damaged
      append.judgeUnchanged("output after a verification of an unfinished append");
      return;
    }
    Folders.copy(output.output, copy);
    Path object = objects.get(random.nextInt(objects.size()));
    Damage kind = KINDS.get(random.nextInt(KINDS.size()));
    if (kind.apply(object, output.output, copy, random)) {
      output.log.add(kind + " " + output.output.relativize(object));
      damaged();
    }
    Folders.delete(copy);
  }

  private void damaged() throws IOException {
    Cli found = output.verify("--delete-corrupt");
    if (!append.isUnfinished() && found.code() != 4 && !output.failed()) {
      output.fail("verify of a damaged output, exit " + found.code(), found.out() + found.err());
    }
    Map<String, String> damaged = StoredObjects.hashes(output.output);
    NightInput night = random.nextBoolean() ? again() : null;
    if (night == null || output.failed()) {
      putBack(damaged);
    } else {
      boolean drops = append.isUnfinished() && !night.equals(append.unfinished().get(0));
      Cli done = output.run(night, drops ? List.of("--drop-unfinished") : List.of());
      if (done.code() != 0 || output.verify().code() != 0) {
        putBack(damaged);
      }
      if (!output.failed() && done.code() == 0) {
        append.complete(night);
      } else if (!output.failed() && done.code() == 4) {
        append.interrupted(night);
      }
    }
    if (output.failed() || !append.judgeUnchanged("output with a copy")) {
      return;
    }
    if (append.latest() != null) { // the output is marked as incomplete
      NightInput next = append.isUnfinished() ? append.unfinished().get(0) : append.latest();
      output.write(next);
      append.night(next);
    }
    output.verify(!append.isUnfinished());
  }

  /** Returns the input that the next run gives again; null if it is gone. */
  private @Nullable NightInput again() {
    boolean drops = append.latest() != null && random.nextBoolean();
    NightInput night =
        append.isUnfinished() && !drops ? append.unfinished().get(0) : append.latest();
    return night != null && night.equals(output.inputs.get(night.path())) ? night : null;
  }

  /**
   * Puts copies in the place of damaged and deleted objects, unless a run has stored them again.
   *
   * @param damaged hashes of all objects after the damage
   */
  private void putBack(Map<String, String> damaged) throws IOException {
    Map<String, String> now = StoredObjects.hashes(output.output);
    for (Map.Entry<String, String> before : StoredObjects.hashes(copy).entrySet()) {
      String name = before.getKey();
      if (!before.getValue().equals(damaged.get(name))
          && Objects.equals(now.get(name), damaged.get(name))) {
        Path place = output.output.resolve(name);
        Files.createDirectories(place.getParent());
        Files.copy(copy.resolve(name), place, StandardCopyOption.REPLACE_EXISTING);
        output.log.add("put back " + name);
      }
    }
  }
}
