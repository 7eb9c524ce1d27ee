package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.pointwise.cli.Cli;

/**
 * Appends to an output while its input grows along n. After each step, the output must equal one
 * reduction of the whole input. While a step is interrupted, the output must stay unchanged.
 */
final class AppendTrial implements Trial {
  private static final int MAX_IMAGES = 9;

  @Override
  public void run(Case testCase, Path folder, Reference reference, Findings found)
      throws Exception {
    Random random = new Random(testCase.seed());
    Commands commands = new Commands(found);
    Path output = folder.resolve("out");
    Drawn drawn = reference.drawGrowing(testCase, folder, 2 + random.nextInt(MAX_IMAGES - 1));
    boolean first = true;
    while (true) {
      // An output made without --append may be appended to later.
      String[] append = first && random.nextBoolean() ? new String[0] : new String[] {"--append"};
      if (!first && random.nextInt(3) == 0) {
        interrupt(drawn, output, reference, found, commands, random);
      }
      Cli reduced = commands.run("append", drawn.reduce(output, append));
      if (drawn.exit() != 0) {
        if (drawn.exit() == 3 && reduced.code() != 3) {
          found.add("not refused: " + drawn.why(), "exit %d".formatted(reduced.code()));
        }
        return;
      }
      if (reduced.code() != 0) {
        found.add(first ? "reduce fails" : "append fails", reduced.err());
        return;
      }
      String label = first ? "output" : "appended output";
      boolean right = check(drawn, output, reference, found, commands, label);
      if (!right || drawn.images() == drawn.allImages()) {
        return;
      }
      if (testCase.value("format").startsWith("zarr") && random.nextInt(4) == 0) {
        String kind = MetadataDamage.apply(output, random);
        commands.run("verify after " + kind, 4, "verify", output.toString(), "--quiet");
      }
      int more = 1 + random.nextInt(drawn.allImages() - drawn.images());
      drawn = reference.grow(drawn.images() + more);
      first = false;
    }
  }

  /** Returns whether the values are right; if not, verify must report it. */
  private static boolean check(
      Drawn drawn,
      Path output,
      Reference reference,
      Findings found,
      Commands commands,
      String label)
      throws IOException {
    List<String> problems = reference.check(output, false, false);
    problems.forEach(problem -> found.add(label, problem));
    boolean wrong = problems.stream().anyMatch(problem -> problem.startsWith("value"));
    commands.run("verify --input the grown input", wrong ? 4 : 0, drawn.verifyAgainst(output));
    return !wrong;
  }

  /** Blocks the path of an object that the step writes. Readers must see the previous images. */
  private static void interrupt(
      Drawn drawn,
      Path output,
      Reference reference,
      Findings found,
      Commands commands,
      Random random)
      throws IOException {
    Path fresh = output.resolveSibling("fresh-%d".formatted(drawn.images()));
    if (commands.run("reduce afresh", drawn.reduce(fresh)).code() != 0) {
      return;
    }
    List<Path> newObjects =
        StoredObjects.of(fresh).stream()
            .map(object -> output.resolve(fresh.relativize(object).toString()))
            .filter(object -> !Files.exists(object))
            .toList();
    if (newObjects.isEmpty()) {
      return;
    }
    Path obstacle = newObjects.get(random.nextInt(newObjects.size()));
    Path blocker = obstacle.resolve("in the way");
    Files.createDirectories(blocker);
    Cli stopped = commands.run("append with an obstacle", drawn.reduce(output, "--append"));
    if (stopped.code() == 4) {
      for (String problem : reference.checkPast(output)) {
        found.add("an interrupted append shows", problem);
      }
    } else if (stopped.code() != 0) {
      found.add("append with an obstacle, exit " + stopped.code(), stopped.err());
    }
    Files.delete(blocker);
    for (Path parent = obstacle; StoredObjects.isEmptyFolder(parent); parent = parent.getParent()) {
      Files.delete(parent);
    }
  }
}
