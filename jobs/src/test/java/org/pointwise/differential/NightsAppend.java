package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.Cli;
import org.pointwise.testing.Folders;

/**
 * Appends nights as a user does: where a run is refused, by what the refusal names. Knows which
 * runs may be unfinished, and so which refusals are right.
 */
final class NightsAppend {
  private static final int MAX_ATTEMPTS = 6;

  private final NightsOutput output;

  /** Inputs of runs that were interrupted, as they were then; the last one first. */
  private final List<NightInput> unfinished = new ArrayList<>();

  /**
   * What the next run may find: what the output contained before the unfinished runs, then more for
   * each of them, which may have stored all but its end.
   */
  private final Set<World> possible = new LinkedHashSet<>();

  /** The latest input whose images are stored, and what is stored of them. */
  private @Nullable NightInput latest;

  /** Images of the latest input that runs which did not end may have stored whole. */
  private final Set<NightImage> maybeWhole = new HashSet<>();

  private int depth;

  NightsAppend(NightsOutput output) {
    this.output = output;
    this.possible.add(output.stored());
  }

  @Nullable NightInput latest() {
    return latest;
  }

  boolean isUnfinished() {
    return !unfinished.isEmpty();
  }

  List<NightInput> unfinished() {
    return List.copyOf(unfinished);
  }

  /** Interrupts the append of a night. */
  void interrupt(NightInput night, List<String> options) throws IOException {
    World before = output.stored();
    NightsOutput.End end = output.interrupt(night, options);
    if (end == NightsOutput.End.COMPLETE) {
      complete(night);
      return;
    }
    if (end == NightsOutput.End.INTERRUPTED) {
      interrupted(night);
    } else if (!before.isEmpty() && !output.failed()) {
      judgeUnchanged("a refused append shows");
    }
  }

  void interrupted(NightInput night) throws IOException {
    unfinished.add(0, night);
    night.images().stream().filter(NightImage::isWhole).forEach(maybeWhole::add);
    World before = output.stored();
    Set<World> ended = appended(before, night);
    if (!before.isEmpty() && !output.failed()) {
      Stream<World> begun =
          Stream.concat(Stream.of(before), possible.stream())
              .flatMap(world -> Stream.of(world, world.replacing(night.images())))
              .map(world -> orEarlier(world.during(night.images()), night));
      output.judge(
          "an interrupted append shows",
          false,
          Stream.concat(begun, ended.stream()).distinct().toArray(World[]::new));
    }
    possible.addAll(ended);
  }

  /** Returns whether the output contains what it did. */
  boolean judgeUnchanged(String label) throws IOException {
    World now = output.stored();
    World[] worlds =
        Stream.concat(Stream.of(now), possible.stream()).distinct().toArray(World[]::new);
    return now.isEmpty() || output.judge(label, unfinished.isEmpty(), worlds) >= 0;
  }

  /** Returns what the output may contain after an append. */
  private Set<World> appended(World before, NightInput night) {
    Set<World> all = new LinkedHashSet<>();
    Stream.concat(Stream.of(before), possible.stream())
        .flatMap(
            world ->
                Stream.of(
                    world.append(night.images()),
                    world.appendUnrecognised(night.images()),
                    world.replacing(night.images()).append(night.images())))
        .forEach(world -> all.add(orEarlier(world, night)));
    return all;
  }

  /** Shards that were stored of an earlier state of the input stay. */
  private World orEarlier(World world, NightInput night) {
    World all = world;
    for (NightInput begun : unfinished) {
      if (begun.path().equals(night.path())) {
        all = all.orOf(begun.images());
      }
    }
    return all;
  }

  /** Appends a night. */
  void night(NightInput night) throws IOException {
    night(night, List.of());
  }

  void night(NightInput night, List<String> options) throws IOException {
    boolean clear = unfinished.stream().allMatch(night::equals);
    List<String> more = new ArrayList<>(options);
    for (int attempt = 0; attempt < MAX_ATTEMPTS && depth < MAX_ATTEMPTS; attempt++) {
      Cli done = output.run(night, more);
      if (output.failed()) {
        return;
      }
      if (done.code() == 0) {
        complete(night);
        return;
      }
      String refusal = done.err().strip();
      if (done.code() != 3) {
        output.fail("append, exit " + done.code(), refusal);
        return;
      }
      if (!judgeUnchanged("a refused append shows")) {
        return;
      }
      if (isRefusedForItsImages(refusal, night)) {
        return;
      }
      if (clear && !refusal.contains("--ignore-modification-times")) {
        output.fail("append refused", refusal);
        return;
      }
      if (!follow(refusal, night, more)) {
        output.fail("refusal names no way", refusal);
      }
      if (output.failed()) {
        return;
      }
    }
    output.fail("no way leads to a complete output", night.toString());
  }

