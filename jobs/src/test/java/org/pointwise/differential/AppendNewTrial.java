package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.Cli;
import org.pointwise.differential.InterruptedAppend.Night;
import org.pointwise.differential.InterruptedAppend.Running;
import org.pointwise.testing.Folders;

/**
 * Appends images of further inputs to an output and deletes these inputs, or replaces them by the
 * next ones at the same path; or appends parts of one input. After each append, the output must
 * equal one reduction of all images. An interrupted append leaves the output unchanged, and is
 * continued or dropped.
 */
final class AppendNewTrial implements Trial {
  private static final int MAX_IMAGES = 11;

  /** Images that were appended from the path that is used again each night. */
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
    Path whole =
        onePath && random.nextBoolean()
            ? reference.writeImages(0, drawn.allImages(), folder.resolve("whole"))
            : null;
    List<Placed> placed = new ArrayList<>(); // at the same path
    for (int step = 0; ; step++) {
      Path nightFolder = folder.resolve("night-" + step);
      Night night = null;
      if (onePath && !isRepeated(begin, drawn.images() - begin, placed, reference)) {
        placed.add(new Placed(begin, drawn.images() - begin));
        nightFolder = folder.resolve("night");
        if (Files.exists(nightFolder)) {
          Folders.delete(nightFolder);
        }
        if (whole != null) {
          night = new Night(whole, "--images", begin + ":" + drawn.images());
        }
      }
      if (night == null) {
        night = new Night(reference.writeImages(begin, drawn.images(), nightFolder));
      }
      int choice = step > 0 ? random.nextInt(4) : 0;
      if (choice == 1) {
        InterruptedAppend.interrupt(drawn, night, trial, true);
      } else if (choice > 1 && drawn.exit() == 0) {
        InterruptedAppend.stop(drawn, night, trial, random);
      }
      // The first images may come from a run without options for appends, which records no digests.
      String[] append =
          step == 0 && !onePath && random.nextBoolean()
              ? new String[0]
              : new String[] {"--append-new"};
      Cli reduced =
          commands.run("append new", night.reduce(drawn, trial.output(), duplicates(append)));
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
      boolean kept = !Files.exists(nightFolder) || random.nextBoolean();
      if (!kept) {
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
      int latestBegin = begin;
      begin = drawn.images();
      if (random.nextInt(4) == 0) {
        Night latest = kept ? night : null;
        Drawn next = dropAppend(drawn, latestBegin, begin, step, latest, trial, random);
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
      Folders.delete(InterruptedAppend.runFolder(other));
    }
  }

  /** The same command again must change nothing. */
  private static void repeat(Drawn drawn, Night night, Running trial) throws IOException {
    Object before = Folders.hashes(trial.output(), "");
    trial
        .commands()
        .run(
            "repeated append",
            0,
            night.reduce(drawn, trial.output(), "--append-new", "--allow-duplicates"));
    if (!Folders.hashes(trial.output(), "").equals(before)) {
      trial.found().add("a repeated append changes the output", drawn.input().toString());
    }
  }

  /**
   * Interrupts an append, which then is dropped: by the latest input, whose images are stored, or
   * by the append of one image.
   *
   * @param latestBegin the first image of the latest input
   * @param begin the number of images before
   * @param latest the latest input; null if it is gone
   * @return the case with the images that the output has; null if it cannot go on
   */
  private static @Nullable Drawn dropAppend(
      Drawn drawn,
      int latestBegin,
      int begin,
      int step,
      @Nullable Night latest,
      Running trial,
      Random random)
      throws IOException {
    int end = begin + 1 + random.nextInt(drawn.allImages() - begin);
    Night other =
        new Night(
            trial.reference().writeImages(begin, end, trial.folder().resolve("dropped-" + step)));
    boolean blocked = random.nextBoolean();
    if (!blocked) {
      InterruptedAppend.stop(drawn, other, trial, random);
    } else if (!InterruptedAppend.interrupt(drawn, other, trial, false)) {
      return drawn;
    }
    if (latest != null && random.nextBoolean()) {
      String[] drop = latest.reduce(drawn, trial.output(), "--append-new", "--drop-unfinished");
      Cli done = trial.commands().run("drop by stored images", drop);
      if (done.code() == 0) { // else the input has equal images
        int images = InterruptedAppend.images(trial);
        if (images != begin && (blocked || images != end)) {
          trial.found().add("drop by stored images leaves others", images + " of " + begin);
        }
        Drawn now = images == begin ? drawn : trial.reference().grow(images);
        return check(trial, "output after a drop by stored images") ? now : null;
      }
    }
    Night next =
        new Night(
            trial
                .reference()
                .writeImages(begin, begin + 1, trial.folder().resolve("next-" + step)));
    String[] append = {"--append-new", "--allow-duplicates"};
    if (blocked && end != begin + 1) {
      Cli refused =
          trial
              .commands()
              .run("append after an interrupted one", next.reduce(drawn, trial.output(), append));
      if (refused.code() != 3) {
        trial.found().add("an interrupted append is not named", refused.err());
      }
    }
    String[] drop = {"--append-new", "--allow-duplicates", "--drop-unfinished"};
    Cli done =
        trial
            .commands()
            .run("drop of an unfinished append", next.reduce(drawn, trial.output(), drop));
    int images = done.code() == 0 ? InterruptedAppend.images(trial) : 0;
    if (!blocked && images > begin + 1 && (images == end || images == end + 1)) {
      return null; // the append had ended before it was stopped
    }
    boolean addedNothing = images == begin && latestBegin > 0 && latestBegin == begin - 1;
    if (addedNothing && !check(trial, "output after a drop by its latest input")) {
      return null;
    }
    Drawn grown = trial.reference().grow(begin + 1);
    if (addedNothing && trial.reference().sameImages(latestBegin, begin, 1)) {
      return null; // the image was taken for the latest input, which drops alone
    }
    if (done.code() != grown.exit()) {
      trial.found().add("drop of an unfinished append, exit " + done.code(), done.err());
    }
    return done.code() == 0 && grown.exit() == 0 && check(trial, "output after a drop")
        ? grown
        : null;
  }
}
