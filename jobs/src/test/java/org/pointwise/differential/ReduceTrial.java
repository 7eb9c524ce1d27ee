package org.pointwise.differential;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.pointwise.cli.Cli;

/**
 * Compares one reduction's output with the reference and with verify's result. Then damages one
 * object: verify and a continuing run must detect it.
 */
final class ReduceTrial implements Trial {
  /** One of this many cases is also opened by xarray and tensorstore. */
  private static final int CLIENTS_ONE_IN = 10;

  @Override
  public void run(Case testCase, Path folder, Reference reference, Findings found)
      throws Exception {
    Drawn drawn = reference.draw(testCase, folder);
    new Run(testCase, drawn, folder, reference, found).run();
  }

  private static final class Run {
    private final Case testCase;
    private final Drawn drawn;
    private final Path folder;
    private final Path output;
    private final Reference reference;
    private final Findings found;
    private final Commands commands;
    private final Random random;

    Run(Case testCase, Drawn drawn, Path folder, Reference reference, Findings found) {
      this.testCase = testCase;
      this.drawn = drawn;
      this.folder = folder;
      this.output = folder.resolve("out");
      this.reference = reference;
      this.found = found;
      this.commands = new Commands(found);
      this.random = new Random(testCase.seed());
    }

    void run() throws Exception {
      Cli reduced = commands.run("reduce", drawn.reduce(output));
      if (testCase.value("runner").equals("spark")) {
        RunnerTwin.compare(drawn, reduced, output, folder.resolve("twin"), commands, found);
      }
      if (drawn.exit() == 3 || (drawn.exit() < 0 && reduced.code() == 3)) {
        requireRefused(reduced);
        return;
      }
      if (reduced.code() != 0) {
        found.add("reduce fails", reduced.err());
        return;
      }
      boolean clients = random.nextInt(CLIENTS_ONE_IN) == 0;
      List<String> problems = reference.check(output, clients, true);
      problems.forEach(problem -> found.add("output", problem));
      boolean wrong = problems.stream().anyMatch(problem -> problem.startsWith("value"));
      if (commands.run("verify --input", wrong ? 4 : 0, drawn.verifyAgainst(output)) && !wrong) {
        damage();
        damageMetadata();
      }
    }

    private void requireRefused(Cli reduced) {
      if (reduced.code() != 3) {
        found.add(
            "not refused: " + drawn.why(), "exit %d %s".formatted(reduced.code(), reduced.err()));
        return;
      }
      List<String> lines =
          reduced.err().lines().filter(line -> !line.startsWith("Warning")).toList();
      if (lines.size() != 1 || !lines.get(0).startsWith("Cannot ")) {
        found.add("refused, but not in one line", reduced.err());
      }
    }

    /** Damages one object. verify must detect it and the same command must repair it. */
    private void damage() throws Exception {
      List<Path> objects = StoredObjects.of(output);
      if (objects.isEmpty()) {
        return; // all values are nodata
      }
      Map<String, String> whole = StoredObjects.hashes(output);
      Damage damage = Damage.valueOf(testCase.value("damage").toUpperCase(Locale.ROOT));
      Path other = folder.resolve("other");
      if (damage == Damage.FOREIGN) {
        commands.run("reduce otherwise", drawn.reduceOtherwise(other));
      }
      Path object = objects.get(random.nextInt(objects.size()));
      if (!damage.apply(object, output, other, random)) {
        damage = Damage.FLIP;
        damage.apply(object, output, other, random);
      }
      String kind = "%s of a %s".formatted(damage.name().toLowerCase(Locale.ROOT), kind());
      commands.run("verify after " + kind, 4, "verify", output.toString(), "--deep", "--quiet");
      if (!commands.run("continue after " + kind, 0, drawn.reduce(output))) {
        return;
      }
      if (StoredObjects.hashes(output).equals(whole)) {
        commands.run(
            "verify after mending " + kind, 0, "verify", output.toString(), "--deep", "--quiet");
      } else {
        found.add("continuing does not mend " + kind, object.toString());
      }
    }

    /** Changes decoding metadata. verify must detect it and the same command must repair it. */
    private void damageMetadata() throws Exception {
      if (!testCase.value("format").startsWith("zarr")) {
        return;
      }
      Map<String, String> whole = StoredObjects.hashes(output);
      String kind = MetadataDamage.apply(output, random);
      commands.run("verify after " + kind, 4, "verify", output.toString(), "--deep", "--quiet");
      if (commands.run("continue after " + kind, 0, drawn.reduce(output))) {
        commands.run(
            "verify after mending " + kind, 0, "verify", output.toString(), "--deep", "--quiet");
        if (!StoredObjects.hashes(output).equals(whole)) {
          found.add("continuing changes objects after damage of metadata", kind);
        }
      }
    }

    private String kind() {
      boolean sharded =
          testCase.value("format").equals("zarr3") && !testCase.value("shard").equals("bare");
      return switch (testCase.value("format")) {
        case "npy", "envi" -> "file";
        case "zarr2" -> "chunk of v2";
        default -> sharded ? "shard" : "chunk of v3";
      };
    }
  }
}