  /** Returns whether the images that the output has cannot be those of the night. */
  private boolean isRefusedForItsImages(String refusal, NightInput night) {
    return Stream.concat(Stream.of(output.stored()), possible.stream())
        .anyMatch(stored -> isRefusedForItsImages(refusal, night, stored));
  }

  private static boolean isRefusedForItsImages(String refusal, NightInput night, World stored) {
    Stream<NightImage> known = night.images().stream().filter(stored::has);
    if (refusal.contains("with other pixels already")) {
      return known.anyMatch(image -> !image.hasPixelsOf(stored.imageOf(image)));
    }
    return refusal.contains("with the same pixels already") && known.findAny().isPresent();
  }

  /** Does what a refusal names; returns false if it names nothing. */
  private boolean follow(String refusal, NightInput night, List<String> more) throws IOException {
    NightInput named = named(refusal);
    if (refusal.contains("--ignore-modification-times") && night.equals(named)) {
      return more.add("--ignore-modification-times");
    }
    if (refusal.contains("--drop-unfinished") && (named == null || output.random.nextBoolean())) {
      return more.add("--drop-unfinished");
    }
    boolean isFirst = output.stored().isEmpty();
    if (named != null && !named.equals(night) && (!isFirst || output.random.nextBoolean())) {
      again(named, night);
      return true;
    }
    if (isFirst && refusal.contains("--overwrite")) {
      output.log.add("delete the output");
      Folders.delete(output.output);
      Folders.delete(output.runFolder());
      unfinished.clear();
      output.restart();
      possible.clear();
      possible.add(output.stored());
      return true;
    }
    if (refusal.contains("--drop-unfinished")) {
      return more.add("--drop-unfinished");
    }
    return false;
  }

  /** Ends another append, with its input as it was. */
  private void again(NightInput named, NightInput night) throws IOException {
    depth++;
    output.write(named);
    night(named);
    depth--;
    if (named.path().equals(night.path()) && !output.failed()) {
      output.write(night);
    }
  }

  /** Returns the input that a refusal names, if it was not removed for good. */
  private @Nullable NightInput named(String refusal) {
    List<NightInput> all = new ArrayList<>(unfinished);
    if (latest != null) {
      all.add(latest.with(latest.images().stream().map(i -> i.withDamage(0)).toList()));
    }
    return all.stream()
        .filter(night -> Files.exists(night.path()))
        .filter(night -> isNamed(night.path(), refusal))
        .findFirst()
        .orElse(null);
  }

  private static boolean isNamed(Path path, String refusal) {
    return Pattern.compile(Pattern.quote(path.toString()) + "(?![-\\w])").matcher(refusal).find();
  }

  void complete(NightInput night) throws IOException {
    World before = output.stored();
    boolean sameAsLatest =
        latest != null && latest.path().equals(night.path()) && isSame(latest, night);
    boolean adds =
        night.images().stream()
            .anyMatch(image -> possible.stream().anyMatch(world -> !world.has(image)));
    World[] worlds = appended(before, night).toArray(World[]::new);
    if (output.judge("output after an append", true, worlds) < 0) {
      return;
    }
    possible.clear();
    possible.add(output.stored());
    // An input that has lost images since is not read again.
    boolean restored = sameAsLatest && !losesImages(before, night) && isRecognised(night);
    if (restored && unfinished.stream().allMatch(night::equals)) {
      for (NightImage image : night.images()) {
        if (image.isRecognisable() && !output.stored().hasExactly(image)) {
          output.fail("a restored image is not stored again", image + " of " + night);
        }
      }
    }
    if (adds || restored) {
      maybeWhole.clear();
    }
    if (sameAsLatest || adds) {
      latest =
          night.with(night.images().stream().map(image -> output.stored().imageOf(image)).toList());
    }
    unfinished.clear();
  }

  private boolean losesImages(World before, NightInput night) {
    return night.images().stream()
        .filter(image -> !image.isWhole())
        .anyMatch(
            image -> before.imageOf(image).isWhole() || maybeWhole.contains(image.withDamage(0)));
  }

  private boolean isRecognised(NightInput night) {
    return output.options.named() || night.images().stream().anyMatch(NightImage::isRecognisable);
  }

  private static boolean isSame(NightInput one, NightInput other) {
    if (one.images().size() != other.images().size()) {
      return false;
    }
    for (int i = 0; i < one.images().size(); i++) {
      if (!one.images().get(i).hasPixelsOf(other.images().get(i))) {
        return false;
      }
    }
    return true;
  }
}
