package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.differential.FailingStores;
import org.pointwise.differential.FailingStores.Failure;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/**
 * Draws nights whose images are appended to one output, runs that end at one of their puts and are
 * continued or dropped, inputs that are damaged, restored, written again or replaced, and objects
 * of the output that are damaged, deleted by {@code verify} and restored. After each step, NumPy
 * and zarr-python compare all pixels ({@code scripts/interop/nights.py}). {@code -Dtests.cases=N}
 * draws N / 25 outputs of at most six nights.
 */
class NightsDifferentialTest extends StoppedNightsFixture {
  private static final int CASES = Math.max(1, Integer.getInteger("tests.cases", 500) / 25);
  private static final int NIGHTS = 6;
  private static final String[] OPTIONS = {"--on-bad-input", "nodata", "--nodata", "nan"};

  /** A night's images, by the numbers of their files. */
  private record Night(Path path, boolean named, List<NightImage> images) {
    String input() {
      return named ? path.toString() : path + "/data";
    }
  }

  /** A damaged object of the output. */
  private record Damaged(Path object, byte[] whole) {
    void restore() throws Exception {
      Files.createDirectories(object.getParent());
      Files.write(object, whole);
    }
  }

  private final List<String> log = new ArrayList<>();
  private final List<List<NightImage>> stored = new ArrayList<>(); // candidates of each image
  private String[] options = OPTIONS;
  private Path inputs;
  private @Nullable Damaged damaged; // until a run has ended
  private boolean named;
  private int next;
  private int steps;

  @Test
  void outputsHaveTheImagesOfAllNights() throws Exception {
    WeightsWriter.write(ByteStores.LOCAL, folder + "/second.safetensors", layer(3), Map.of());
    List<String> failures = new ArrayList<>();
    try (PythonPeer python = PythonPeer.start(folder, "nights.py")) {
      for (int number = 0; number < CASES; number++) {
        try {
          nights(number, python);
        } catch (AssertionError | RuntimeException e) {
          failures.add("case %d: %s%n  %s".formatted(number, e, String.join("\n  ", log)));
        }
      }
    }
    System.out.printf("%d outputs, %d nights%n", CASES, steps);
    assertThat(failures).as("seed %d", Seed.value()).isEmpty();
  }

  private PointwiseLayer layer(int outChannels) {
    float[] values = new float[CHANNELS * outChannels];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return PointwiseLayer.of(values, new float[outChannels], Activation.RELU);
  }

  private void nights(int number, PythonPeer python) throws Exception {
    log.clear();
    damaged = null;
    stored.clear();
    next = 0;
    named = random.nextInt(3) == 0;
    boolean two = random.nextInt(3) == 0;
    inputs = Files.createDirectories(folder.resolve("case" + number));
    output = inputs.resolve("out.zarr");
    options = with(OPTIONS, "--format", random.nextInt(3) == 0 ? "zarr2" : "zarr3");
    options = random.nextBoolean() ? with(options, "--compressor", "none") : options;
    if (two) {
      options = with(options, "--head", "second=" + folder + "/second.safetensors");
    }
    Night last = null;
    for (int i = 0; i < NIGHTS; i++, steps++) {
      last = step(draw(), last);
      log.add("= " + stored.size() + " images");
      compare(python, two);
      if (random.nextInt(3) == 0) {
        damageObject(last);
        compare(python, two);
      }
      if (random.nextInt(3) == 0) {
        damageInput(last);
      }
    }
    Folders.delete(inputs);
  }

  private Night step(Night night, Night last) throws Exception {
    int kind = stored.isEmpty() ? random.nextInt(2) : random.nextInt(6);
    switch (kind) {
      case 0 -> append(night);
      case 1 -> {
        interrupt(night);
        damageObjectOfUnfinished();
        append(night);
      }
      case 2, 3 -> {
        return drop(night, kind == 2 ? null : last);
      }
      case 4 -> {
        append(night);
        rewrite(night);
        succeed(night);
      }
      default -> {
        return repair(night);
      }
    }
    return night;
  }

  // Nights

