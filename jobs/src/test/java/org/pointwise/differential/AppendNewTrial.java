package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.Cli;
import org.pointwise.cli.StoppedReduction;
import org.pointwise.errors.PointwiseException;
import org.pointwise.testing.Folders;

/**
 * Appends images of further inputs to an output and deletes these inputs, or replaces them by the
 * next ones at the same path. After each append, the output must equal one reduction of all images.
 * An interrupted append leaves the output unchanged, and is continued or given up.
 */
final class AppendNewTrial implements Trial {
  private static final int MAX_IMAGES = 11;

  /** The state of one trial. */
  private record Running(
      Path folder, Path output, Reference reference, Findings found, Commands commands) {}

  /** Images that were written to the folder that is used again each night. */
  private record Placed(int begin, int count) {}

  @Override
  public void run(Case testCase, Path folder, Reference reference, Findings found)
      throws Exception {
    Random random = new Random(testCase.seed());
    Commands commands = new Commands(found);
    Running trial = new Running(folder, folder.resolve("out"), reference, found, commands);
    Drawn drawn = reference.drawGrowing(testCase, folder, 2 + random.nextInt(MAX_IMAGES - 1));
    int begin = 0;
    boolean onePath = random.nextBoolean();
    List<Placed> placed = new ArrayList<>(); // in the same folder
    for (int step = 0; ; step++) {
      Path nightFolder = folder.resolve("night-" + step);
      if (onePath && !isRepeated(begin, drawn.images() - begin, placed, reference)) {
        nightFolder = folder.resolve("night");
        placed.add(new Placed(begin, drawn.images() - begin));
        if (Files.exists(nightFolder)) {
          Folders.delete(nightFolder);
        }
      }
      Path night = reference.writeImages(begin, drawn.images(), nightFolder);
      int choice = step > 0 ? random.nextInt(4) : 0;
      if (choice == 1) {
        interrupt(drawn, night, trial, true);
      } else if (choice > 1 && drawn.exit() == 0) {
        stop(drawn, night, trial, random);
      }
      // The first images may come from a run without options for appends, which records no digests.
      String[] append =
          step == 0 && !onePath && random.nextBoolean()
              ? new String[0]
              : new String[] {"--append-new"};
      Cli reduced =
          commands.run("append new", drawn.reduceOf(night, trial.output(), duplicates(append)));
      if (drawn.exit() != 0) {
        if (drawn.exit() == 3 && reduced.code() != 3) {
          found.add("not refused: " + drawn.why(), "exit %d".formatted(reduced.code()));
        }
        return;
      }
      if (reduced.code() != 0) {
        found.add(step == 0 ? "reduce fails" : "append new fails", reduced.err());
        return;
      }
      if (!check(trial, "output of step " + Math.min(step, 1))) {
        return;
      }
      if (append.length > 0 && random.nextInt(3) == 0) {
        repeat(drawn, night, trial);
      }
      if (random.nextBoolean()) {
        Folders.delete(nightFolder);
        commands.run("verify without a source", 0, verify(trial));
      }
      if (random.nextInt(3) == 0) {
        damage(drawn, trial, random);
      }
      if (drawn.images() == drawn.allImages()) {
        return;
      }
      if (random.nextInt(4) == 0) {
        String kind = MetadataDamage.apply(trial.output(), random); // the next append mends it
        commands.run("verify after " + kind, 4, verify(trial));
      }
      begin = drawn.images();
      if (random.nextInt(4) == 0) {
        Drawn next = abandonAppend(drawn, begin, step, trial, random);
        if (next == null || next.images() == next.allImages()) {
          return;
        }
        begin = next.images();
      }
      drawn = reference.grow(begin + 1 + random.nextInt(drawn.allImages() - begin));
    }
  }

  /** Returns whether images at the same path would be taken for those of an earlier night. */
  private static boolean isRepeated(int begin, int count, List<Placed> placed, Reference reference)
      throws IOException {
    for (Placed earlier : placed) {
      if (earlier.count() == count && reference.sameImages(earlier.begin(), begin, count)) {
        return true;
      }
    }
    return false;
  }

  /** Drawn images may be equal, for example where each has one pixel. */
  private static String[] duplicates(String[] append) {
    return append.length == 0 ? append : new String[] {append[0], "--allow-duplicates"};
  }

  private static String[] verify(Running trial) {
    return new String[] {"verify", trial.output().toString(), "--deep", "--quiet"};
  }

  /** Returns whether the values are right. */
  private static boolean check(Running trial, String label) throws IOException {
    List<String> problems = trial.reference().check(trial.output(), false, false);
    problems.forEach(problem -> trial.found().add(label, problem));
    trial.commands().run("verify", problems.isEmpty() ? 0 : 4, verify(trial));
    return problems.isEmpty();
  }

