package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;

/**
 * Tests which images are taken for images that are already stored, if nights are repeated, replace
 * others at the same path, have no data, or cannot be read.
 */
class AppendNewRepeatTest extends NightsFixture {
  private static final String[] OPTIONS = {"--nodata", "nan", "--on-bad-input", "nodata"};

  private static Arrays4 empty(int count) {
    FeatureShape shape = new FeatureShape(count, SIDE, SIDE, CHANNELS);
    float[] values = new float[count * SIDE * SIDE * CHANNELS];
    Arrays.fill(values, Float.NaN);
    return new Arrays4(shape, values);
  }

  /** Stores a night at the path of the night before. */
  private String night(Arrays4 images) throws Exception {
    Folders.delete(folder.resolve("night.zarr"));
    return images.zarr(folder + "/night.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
  }

  private void appended(String input, int images) {
    assertThat(json(append(input, OPTIONS)).path("images").asInt()).isEqualTo(images);
  }

  /** Compares the output with the last night. */
  private void requireStored(String input) {
    Cli verified = Cli.run("verify", output.toString(), "--input", input, "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("Compared");
  }

  @Test
  void nightWithoutDataDoesNotReplaceAnother() throws Exception {
    appended(night(images(2)), 2);
    appended(night(empty(2)), 4);
    appended(night(empty(2)), 4); // repeated
    String later = night(images(2));
    appended(later, 6);
    requireStored(later);
    appended(night(images(1)), 7);
    appended(night(empty(1)), 8);
    appended(later(empty(1)), 9); // at another place
    appended(night(empty(1)), 9); // repeated
    appended(night(images(1)), 10);
    appended(night(empty(1)), 11);
  }

  private String later(Arrays4 images) throws Exception {
    return images.zarr(folder + "/later.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
  }

  /** A channel that is NaN everywhere, such as a broken band, hides no other channel. */
  @Test
  void imagesWithABrokenChannelAreRecognised() throws Exception {
    for (int nights = 1; nights <= 3; nights++) {
      Arrays4 images = images(1);
      for (int i = 5; i < images.values().length; i += CHANNELS) {
        images.values()[i] = Float.NaN;
      }
      String night = night(images);
      json(append(night));
      assertThat(json(append(night)).path("images").asInt()).isEqualTo(nights);
    }
  }

  @Test
  void emptyFirstNightIsNotReplaced() throws Exception {
    appended(night(empty(1)), 1);
    String second = night(images(1));
    appended(second, 2);
    requireStored(second);
  }

  @Test
  void damagedNightDoesNotReplaceAnother() throws Exception {
    appended(night(images(1)), 1);
    String second = night(images(1));
    truncate(folder.resolve("night.zarr/data/c/0/0/0/0"));
    appended(second, 2);
  }

  private static void truncate(Path chunk) throws Exception {
    Files.write(chunk, Arrays.copyOf(Files.readAllBytes(chunk), 3));
  }

  @Test
  void storedNightStaysIfItsInputIsDamagedLater() throws Exception {
    String night = night(images(3));
    appended(night, 3);
    truncate(folder.resolve("night.zarr/data/c/1/0/0/0"));
    Cli kept = append(night, OPTIONS);
    assertThat(json(kept).path("shardsWritten").asInt()).isZero();
    assertThat(kept.err()).contains("images 1 of ", "cannot be decoded any more", "stays");
  }

  @Test
  void namedImageThatHadNoDataIsNotReplaced() throws Exception {
    Path night = Files.createDirectories(folder.resolve("night"));
    empty(1).npyFolder(night.toString(), "y,x,c");
    appended(night.toString(), 1);
    appended(files("second", 5, 1).toString(), 2);
    images(1).npyFolder(night.toString(), "y,x,c");
    Cli refused = append(night.toString(), OPTIONS);
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("with other pixels", "image00.npy");
  }

  @Test
  void namedImagesWithoutDataAreAppended() throws Exception {
    Path night = Files.createDirectories(folder.resolve("night"));
    empty(1).npyFolder(night.toString(), "y,x,c");
    appended(night.toString(), 1);
    Files.move(night.resolve("image00.npy"), night.resolve("image01.npy"));
    appended(night.toString(), 2);
    appended(night.toString(), 2); // repeated
  }

  @Test
  void imagesThatAnInputGainedAreAppendedByIndex() throws Exception {
    Arrays4 all = images(5);
    String first =
        new Arrays4(
                new FeatureShape(3, SIDE, SIDE, CHANNELS),
                Arrays.copyOf(all.values(), 3 * SIDE * SIDE * CHANNELS))
            .zarr(folder + "/first.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    json(Cli.run(command(first, output, "--append")));
    json(append(zarr("second.zarr", 1)));
    Folders.delete(folder.resolve("first.zarr"));
    all.zarr(folder + "/first.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    assertThat(append(first).errorLine())
        .contains("no digests", "--images 3:", "they are stored already");
    assertThat(json(append(first, "--images", "3:")).path("images").asInt()).isEqualTo(6);
  }

  /** {@code --append} records no digests of the images that an input has gained. */
  @Test
  void gainedImagesWithoutDigestsAreNotStoredAgain() throws Exception {
    Arrays4 all = images(4);
    String input = part(all, 0, 2).zarr(folder + "/grows.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    json(append(input));
    Folders.delete(folder.resolve("grows.zarr"));
    all.zarr(folder + "/grows.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    json(Cli.run(command(input, output, "--append", "--ignore-modification-times")));
    Cli refused = append(input, "--images", "2:");
    assertThat(refused.code()).as(refused.out()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("images 2 to 3 of the output", "--images 4:");
  }

  private static Arrays4 part(Arrays4 images, int begin, int end) {
    int each = SIDE * SIDE * CHANNELS;
    return new Arrays4(
        new FeatureShape(end - begin, SIDE, SIDE, CHANNELS),
        Arrays.copyOfRange(images.values(), begin * each, end * each));
  }

  private static Arrays4 joined(Arrays4... parts) {
    int each = SIDE * SIDE * CHANNELS;
    int count = Arrays.stream(parts).mapToInt(part -> (int) part.shape().n()).sum();
    float[] values = new float[count * each];
    int at = 0;
    for (Arrays4 part : parts) {
      System.arraycopy(part.values(), 0, values, at, part.values().length);
      at += part.values().length;
    }
    return new Arrays4(new FeatureShape(count, SIDE, SIDE, CHANNELS), values);
  }

  @Test
  void earlierNightsAreRecognisedWithTheirBlankImages() throws Exception {
    Arrays4 first = joined(images(1), empty(1));
    Arrays4 second = joined(empty(1), images(2));
    Arrays4 third = images(1);
    appended(first.zarr(folder + "/a.zarr", 3, "n,y,x,c", CHUNK, CHUNK), 2);
    appended(second.zarr(folder + "/b.zarr", 3, "n,y,x,c", CHUNK, CHUNK), 5);
    appended(third.zarr(folder + "/c.zarr", 3, "n,y,x,c", CHUNK, CHUNK), 6);
    appended(folder + "/a.zarr/data", 6);
    appended(folder + "/b.zarr/data", 6);
    Arrays4 all = joined(first, second, third);
    appended(all.zarr(folder + "/all.zarr", 3, "n,y,x,c", CHUNK, CHUNK), 6);
    appended(part(all, 3, 6).zarr(folder + "/some.zarr", 3, "n,y,x,c", CHUNK, CHUNK), 6);
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    appended(joined(empty(1), images(1)).zarr(folder + "/d.zarr", 3, "n,y,x,c", CHUNK, CHUNK), 8);
  }

  /** The channels of a pixel are all infinite in one image and NaN in the other. */
  @Test
  void imagesThatDifferInInfinitiesAloneAreDifferent() throws Exception {
    Arrays4 images = images(1);
    Arrays.fill(images.values(), 0, CHANNELS, Float.NaN);
    json(append(images.zarr(folder + "/a.zarr", 3, "n,y,x,c", CHUNK, CHUNK)));
    Arrays.fill(images.values(), 0, CHANNELS, Float.POSITIVE_INFINITY);
    String other = images.zarr(folder + "/b.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    assertThat(json(append(other)).path("images").asInt()).isEqualTo(2);
  }

  /** A restored input is not compared with the pixels that were stored while it was damaged. */
  @Test
  void restoredInputIsNotComparedBeforeItIsStored() throws Exception {
    appended(zarr("first.zarr", 3), 3);
    String night = night(images(3));
    Path chunk = folder.resolve("night.zarr/data/c/1/0/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    truncate(chunk);
    appended(night, 6);
    appended(later(images(2)), 8);
    JsonNode report =
        JsonText.parse(Files.readAllBytes(Path.of(output + ".pointwise/report.json")), "report");
    assertThat(report.path("unreadable").toString()).contains("c/1/0/0/0");
    Files.write(chunk, whole);
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--runner", "local");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("Compared", "1 of 8 images", "could not be decoded");
  }

  /** An append that cannot end as it was asked for: a value is too large for float16. */
  private void unfinished() throws Exception {
    json(append(zarr("first.zarr", 3), "--dtype", "float16"));
    Arrays4 large = images(2);
    large.values()[7] = 3e30f;
    large.values()[7 + CHANNELS] = -3e30f; // one of both passes the ReLU
    Cli stopped = append(later(large), "--dtype", "float16");
    assertThat(stopped.code()).as(stopped.err()).isEqualTo(3);
    assertThat(stopped.errorLine()).contains("float16");
  }

  @Test
  void unfinishedAppendIsVerified() throws Exception {
    unfinished();
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isEqualTo(4);
    assertThat(verified.out()).contains("run the same command again");
  }

  @Test
  void unfinishedAppendIsDroppedWithoutAnother() throws Exception {
    unfinished();
    String first = folder + "/first.zarr/data";
    Cli refused = append(first, "--dtype", "float16");
    assertThat(refused.errorLine()).contains("has not ended", "--drop-unfinished");
    assertThat(
            json(append(first, "--dtype", "float16", "--drop-unfinished")).path("images").asInt())
        .isEqualTo(3);
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(json(append(zarr("third.zarr", 2), "--dtype", "float16")).path("images").asInt())
        .isEqualTo(5);
  }
}
