package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.pointwise.cli.Cli;
import org.pointwise.cli.StoppedReduction;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;

/** An output of several nights, its inputs, and what it must contain. */
final class NightsOutput {
  final Path folder;
  final Path output;
  final NightsCase options;
  final Random random;
  final List<String> log = new ArrayList<>();

  /** What the inputs contain now. */
  final Map<Path, NightInput> inputs = new LinkedHashMap<>();

  private final Reference reference;
  private final Findings found;
  private final JsonNode layers;

  /** What the output was found to contain. */
  private World stored;

  NightsOutput(NightsCase options, Path folder, Reference reference, Findings found, Random random)
      throws IOException {
    this.options = options;
    this.folder = folder;
    this.output = folder.resolve("out");
    this.reference = reference;
    this.found = found;
    this.random = random;
    this.stored = World.empty(options.named());
    this.layers =
        reference
            .call(
                JsonText.object()
                    .put("do", "begin_nights")
                    .put("seed", options.drawn().seed())
                    .put("folder", folder.toString())
                    .put("heads", options.heads())
                    .put("damaged_halves", options.damagesHalves()))
            .path("heads");
  }

  World stored() {
    return stored;
  }

  Path runFolder() {
    return InterruptedAppend.runFolder(output);
  }

  /** Forgets an output that was deleted. */
  void restart() {
    stored = World.empty(options.named());
  }

  void fail(String label, String detail) {
    found.add(label, detail + "\n" + String.join("\n", log));
  }

  boolean failed() {
    return !found.none();
  }

  /** Writes an input in the place of the one at its path. */
  void write(NightInput night) throws IOException {
    ObjectNode request =
        JsonText.object()
            .put("do", "write_night")
            .put("path", night.path().toString())
            .put("layout", options.layout())
            .put("coordinates", options.hasCoordinates());
    ArrayNode images = request.putArray("images");
    night.images().forEach(image -> NightInput.write(image, images));
    reference.call(request);
    inputs.put(night.path(), night);
    log.add("write " + night);
  }

  void remove(NightInput night) throws IOException {
    if (Files.exists(night.path())) {
      Folders.delete(night.path());
    }
    inputs.remove(night.path());
    log.add("remove " + night);
  }

  private String[] command(NightInput night, Path to, List<String> more) {
    Path input = options.named() ? night.path() : night.path().resolve("data");
    List<String> args = new ArrayList<>(List.of("reduce", input.toString(), to.toString()));
    layers.forEach(argument -> args.add(argument.asText()));
    args.addAll(options.arguments());
    args.addAll(List.of("--quiet", "--append-new"));
    args.addAll(more);
    return args.toArray(String[]::new);
  }

  /** Runs the append of a night. */
  Cli run(NightInput night, List<String> more) throws IOException {
    Cli done = cli("append", command(night, output, more));
    log.add("append %s %s: %d %s".formatted(night, more, done.code(), done.err().strip()));
    return done;
  }

  private Cli cli(String label, String... args) {
    Cli done = Cli.run(args);
    if (done.code() == 1 || done.code() == 2 || done.code() > 4 || done.err().contains("\tat ")) {
      fail(label + ", exit " + done.code(), done.err() + done.out());
    }
    return done;
  }

  /** How a run that was to be interrupted ended. */
  enum End {
    REFUSED,
    INTERRUPTED,
    COMPLETE
  }

  /** Interrupts the append of a night at a random object. */
  End interrupt(NightInput night, List<String> more) throws IOException {
    return random.nextInt(3) == 0 && !stored.isEmpty() ? block(night, more) : kill(night, more);
  }

  private End kill(NightInput night, List<String> more) throws IOException {
    FailingStores.Failure failure =
        FailingStores.Failure.values()[random.nextInt(FailingStores.Failure.values().length)];
    int at = 1 + random.nextInt(random.nextBoolean() ? 30 : 60);
    String step = "%s at put %d of %s %s".formatted(failure, at, night, more);
    try {
      StoppedReduction.run(new FailingStores(failure, at), command(night, output, more));
      log.add(step + ": ended");
      return End.COMPLETE;
    } catch (PointwiseException e) {
      log.add("%s: %d %s".formatted(step, e.exitCode(), e.getMessage()));
      return e.exitCode() == 3 ? End.REFUSED : End.INTERRUPTED;
    }
  }

  /** Blocks the path of one of the objects that the append adds. */
  private End block(NightInput night, List<String> more) throws IOException {
    Path trial = folder.resolve("trial-run");
    Folders.copy(output, trial);
    Folders.copy(runFolder(), InterruptedAppend.runFolder(trial));
    Cli possible = cli("trial run", command(night, trial, more));
    List<Path> added =
        StoredObjects.of(trial).stream()
            .map(object -> output.resolve(trial.relativize(object).toString()))
            .filter(object -> !Files.exists(object))
            .toList();
    Folders.delete(trial);
    Folders.delete(InterruptedAppend.runFolder(trial));
    if (possible.code() != 0 || added.isEmpty()) {
      return kill(night, more);
    }
    Path obstacle = added.get(random.nextInt(added.size()));
    Path blocker = obstacle.resolve("in the way");
    Files.createDirectories(blocker);
    log.add("block " + output.relativize(obstacle));
    Cli stopped = run(night, more);
    Files.delete(blocker);
    for (Path parent = obstacle; StoredObjects.isEmptyFolder(parent); parent = parent.getParent()) {
      Files.delete(parent);
    }
    return stopped.code() == 0 ? End.COMPLETE : stopped.code() == 3 ? End.REFUSED : End.INTERRUPTED;
  }

  /**
   * Compares the output with what it may contain, and remembers which of that it does.
   *
   * @param ended whether all of its metadata must be that of the same images: in the midst of an
   *     append, coordinates may be without values
   * @return which of the worlds was found; −1 for none
   */
  int judge(String label, boolean ended, World... worlds) throws IOException {
    ObjectNode request =
        JsonText.object()
            .put("do", "judge_nights")
            .put("output", output.toString())
            .put("ended", ended)
            .put("coordinates", options.hasCoordinates());
    ArrayNode all = request.putArray("worlds");
    Arrays.stream(worlds).forEach(world -> world.write(all.addArray()));
    JsonNode answer = reference.call(request);
    if (answer.has("problem")) {
      fail(label, answer.path("problem").asText() + "\nbefore: " + stored);
      return -1;
    }
    int world = answer.path("world").asInt();
    stored = worlds[world].chosen(answer.path("choices"));
    log.add("  contains " + stored);
    return world;
  }

  /** Runs {@code verify}, which must not find damage where none is. */
  void verify(boolean complete) {
    Cli done = cli("verify", verifyCommand());
    log.add("verify: " + done.code());
    if (complete && done.code() != 0) {
      fail("verify, exit " + done.code(), done.err() + done.out());
    }
  }

  Cli verify(String... more) {
    List<String> args = new ArrayList<>(Arrays.asList(verifyCommand()));
    args.addAll(Arrays.asList(more));
    Cli done = cli("verify", args.toArray(String[]::new));
    log.add("verify %s: %d %s%s".formatted(List.of(more), done.code(), done.out(), done.err()));
    return done;
  }

  private String[] verifyCommand() {
    return new String[] {"verify", output.toString(), "--deep", "--quiet"};
  }
}