  /** Damages one object, which verify must find, and restores it. */
  private static void damage(Drawn drawn, Running trial, Random random) throws IOException {
    List<Path> objects = StoredObjects.of(trial.output());
    if (objects.isEmpty()) {
      return;
    }
    Path saved = trial.folder().resolve("saved");
    Folders.copy(trial.output(), saved);
    Path other = trial.folder().resolve("other");
    Damage kind = Damage.values()[random.nextInt(Damage.values().length)];
    if (kind == Damage.FOREIGN) {
      trial.commands().run("reduce otherwise", drawn.reduceOtherwise(other));
    }
    Path object = objects.get(random.nextInt(objects.size()));
    if (kind.apply(object, trial.output(), other, random)) {
      trial.commands().run("verify after " + kind, 4, verify(trial));
    }
    Folders.delete(trial.output());
    Folders.copy(saved, trial.output());
    Folders.delete(saved);
    if (Files.exists(other)) {
      Folders.delete(other);
      Folders.delete(runFolder(other));
    }
  }

  /** Ends an append at a random put, once or twice. */
  private static void stop(Drawn drawn, Path night, Running trial, Random random)
      throws IOException {
    String[] append = {"--append-new", "--allow-duplicates"};
    FailingStores.Failure[] failures = FailingStores.Failure.values();
    for (int times = 1 + random.nextInt(2); times > 0; times--) {
      FailingStores stores =
          new FailingStores(failures[random.nextInt(failures.length)], 1 + random.nextInt(24));
      try {
        StoppedReduction.run(stores, drawn.reduceOf(night, trial.output(), append));
      } catch (PointwiseException e) {
        // stopped
      }
    }
  }

  /** The same command again must change nothing. */
  private static void repeat(Drawn drawn, Path night, Running trial) throws IOException {
    Object before = Folders.hashes(trial.output(), "");
    trial
        .commands()
        .run(
            "repeated append",
            0,
            drawn.reduceOf(night, trial.output(), "--append-new", "--allow-duplicates"));
    if (!Folders.hashes(trial.output(), "").equals(before)) {
      trial.found().add("a repeated append changes the output", drawn.input().toString());
    }
  }

  /**
   * Interrupts an append, which the append of one image then gives up.
   *
   * @return the case with this image; null if it cannot go on
   */
  private static @Nullable Drawn abandonAppend(
      Drawn drawn, int begin, int step, Running trial, Random random) throws IOException {
    int end = begin + 1 + random.nextInt(drawn.allImages() - begin);
    Path other =
        trial.reference().writeImages(begin, end, trial.folder().resolve("given-up-" + step));
    if (!interrupt(drawn, other, trial, false)) {
      return drawn;
    }
    Path next =
        trial.reference().writeImages(begin, begin + 1, trial.folder().resolve("next-" + step));
    Drawn grown = trial.reference().grow(begin + 1);
    String[] append = drawn.reduceOf(next, trial.output(), "--append-new", "--allow-duplicates");
    if (end != begin + 1) {
      Cli refused = trial.commands().run("append after an interrupted one", append);
      if (refused.code() != 3) {
        trial.found().add("an interrupted append is not named", refused.err());
      }
    }
    String[] drop = Arrays.copyOf(append, append.length + 1);
    drop[append.length] = "--drop-unfinished";
    boolean done = trial.commands().run("drop of an unfinished append", grown.exit(), drop);
    return done && grown.exit() == 0 && check(trial, "output after a given-up append")
        ? grown
        : null;
  }

  /**
   * Blocks the path of an object that the append writes. Readers must see the previous images.
   *
   * @param grown whether the reference has the new images already
   * @return whether the append was interrupted
   */
  private static boolean interrupt(Drawn drawn, Path night, Running trial, boolean grown)
      throws IOException {
    Path output = trial.output();
    Path trialRun = trial.folder().resolve("trial-run");
    Folders.copy(output, trialRun);
    Folders.copy(runFolder(output), runFolder(trialRun));
    String[] append = {"--append-new", "--allow-duplicates"};
    boolean possible =
        trial.commands().run("trial run", drawn.reduceOf(night, trialRun, append)).code() == 0;
    List<Path> newObjects =
        possible
            ? StoredObjects.of(trialRun).stream()
                .map(object -> output.resolve(trialRun.relativize(object).toString()))
                .filter(object -> !Files.exists(object))
                .toList()
            : List.of();
    Folders.delete(trialRun);
    Folders.delete(runFolder(trialRun));
    if (newObjects.isEmpty()) {
      return false;
    }
    Path obstacle = newObjects.get(newObjects.size() - 1);
    Path blocker = obstacle.resolve("in the way");
    Files.createDirectories(blocker);
    Cli stopped = trial.commands().run("obstacle", drawn.reduceOf(night, output, append));
    if (stopped.code() != 4) {
      trial.found().add("append with an obstacle, exit " + stopped.code(), stopped.err());
    }
    for (String problem : trial.reference().checkPast(output, grown)) {
      trial.found().add("an interrupted append shows", problem);
    }
    Files.delete(blocker);
    for (Path parent = obstacle; StoredObjects.isEmptyFolder(parent); parent = parent.getParent()) {
      Files.delete(parent);
    }
    return true;
  }

  private static Path runFolder(Path output) {
    return output.resolveSibling(output.getFileName() + ".pointwise");
  }
}