  private Night draw() throws Exception {
    int count = 1 + random.nextInt(20);
    boolean onePath = random.nextBoolean();
    Path path = inputs.resolve(onePath ? "tonight" : "night" + next);
    List<NightImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean empty = i > 0 && random.nextInt(12) == 0;
      images.add(NightImage.draw(inputs.resolve("images"), next++, empty, random));
    }
    Night night = new Night(path, named, images);
    write(night);
    return night;
  }

  private void write(Night night) throws Exception {
    Folders.delete(night.path());
    NightImage.write(night.images(), night.path(), night.named());
  }

  /** Writes equal pixels to new files. */
  private void rewrite(Night night) throws Exception {
    log.add("rewrite");
    write(night);
  }

  // Runs

  private String[] appending(Night night, String... more) {
    return command(night.input(), output, with(with(options, more), "--append-new"));
  }

  private void interrupt(Night night, String... more) throws Exception {
    for (int times = 1 + random.nextInt(2); times > 0; times--) {
      Failure failure = Failure.values()[random.nextInt(Failure.values().length)];
      int at = 1 + random.nextInt(30);
      try {
        StoppedReduction.run(new FailingStores(failure, at), appending(night, more));
        log.add("not stopped at " + at);
      } catch (PointwiseException e) {
        log.add("stopped %s %d %s".formatted(failure, at, Arrays.toString(more)));
      }
    }
  }

  private Cli run(Night night, String... more) {
    Cli done = Cli.run(appending(night, more));
    log.add(
        "run %s %s: %d %s"
            .formatted(
                night.path().getFileName(),
                Arrays.toString(more),
                done.code(),
                done.code() == 0 ? "" : done.errorLine()));
    return done;
  }

  /** Runs an append; if it names the object that is damaged, restores that and runs it again. */
  private void succeed(Night night, String... more) throws Exception {
    Cli done = run(night, more);
    if (done.code() != 0 && damaged != null) {
      assertThat(done.code()).isIn(3, 4);
      assertThat(done.errorLine()).contains(output.relativize(damaged.object()).toString());
      damaged.restore();
      log.add("restored it");
      done = run(night, more);
    }
    assertThat(done.code()).isZero();
    damaged = null;
  }

  private void append(Night night) throws Exception {
    succeed(night);
    night.images().forEach(image -> stored.add(List.of(image)));
  }

  private int images() throws Exception {
    return record("report.json").path("images").asInt();
  }

  /**
   * Interrupts an append and drops it.
   *
   * @param by the night whose images are stored already; null for another new night
   */
  private Night drop(Night night, Night by) throws Exception {
    int before = stored.size();
    interrupt(night);
    damageObjectOfUnfinished();
    if (random.nextBoolean()) {
      Folders.delete(night.path());
    }
    Night other = by == null ? draw() : by;
    if (by != null) {
      write(by);
    }
    for (int times = random.nextInt(2); times > 0; times--) {
      interrupt(other, "--drop-unfinished");
    }
    succeed(other, "--drop-unfinished");
    int added = by == null ? other.images().size() : 0;
    if (images() == before + added + night.images().size()) { // it was not stopped
      night.images().forEach(image -> stored.add(List.of(image)));
    }
    if (by == null) {
      other.images().forEach(image -> stored.add(List.of(image)));
    }
    return other;
  }

  /** Appends a night with a damaged chunk, and stores it again once the chunk is restored. */
  private Night repair(Night night) throws Exception {
    int bad = random.nextInt(night.images().size());
    Path chunk = night.path().resolve("data/c/%d/0/0/0".formatted(bad));
    if (night.named() || night.images().size() == 1 || !Files.exists(chunk)) {
      append(night);
      return night;
    }
    byte[] whole = Files.readAllBytes(chunk);
    Files.write(chunk, Arrays.copyOf(whole, 3));
    NightImage without = night.images().get(bad).withoutChunk();
    log.add("chunk %d damaged".formatted(bad));
    succeed(night);
    Files.write(chunk, whole);
    int first = stored.size();
    for (int i = 0; i < night.images().size(); i++) {
      stored.add(List.of(i == bad ? without : night.images().get(i)));
    }
    interrupt(night);
    damageObjectOfUnfinished();
    if (random.nextBoolean()) {
      if (random.nextBoolean()) {
        damageAnotherChunk(night, bad);
      }
      succeed(night);
      stored.set(first + bad, List.of(night.images().get(bad)));
      return night;
    }
    Night other = draw();
    for (int times = random.nextInt(2); times > 0; times--) {
      interrupt(other, "--drop-unfinished");
    }
    succeed(other, "--drop-unfinished");
    stored.set(first + bad, List.of(without, night.images().get(bad)));
    other.images().forEach(image -> stored.add(List.of(image)));
    return other;
  }

  /**
   * Damages another chunk of the input while the command is repeated, and restores it. One of the
   * images must remain by which the night is recognised.
   */
  private void damageAnotherChunk(Night night, int bad) throws Exception {
    int other = random.nextInt(night.images().size());
    Path chunk = night.path().resolve("data/c/%d/1/0/0".formatted(other));
    boolean recognised = false;
    for (int i = 0; i < night.images().size(); i++) {
      recognised |= i != bad && i != other && !night.images().get(i).isEmpty();
    }
    if (!recognised || !Files.exists(chunk)) {
      return;
    }
    byte[] whole = Files.readAllBytes(chunk);
    Files.write(chunk, Arrays.copyOf(whole, 3));
    log.add("chunk %d damaged".formatted(other));
    Cli done = run(night);
    if (done.code() != 0) {
      assertThat(done.code()).isIn(3, 4);
      assertThat(done.errorLine()).containsAnyOf("the input is damaged since", "is missing");
    }
    Files.write(chunk, whole);
  }

  /** Damages the input of stored images, and restores it: the output stays whole. */
  private void damageInput(Night night) throws Exception {
    List<Path> files = files(night.path());
    Path file = files.get(random.nextInt(files.size()));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, random.nextInt(whole.length)));
    log.add("damaged " + night.path().relativize(file));
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--runner", "local");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    Files.write(file, whole);
  }

  private static List<Path> files(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  // Objects of the output

  private List<Path> objects() throws Exception {
    return files(output).stream()
        .filter(file -> !file.getFileName().toString().matches("\\.?z.*|\\..*"))
        .filter(file -> !file.toString().endsWith(".json"))
        .toList();
  }

  /** Damages an object, which verify deletes; it is computed again, or restored from a copy. */
  private void damageObject(Night last) throws Exception {
    List<Path> objects = objects();
    Path object = objects.get(random.nextInt(objects.size()));
    byte[] whole = Files.readAllBytes(object);
    Files.write(object, Arrays.copyOf(whole, whole.length - 1 - random.nextInt(whole.length)));
    log.add("damaged " + output.relativize(object));
    Cli verified =
        Cli.run("verify", output.toString(), "--deep", "--runner", "local", "--delete-corrupt");
    assertThat(verified.code()).as(verified.out()).isEqualTo(4);
    damaged = new Damaged(object, whole);
    if (random.nextBoolean()) {
      damaged.restore();
    }
    succeed(last);
  }

  /** Damages an object while a run is unfinished, and lets verify delete it. */
  private void damageObjectOfUnfinished() throws Exception {
    if (random.nextInt(3) > 0 || !Files.exists(output)) {
      return;
    }
    List<Path> objects = objects();
    if (objects.isEmpty()) {
      return;
    }
    Path object = objects.get(random.nextInt(objects.size()));
    byte[] whole = Files.readAllBytes(object);
    Files.write(object, Arrays.copyOf(whole, whole.length / 2));
    Cli verified =
        Cli.run("verify", output.toString(), "--deep", "--runner", "local", "--delete-corrupt");
    log.add("damaged %s, deleted: %d".formatted(output.relativize(object), verified.code()));
    damaged = new Damaged(object, whole);
  }

  private void compare(PythonPeer python, boolean two) throws Exception {
    ObjectNode request = JsonText.object().put("output", output.toString());
    ObjectNode heads = request.putObject("heads");
    heads.put(two ? "w" : "features", folder + "/w.safetensors");
    if (two) {
      heads.put("second", folder + "/second.safetensors");
    }
    ArrayNode images = request.putArray("images");
    for (List<NightImage> candidates : stored) {
      ArrayNode files = images.addArray();
      candidates.forEach(image -> files.add(image.file().toString()));
    }
    ArrayNode names = request.putArray("names");
    if (named) {
      stored.forEach(candidates -> names.add(candidates.get(0).name()));
    }
    assertThat(python.call(request).path("wrong")).isEmpty();
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--runner", "local");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }
}
