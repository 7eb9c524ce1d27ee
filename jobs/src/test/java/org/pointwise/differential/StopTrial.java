package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.pointwise.cli.Cli;
import org.pointwise.cli.StoppedReduction;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;

/**
 * Stops a reduction at a random put of an object, of metadata or of receipts, sometimes damages an
 * object, and continues. The bytes must be those of an undisturbed run, and objects proven by a
 * receipt must not be computed again.
 */
final class StopTrial implements Trial {
  @Override
  public void run(Case testCase, Path folder, Reference reference, Findings found)
      throws Exception {
    Drawn drawn = reference.draw(testCase, folder);
    Commands commands = new Commands(found);
    Path undisturbed = folder.resolve("undisturbed");
    Cli done = commands.run("reduce", drawn.reduce(undisturbed));
    if (done.code() == 3) {
      return; // the whole command is refused, so there is nothing to stop
    }
    Random random = new Random(testCase.seed());
    Path output = folder.resolve("out");
    List<Path> objects = StoredObjects.of(undisturbed);
    stop(drawn, output, objects.size(), random);
    Path damaged = random.nextBoolean() ? damage(drawn, commands, output, objects, random) : null;
    Set<Long> proven = proven(output, damaged);
    Cli continued = commands.run("continue", with(drawn.reduce(output), "--json"));
    if (continued.code() != 0) {
      found.add("a stopped run does not continue", continued.err());
      return;
    }
    if (!wholeOf(output).equals(wholeOf(undisturbed))) {
      String failureKind = damaged == null ? "" : " after damage";
      found.add("a continued run stores other bytes" + failureKind, output + " and " + undisturbed);
    }
    JsonNode report = JsonText.parse(continued.out().getBytes(StandardCharsets.UTF_8), "report");
    long reused = report.path("shardsAlreadyThere").asLong();
    if (reused < proven.size()) {
      found.add(
          "what receipts prove is computed again",
          "%d units are proven but %d were taken".formatted(proven.size(), reused));
    }
    commands.run("verify after continuing", 0, "verify", output.toString(), "--deep", "--quiet");
  }

  /** Runs until a random put fails. */
  private static void stop(Drawn drawn, Path output, int objects, Random random)
      throws IOException {
    FailingStores.Failure[] failures = FailingStores.Failure.values();
    FailingStores stores =
        new FailingStores(
            failures[random.nextInt(failures.length)], 1 + random.nextInt(objects + 8));
    try {
      StoppedReduction.run(stores, drawn.reduce(output));
    } catch (PointwiseException e) {
      // stopped
    }
  }

  /** Damages a stored object, or stores a foreign object in place of a missing one. */
  private static Path damage(
      Drawn drawn, Commands commands, Path output, List<Path> objects, Random random)
      throws IOException {
    if (objects.isEmpty() || !Files.exists(output)) {
      return null;
    }
    Path undisturbed = output.resolveSibling("undisturbed");
    Path object =
        output.resolve(
            undisturbed.relativize(objects.get(random.nextInt(objects.size()))).toString());
    Path other = output.resolveSibling("other");
    commands.run("reduce otherwise", drawn.reduceOtherwise(other));
    Path foreign = other.resolve(output.relativize(object).toString());
    if (Files.exists(foreign) && random.nextBoolean()) {
      Files.createDirectories(object.getParent());
      Files.write(object, Files.readAllBytes(foreign));
      return object;
    }
    if (!Files.exists(object)) {
      return null;
    }
    Damage[] kinds = {Damage.FLIP, Damage.TRUNCATE, Damage.LENGTHEN, Damage.DELETE};
    kinds[random.nextInt(kinds.length)].apply(object, output, other, random);
    return object;
  }

  /** Returns the units that a stored receipt records and whose objects are unchanged. */
  private static Set<Long> proven(Path output, Path damaged) throws IOException {
    Set<Long> proven = new HashSet<>();
    Path receipts = Path.of(output + ".pointwise/receipts");
    if (!Files.exists(receipts)) {
      return proven;
    }
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(receipts)) {
      for (Path file : files.toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    for (String line : lines) {
      JsonNode receipt = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), "receipt");
      boolean whole = receipt.path("status").asText().equals("written");
      for (JsonNode object : receipt.path("objects")) {
        whole &= !output.resolve(object.path("key").asText()).equals(damaged);
      }
      if (whole) {
        proven.add(receipt.path("ordinal").asLong());
      }
    }
    return proven;
  }

  /** Hashes all objects and the metadata of arrays; the group's metadata contains its location. */
  private static Map<String, String> wholeOf(Path output) throws IOException {
    Map<String, String> hashes = Folders.hashes(output, "");
    hashes.keySet().removeIf(name -> name.startsWith(".z") || name.equals("zarr.json"));
    return hashes;
  }

  private static String[] with(String[] args, String more) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add(more);
    return all.toArray(String[]::new);
  }
}
