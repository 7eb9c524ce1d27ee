package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Formats;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;

/** Tests {@code evaluate} of several layers, of stored outputs and of test sets. */
class EvaluateTableTest extends EvaluateFixture {
  private static List<String> texts(JsonNode rows, String name) {
    List<String> texts = new ArrayList<>();
    rows.forEach(row -> texts.add(row.path(name).asText()));
    return texts;
  }

  @Test
  void comparesLayersAndStoredResultInOneTable() throws Exception {
    String[] holdOut = {"--test-size", "0.4", "--hold-out-block", "5"};
    String select = fitted("select.onnx", concat(holdOut, "--method", "select", "--channels", "1"));
    String output = reduced("out.zarr", "--dtype", "float16");
    Cli done =
        evaluate(
            "--weights",
            "a<b=" + select,
            "--output",
            output,
            "--labels",
            labels,
            "--fail-below-variance",
            "0.9");
    assertThat(done.code()).isEqualTo(5);
    assertThat(done.err())
        .contains("Below the gate: a<b: explainedVariance")
        .doesNotContain(" w: ");
    ObjectNode report = JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "stdout");
    JsonNode rows = report.path("layers");
    assertThat(texts(rows, "name")).containsExactly("w", "a<b", "out.zarr");
    assertThat(texts(rows, "trainingTiles")).containsOnly("none");
    assertThat(report.at("/data/heldOutPixels").asLong()).isPositive();
    assertThat(rows.at("/2/explainedVariance").asDouble())
        .isCloseTo(rows.at("/0/float16/explainedVariance").asDouble(), within(1e-9))
        .isNotEqualTo(rows.at("/0/explainedVariance").asDouble());
    assertThat(rows.at("/2/probe/reduced/accuracy").asDouble())
        .isCloseTo(rows.at("/0/probe/reduced/accuracy").asDouble(), within(0.02));
    String lost =
        "<tr><th scope=\"row\">%s</th><td>%.4f %%</td><td><div style=\"width: %.2f%%\"></div></td></tr>";
    double[] bars = new double[2];
    for (int i = 0; i < bars.length; i++) {
      bars[i] = 1 - rows.at("/" + i + "/explainedVariance").asDouble();
    }
    assertThat(bars[1]).isGreaterThan(bars[0]);
    assertThat(Files.readString(folder.resolve("w.report.html")))
        .contains("Layers and stored results on the same pixels", "variance lost by layer")
        .contains(String.format(Locale.ROOT, lost, "w", 100 * bars[0], 100 * bars[0] / bars[1]))
        .contains(String.format(Locale.ROOT, lost, "a&lt;b", 100 * bars[1], 100.0))
        .doesNotContain("a<b");
    String text =
        Cli.run("evaluate", input, "--output", output, "--quiet", "--runner", "local").out();
    assertThat(text)
        .contains("held-out pixels", "stored", "Fitted on blocks that hold none of these pixels");
  }

  @Test
  void namesPixelsOfTestSetThatLayerWasFittedOn() throws Exception {
    weights = fitted("part.safetensors", "--images", "0:4", "--channels", "2");
    ObjectNode disjoint = json(evaluate("--images", "4:6"));
    assertThat(disjoint.at("/data/split").asText()).isEqualTo("all");
    assertThat(disjoint.at("/layers/0/trainingTiles").asText()).isEqualTo("none");
    ObjectNode overlap = json(evaluate("--images", "3:6", "--report", folder + "/o.html"));
    assertThat(overlap.at("/layers/0/trainingPixels").asLong()).isEqualTo(120);
    assertThat(overlap.at("/data/measuredPixels").asLong()).isEqualTo(360);
    assertThat(overlap.at("/data/heldOutPixels").isMissingNode()).isTrue();
    assertThat(Files.readString(folder.resolve("o.html")))
        .contains("fitted on blocks that hold 120 px of them");
    array.values()[0] += 1;
    array.zarr(folder + "/in.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    ObjectNode changed = json(evaluate("--images", "4:6"));
    assertThat(changed.at("/layers/0/trainingTiles").asText()).isEqualTo("not known");
    assertThat(changed.at("/layers/0/notKnown").asText()).contains("other numbers than those of");
  }

  @Test
  void anotherArrayIsTestSetAsWhole() throws Exception {
    for (int i = 0; i < array.values().length; i++) {
      array.values()[i] += 1;
    }
    input = array.zarr(folder + "/other.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    ObjectNode report = json(evaluate());
    assertThat(report.at("/data/measuredPixels").asLong()).isEqualTo(SHAPE.pixels());
    assertThat(report.at("/data/heldOutFrom").asText()).isEqualTo("otherArray");
    assertThat(report.at("/layers/0/notKnown").asText()).contains("other numbers than those of");
    assertThat(Files.readString(folder.resolve("w.report.html")))
        .contains("(all: not the array of the fit)");
    for (String[] part : new String[][] {{"--split", "test"}, {"--labels", labels}}) {
      assertThat(json(evaluate(part)).at("/data/measuredPixels").asLong())
          .isBetween(1L, SHAPE.pixels() - 1);
    }
    weights = fitted("both.safetensors", "--channels", "2", "--test-size", "0.4");
    ObjectNode both = json(evaluate("--weights", folder + "/w.safetensors"));
    assertThat(both.at("/data/heldOutFrom").asText()).isEqualTo("recorded");
  }

  @Test
  void appendedMomentsRecordWhatLayerWasFittedOn() throws Exception {
    String moments = folder + "/m.safetensors";
    Arrays4 first = Arrays4.random(random, new FeatureShape(4, 12, 10, CHANNELS));
    System.arraycopy(array.values(), 0, first.values(), 0, first.values().length);
    input = first.zarr(folder + "/grown.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    String[] momentsCommand = {"moments", input, moments, "--runner", "local", "--quiet", "--json"};
    json(Cli.run(concat(momentsCommand, "--append")));
    array.zarr(folder + "/grown.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    json(Cli.run(concat(momentsCommand, "--append", "--ignore-modification-times")));
    weights = folder + "/grown.safetensors";
    json(
        Cli.run(
            "fit",
            weights,
            "--moments",
            moments,
            "--channels",
            "2",
            "--quiet",
            "--json",
            "--runner",
            "local"));
    ObjectNode report = json(evaluate("--split", "all"));
    assertThat(report.at("/layers/0/trainingTiles").asText()).isEqualTo("all");
  }

  @Test
  void refusesDifferentHoldOutsAndOtherPartsThanStored() {
    String other =
        fitted(
            "other.safetensors", "--channels", "2", "--test-size", "0.3", "--hold-out-block", "5");
    Cli conflict = evaluate("--weights", other);
    assertThat(conflict.code()).isEqualTo(3);
    assertThat(conflict.err())
        .contains("Cannot evaluate w and other on blocks held out from both: 0.4 of the blocks")
        .contains("but 0.3 of the blocks");
    ObjectNode both = json(evaluate("--weights", other, "--split", "all"));
    assertThat(texts(both.path("layers"), "trainingTiles")).containsOnly("some");
    String output = reduced("part.zarr", "--images", "0:2");
    Cli part = evaluate("--output", output, "--images", "2:4");
    assertThat(part.code()).isEqualTo(3);
    assertThat(part.err()).contains("it was made of images 0:2 of its input but images 2:4 of");
    assertThat(json(evaluate("--output", output)).at("/data/images").asLong()).isEqualTo(2);
  }

  @Test
  void folderThatGainedFilesIsNotKnown() throws Exception {
    input = array.npyFolder(folder + "/files", "y,x,c");
    String[] axes = {"--axes", "y,x,c"};
    weights = fitted("files.safetensors", concat(axes, "--channels", "2", "--test-size", "0.4"));
    assertThat(json(evaluate(axes)).at("/layers/0/trainingTiles").asText()).isEqualTo("none");
    Path files = Path.of(input);
    Files.copy(files.resolve("image00.npy"), files.resolve("a first one.npy"));
    JsonNode row = json(evaluate(axes)).at("/layers/0");
    assertThat(row.path("trainingTiles").asText()).isEqualTo("not known");
    assertThat(row.path("notKnown").asText()).contains("other numbers than those of");
    Files.delete(files.resolve("a first one.npy"));
    Files.copy(files.resolve("image00.npy"), files.resolve("z last one.npy"));
    row = json(evaluate(concat(axes, "--images", "6:7"))).at("/layers/0");
    assertThat(row.path("trainingTiles").asText()).isEqualTo("none");
  }

  /** The digest of an array of few numbers has all training pixels. */
  @Test
  void exchangedImagesAreNeverCalledHeldOut() throws Exception {
    Extent image = new Extent(1, 12, 10);
    Arrays4 many = Arrays4.random(random, new FeatureShape(20, 12, 10, CHANNELS));
    input = many.zarr(folder + "/many.zarr", 3, "n,y,x,c", image, image);
    weights = fitted("many.safetensors", "--channels", "2", "--test-size", "0.2");
    assertThat(json(evaluate()).at("/layers/0/trainingTiles").asText()).isEqualTo("none");
    ArrayInfo info = Formats.open(ByteStores.LOCAL, input, null, null).info();
    HoldoutBlocks blocks = new HoldoutSplit(0.2, 3, 0, HoldoutSplit.Part.TEST).of(info);
    int size = 12 * 10 * CHANNELS;
    for (int other = 1; other < 20; other++) {
      int one = random.nextInt(other);
      float[] values = many.values().clone();
      System.arraycopy(many.values(), one * size, values, other * size, size);
      System.arraycopy(many.values(), other * size, values, one * size, size);
      Arrays4 exchanged = new Arrays4(many.shape(), values);
      input = exchanged.zarr(folder + "/exchanged.zarr", 3, "n,y,x,c", image, image);
      JsonNode row = json(evaluate()).at("/layers/0");
      boolean bothHeldOut =
          Stream.of(one, other).noneMatch(n -> blocks.in(info.image(n)).isEmpty());
      assertThat(row.path("trainingTiles").asText())
          .as("images %d and %d", one, other)
          .isEqualTo(bothHeldOut ? "none" : "not known");
    }
  }

  @Test
  void maskOfStoredOutputAppliesToGivenPart() throws Exception {
    String mask = folder + "/mask.npy";
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {6, 12, 10});
    byte[] file = Arrays.copyOf(header, header.length + (int) SHAPE.pixels());
    int kept = 0;
    for (int p = 0; p < SHAPE.pixels(); p++) {
      file[header.length + p] = (byte) (random.nextInt(4) == 0 ? 0 : 1);
      kept += p < 2 * 12 * 10 ? file[header.length + p] : 0;
    }
    Files.write(Path.of(mask), file);
    String output = reduced("masked.zarr", "--mask", mask);
    JsonNode whole = json(evaluate("--output", output, "--split", "all"));
    output = reduced("part.zarr", "--mask", mask, "--images", "0:2");
    JsonNode part = json(evaluate("--output", output, "--images", "0:2", "--split", "all"));
    assertThat(part.at("/data/measuredPixels").asInt()).isEqualTo(kept);
    assertThat(whole.at("/data/measuredPixels").asInt()).isGreaterThan(kept);
  }

  @Test
  void otherScaleThanThatOfStoredOutputIsRefused() {
    String output = reduced("scaled.zarr", "--scale", "0.5");
    Cli other = evaluate("--output", output);
    assertThat(other.code()).isEqualTo(3);
    assertThat(other.errorLine()).contains("it was made with scale=0.5", "the same --scale");
    json(evaluate("--output", output, "--scale", "0.5"));
  }

  @Test
  void reportOfStoredArrayLiesBesideItsGroup() throws Exception {
    String output = reduced("out.zarr");
    Map<String, String> before = Folders.hashes(Path.of(output), "");
    String[] args = {"evaluate", input, "--output", output + "/features", "--runner", "local"};
    json(Cli.run(concat(args, "--quiet", "--json")));
    assertThat(folder.resolve("out.zarr.features.report.html")).exists();
    Cli inside = Cli.run(concat(args, "--report", output + "/x.html"));
    assertThat(inside.code()).isEqualTo(3);
    assertThat(Folders.hashes(Path.of(output), "")).isEqualTo(before);
  }

  @Test
  void labelsOfUnusablePixelsAloneAreNoClasses() throws Exception {
    byte[] classes = Files.readAllBytes(Path.of(labels));
    int first = classes.length - (int) SHAPE.pixels();
    for (int p = 0; p < SHAPE.pixels(); p += 7) {
      classes[first + p] = 3;
      array.values()[p * CHANNELS + 4] = Float.NaN;
    }
    Files.write(Path.of(labels), classes);
    input = array.zarr(folder + "/unusable.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    ObjectNode report = json(evaluate("--labels", labels, "--images", "0:6"));
    assertThat(report.at("/probe/classes").asInt()).isEqualTo(2);
    assertThat(report.at("/probe/reduced/accuracy").asDouble()).isPositive();
  }

  @Test
  void layersAreNamedOnceAndBothSourcesOfRowsAreNamed() {
    Cli twice = evaluate("--weights", weights);
    assertThat(twice.code()).isEqualTo(2);
    assertThat(twice.err()).contains(weights + " is given more than once");
    JsonNode rows = json(evaluate("--weights", "again=" + weights)).path("layers");
    assertThat(texts(rows, "name")).containsExactly("w", "again");
    Cli none = Cli.run("evaluate", input);
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("'--weights=FILE[#NAME]' or '--output=REDUCED'");
  }

  @Test
  void quietEvaluationWarnsOfInputThatIsNotRecorded() throws Exception {
    String output = reduced("out.zarr");
    input = array.zarr(folder + "/copy.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    Cli done = evaluate("--output", output);
    json(done);
    assertThat(done.err())
        .contains("Warning: " + input, "is not recorded as the input of")
        .doesNotContain("Runner");
    assertThat(evaluate("--output", output, "--dry-run").errorLine())
        .contains("is not recorded as the input of");
  }

  @Test
  void otherNodataThanThatOfStoredOutputIsRefused() {
    String output = reduced("nodata.zarr", "--nodata", "-7");
    for (String[] other : new String[][] {{}, {"--nodata", "3"}}) {
      Cli refused = evaluate(concat(other, "--output", output));
      assertThat(refused.code()).isEqualTo(3);
      assertThat(refused.errorLine()).contains("it was made with nodata -7", "the same --nodata");
    }
    json(evaluate("--output", output, "--nodata", "-7.0"));
  }

  @Test
  void leftOverPassesOfInterruptedEvaluationsAreDeleted() throws Exception {
    Path old = folder.resolve("w.report.html.fitted3.pointwise");
    Files.createDirectories(old.resolve("parts"));
    Files.writeString(old.resolve("plan.json"), "{}");
    Path other = Files.createDirectories(folder.resolve("v.report.html.fitted.pointwise"));
    json(evaluate());
    assertThat(old).doesNotExist();
    assertThat(other).exists();
  }
}
