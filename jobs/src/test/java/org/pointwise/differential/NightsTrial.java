package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Appends nights of images to an output, as runs are killed, inputs are damaged, restored, replaced
 * and removed, and unfinished runs are continued or dropped. Images that are stored must stay;
 * whatever happened, the next night can be appended by the way that the refusals name.
 */
final class NightsTrial implements Trial {
  private static final int MAX_IMAGES = 6;

  @Override
  public void run(Case testCase, Path folder, Reference reference, Findings found)
      throws Exception {
    Random random = new Random(testCase.seed());
    NightsOutput output =
        new NightsOutput(new NightsCase(testCase), folder, reference, found, random);
    new Steps(output, new NightsAppend(output), random).run();
  }

  private static final class Steps {
    private final NightsOutput output;
    private final NightsAppend append;
    private final Random random;
    private int names;
    private int paths;

    Steps(NightsOutput output, NightsAppend append, Random random) {
      this.output = output;
      this.append = append;
      this.random = random;
    }

    void run() throws IOException {
      for (int steps = 4 + random.nextInt(6); steps > 0 && !output.failed(); steps--) {
        step();
      }
      if (!output.failed()) {
        append.night(fresh("end"));
      }
      if (!output.failed()) {
        output.verify(true);
      }
    }

    private void step() throws IOException {
      NightInput latest = append.latest();
      int choice = random.nextInt(12);
      if (append.isUnfinished() && choice < 6) {
        changeUnfinished();
      } else if (latest != null && !latest.isWhole() && choice < 8) {
        repair(latest);
      } else if (choice == 8 && !output.stored().isEmpty()) {
        repeat();
      } else if (choice >= 9 && choice <= 10 && !output.stored().isEmpty()) {
        new NightsDamage(output, append, random).run();
      } else {
        append(fresh(nextPath()));
      }
    }

    private void append(NightInput night) throws IOException {
      boolean drop = append.isUnfinished() && random.nextBoolean();
      List<String> options = drop ? List.of("--drop-unfinished") : List.of();
      int kills = random.nextInt(3);
      for (int i = 0; i < kills && !output.failed(); i++) {
        append.interrupt(night, options);
      }
      if (!output.failed() && (kills == 0 || random.nextBoolean())) {
        append.night(night, options);
      }
      maybeVerify();
      if (!output.failed() && !append.isUnfinished() && random.nextInt(4) == 0) {
        output.remove(night);
        output.verify(true);
      }
    }

    private void maybeVerify() {
      if (!output.failed() && !output.stored().isEmpty() && random.nextBoolean()) {
        output.verify(!append.isUnfinished());
      }
    }

    private String nextPath() {
      String kind = output.options.paths();
      boolean one = kind.equals("one") || (kind.equals("mixed") && random.nextBoolean());
      return one ? "night" : "night-" + paths++;
    }

    /** Writes new images. */
    private NightInput fresh(String path) throws IOException {
      List<NightImage> images = new ArrayList<>();
      boolean damaged = !output.options.named() && random.nextInt(3) == 0;
      for (int i = 1 + random.nextInt(MAX_IMAGES); i > 0; i--) {
        boolean blank = random.nextInt(12) == 0 && !images.isEmpty();
        NightImage image = new NightImage(names++, blank ? 0 : 1, 0);
        boolean now = damaged && !blank && !images.isEmpty() && random.nextInt(3) == 0;
        images.add(now ? image.withDamage(anyDamage()) : image);
      }
      NightInput night = new NightInput(output.folder.resolve(path), images);
      output.write(night);
      return night;
    }

    private int anyDamage() {
      return output.options.damagesHalves() ? 1 + random.nextInt(3) : 1;
    }

    /** The input of an unfinished run changes, or it does not, and the same command follows. */
    private void changeUnfinished() throws IOException {
      List<NightInput> all = append.unfinished();
      // Mostly the last one; the others were dropped, or dropped it.
      NightInput begun = all.get(random.nextInt(3) == 0 ? random.nextInt(all.size()) : 0);
      NightInput now = begun;
      switch (random.nextInt(6)) {
        case 0 -> output.write(begun);
        case 1 -> output.write(now = begun.with(otherPixels(begun.images())));
        case 2, 3 -> output.write(now = begun.with(otherDamage(begun.images())));
        case 4 -> {
          output.remove(begun);
          return;
        }
        default -> {
          if (!begun.equals(output.inputs.get(begun.path()))) {
            output.write(begun);
          }
        }
      }
      if (random.nextInt(3) == 0) {
        append.interrupt(now, List.of());
      }
      if (!output.failed()) {
        append.night(now);
      }
      maybeVerify();
    }

    private List<NightImage> otherPixels(List<NightImage> images) {
      int other = random.nextInt(images.size());
      List<NightImage> all = new ArrayList<>(images);
      NightImage image = images.get(other).withVersion(images.get(other).version() + 2);
      // Digests do not distinguish damaged images.
      all.set(other, image.isRecognisable() ? image : image.withDamage(0));
      return all;
    }

    /** Damages some and restores others; the first stays whole. */
    private List<NightImage> otherDamage(List<NightImage> images) {
      List<NightImage> all = new ArrayList<>();
      for (NightImage image : images) {
        int damage =
            output.options.named() || all.isEmpty() || random.nextBoolean() ? 0 : anyDamage();
        all.add(image.version() == 0 || random.nextBoolean() ? image : image.withDamage(damage));
      }
      return all;
    }

    /** The damaged input of the latest night is restored, wholly or in part. */
    private void repair(NightInput latest) throws IOException {
      NightInput restored =
          latest.with(
              random.nextInt(4) == 0
                  ? otherDamage(latest.images())
                  : latest.images().stream().map(image -> image.withDamage(0)).toList());
      output.write(restored);
      if (random.nextInt(3) == 0) {
        output.verify(!append.isUnfinished());
      }
      int kills = random.nextInt(3);
      for (int i = 0; i < kills && !output.failed(); i++) {
        append.interrupt(restored, List.of());
      }
      if (!output.failed() && (kills == 0 || random.nextBoolean())) {
        append.night(restored);
      }
      maybeVerify();
    }

    /** An input that still exists is given again. */
    private void repeat() throws IOException {
      List<NightInput> existing =
          output.inputs.values().stream().filter(night -> Files.exists(night.path())).toList();
      if (existing.isEmpty()) {
        return;
      }
      NightInput night = existing.get(random.nextInt(existing.size()));
      boolean drop = append.isUnfinished() && random.nextBoolean();
      List<String> options = drop ? List.of("--drop-unfinished") : List.of();
      if (drop && random.nextBoolean()) {
        append.interrupt(night, options);
      }
      if (!output.failed()) {
        append.night(night, options);
      }
      maybeVerify();
    }
  }
}
