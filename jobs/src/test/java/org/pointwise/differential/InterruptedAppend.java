package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.pointwise.cli.Cli;
import org.pointwise.cli.StoppedReduction;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;

/** Interrupts appends of new images. */
final class InterruptedAppend {
  private InterruptedAppend() {}

  /** The state of one trial. */
  record Running(
      Path folder, Path output, Reference reference, Findings found, Commands commands) {}

  /**
   * The input of an append.
   *
   * @param part options that choose its images
   */
  record Night(Path input, String... part) {
    String[] reduce(Drawn drawn, Path output, String... more) {
      String[] all = Arrays.copyOf(part, part.length + more.length);
      System.arraycopy(more, 0, all, part.length, more.length);
      return drawn.reduceOf(input, output, all);
    }
  }

  /** Ends an append at a random put, once or twice. */
  static void stop(Drawn drawn, Night night, Running trial, Random random) throws IOException {
    String[] append = {"--append-new", "--allow-duplicates"};
    FailingStores.Failure[] failures = FailingStores.Failure.values();
    for (int times = 1 + random.nextInt(2); times > 0; times--) {
      FailingStores stores =
          new FailingStores(failures[random.nextInt(failures.length)], 1 + random.nextInt(24));
      try {
        StoppedReduction.run(stores, night.reduce(drawn, trial.output(), append));
      } catch (PointwiseException e) {
        // stopped
      }
    }
  }

  /** Returns the number of images that the report of the last run states. */
  static int images(Running trial) throws IOException {
    Path report = runFolder(trial.output()).resolve("report.json");
    return JsonText.parse(Files.readAllBytes(report), "report").path("images").asInt();
  }

  /**
   * Blocks the path of an object that the append writes. Readers must see the previous images.
   *
   * @param grown whether the reference has the new images already
   * @return whether the append was interrupted
   */
  static boolean interrupt(Drawn drawn, Night night, Running trial, boolean grown)
      throws IOException {
    Path output = trial.output();
    Path trialRun = trial.folder().resolve("trial-run");
    Folders.copy(output, trialRun);
    Folders.copy(runFolder(output), runFolder(trialRun));
    String[] append = {"--append-new", "--allow-duplicates"};
    boolean possible =
        trial.commands().run("trial run", night.reduce(drawn, trialRun, append)).code() == 0;
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
    Cli stopped = trial.commands().run("obstacle", night.reduce(drawn, output, append));
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

  static Path runFolder(Path output) {
    return output.resolveSibling(output.getFileName() + ".pointwise");
  }
}
