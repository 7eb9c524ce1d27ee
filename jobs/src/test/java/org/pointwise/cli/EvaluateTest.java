package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Formats;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Half;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsWriter;

/** Tests {@code evaluate} on the command line. */
class EvaluateTest extends EvaluateFixture {
  /** Computes the expected figures by direct sums. */
  private double[] expected() throws Exception {
    WeightsRef ref = WeightsRef.parse(weights, null, null, null);
    PointwiseLayer layer = Weights.read(ByteStores.LOCAL, ref, CHANNELS).layer();
    PointwiseLayer decoder = Weights.companion(ByteStores.LOCAL, ref, Weights.DECODER);
    HoldoutSplit split = new HoldoutSplit(0.4, 3, 5, HoldoutSplit.Part.TEST);
    ArrayInfo info = Formats.open(ByteStores.LOCAL, input, null, null).info();
    double[] sum = new double[CHANNELS];
    double[] squares = new double[CHANNELS];
    double error = 0;
    double cosines = 0;
    long count = 0;
    for (Box tile : split.of(info).in(new Box(0, 6, 0, 12, 0, 10))) {
      for (long y = tile.y0(); y < tile.y1(); y++) {
        for (long x = tile.x0(); x < tile.x1(); x++) {
          double product = 0;
          double norm = 0;
          double normBack = 0;
          for (int c = 0; c < CHANNELS; c++) {
            double value = array.at(tile.n0(), y, x, c);
            double back = decoder.bias(c);
            for (int o = 0; o < 2; o++) {
              double reduced = layer.bias(o);
              for (int i = 0; i < CHANNELS; i++) {
                reduced += (double) layer.weight(o, i) * array.at(tile.n0(), y, x, i);
              }
              back += decoder.weight(c, o) * reduced;
            }
            sum[c] += value;
            squares[c] += value * value;
            error += (value - back) * (value - back);
            product += value * back;
            norm += value * value;
            normBack += back * back;
          }
          cosines += norm == 0 ? 0 : product / Math.sqrt(norm * normBack);
          count++;
        }
      }
    }
    double variance = 0;
    double norms = 0;
    for (int c = 0; c < CHANNELS; c++) {
      variance += squares[c] / count - sum[c] / count * sum[c] / count;
      norms += squares[c];
    }
    return new double[] {
      count, 1 - error / count / variance, Math.sqrt(error / norms), cosines / count
    };
  }

  @Test
  void figuresMatchDirectSumsOverHeldOutPixels() throws Exception {
    ObjectNode report = json(evaluate());
    double[] expected = expected();
    assertThat(report.at("/data/heldOutPixels").asLong()).isEqualTo((long) expected[0]);
    assertThat(report.at("/layer/explainedVariance").asDouble())
        .isCloseTo(expected[1], within(1e-5));
    assertThat(report.at("/layer/relativeError").asDouble()).isCloseTo(expected[2], within(1e-5));
    assertThat(report.at("/layer/cosine/mean").asDouble()).isCloseTo(expected[3], within(1e-5));
    double own = report.at("/layer/float16/relativeError").asDouble();
    assertThat(own).isCloseTo(expected[2], within(1e-3)).isNotEqualTo(expected[2]);
    assertThat(report.path("warnings")).isEmpty();
    assertThat(report.path("baselines").findValuesAsText("method"))
        .containsExactly("select", "random");
    assertThat(report.at("/curve/1/pca").asDouble())
        .isCloseTo(report.at("/layer/explainedVariance").asDouble(), within(1e-4))
        .isGreaterThan(report.at("/curve/1/random").asDouble());
    double scree = 0;
    for (int i = 0; i < CHANNELS; i++) {
      scree += report.path("scree").get(i).asDouble();
    }
    assertThat(scree).isCloseTo(1, within(1e-6));
    long counted = 0;
    for (int bin = 0; bin < 64; bin++) {
      counted += report.at("/histograms/0/counts/" + bin).asLong();
    }
    assertThat(counted).isEqualTo((long) expected[0]);
  }

  @Test
  void baselineEqualsLayerFittedBySameMethod() throws Exception {
    ObjectNode compared = json(evaluate());
    for (String method : List.of("select", "random")) {
      weights = folder + "/" + method + ".safetensors";
      ObjectNode fitted =
          json(
              fit(
                  "--method",
                  method,
                  "--channels",
                  "2",
                  "--test-size",
                  "0.4",
                  "--hold-out-block",
                  "5",
                  "--json"));
      ObjectNode own = json(evaluate());
      List<String> names = compared.path("baselines").findValuesAsText("method");
      JsonNode baseline = compared.path("baselines").get(names.indexOf(method));
      for (String figure : List.of("explainedVariance", "relativeError", "psnr")) {
        assertThat(own.path("layer").path(figure).asDouble())
            .as("%s %s", method, figure)
            .isEqualTo(baseline.path(figure).asDouble());
      }
      // The figure of fit is of the pixels that it learned from. They differ, but are alike.
      assertThat(fitted.at("/layer/explainedVariance").asDouble())
          .isCloseTo(baseline.path("explainedVariance").asDouble(), within(0.2));
    }
  }

  private Cli fit(String... more) {
    List<String> args = new ArrayList<>(List.of("fit", input, weights));
    args.addAll(List.of("--seed", "3", "--runner", "local", "--quiet"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  @Test
  void saturatesFloat16AsReduceDoes() throws Exception {
    for (int i = 0; i < array.values().length; i++) {
      array.values()[i] *= 20_000;
    }
    input = array.zarr(folder + "/large.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    weights = folder + "/large.safetensors";
    json(fit("--channels", "3", "--test-size", "0.4", "--json"));
    ObjectNode half = (ObjectNode) json(evaluate()).at("/layer/float16");
    WeightsRef ref = WeightsRef.parse(weights, null, null, null);
    PointwiseLayer layer = Weights.read(ByteStores.LOCAL, ref, CHANNELS).layer();
    PointwiseLayer decoder = Weights.companion(ByteStores.LOCAL, ref, Weights.DECODER);
    ArrayInfo info = Formats.open(ByteStores.LOCAL, input, null, null).info();
    HoldoutSplit split = new HoldoutSplit(0.4, 3, 0, HoldoutSplit.Part.TEST);
    double error = 0;
    double squares = 0;
    long overflowed = 0;
    for (Box tile : split.of(info).in(new Box(0, 6, 0, 12, 0, 10))) {
      for (long p = 0; p < tile.pixels(); p++) {
        long y = p / 10;
        long x = p % 10;
        double[] back = new double[CHANNELS];
        for (int o = 0; o < 3; o++) {
          double reduced = layer.bias(o);
          for (int i = 0; i < CHANNELS; i++) {
            reduced += (double) layer.weight(o, i) * array.at(tile.n0(), y, x, i);
          }
          overflowed += Math.abs(reduced) >= 65520 ? 1 : 0;
          float max = (float) Math.max(-65504, Math.min(65504, reduced));
          for (int c = 0; c < CHANNELS; c++) {
            back[c] += decoder.weight(c, o) * Half.toFloat(Half.fromFloat(max) & 0xffff);
          }
        }
        for (int c = 0; c < CHANNELS; c++) {
          double value = array.at(tile.n0(), y, x, c);
          error += Math.pow(back[c] + decoder.bias(c) - value, 2);
          squares += value * value;
        }
      }
    }
    assertThat(overflowed).isPositive();
    assertThat(half.path("overflowedValues").asLong()).isEqualTo(overflowed);
    double expected = Math.sqrt(error / squares);
    assertThat(half.path("relativeError").asDouble()).isCloseTo(expected, within(1e-4 * expected));
    assertThat(Files.readString(folder.resolve("large.report.html")))
        .contains("stored as float16, %d values saturated".formatted(overflowed));
    assertThat(evaluateText()).contains("%d values beyond ±65504 saturated".formatted(overflowed));
  }

  private String evaluateText() {
    Cli done =
        Cli.run(
            "evaluate", input, "--weights", weights, "--quiet", "--runner", "local", "--overwrite");
    assertThat(done.code()).as(done.err()).isZero();
    return done.out();
  }

  @Test
  void requestedFractionOfBlocksIsHeldOut() throws Exception {
    weights = folder + "/half.safetensors";
    Cli fitted = fit("--channels", "2", "--test-size", "0.5");
    assertThat(fitted.out())
        .contains("Held out  3 of 6 hold-out blocks, 50.00 % (--test-size 0.5)");
    ObjectNode report = json(evaluate());
    assertThat(report.at("/data/heldOutBlocks").asInt()).isEqualTo(3);
    assertThat(report.at("/data/holdoutBlocks").asInt()).isEqualTo(6);
    assertThat(report.at("/data/heldOutPixels").asInt()).isEqualTo(3 * 120);
    assertThat(report.path("warnings")).isEmpty();
    assertThat(Files.readString(folder.resolve("half.report.html")))
        .contains(
            "3 of its 6 hold-out blocks, 50.00 % (--test-size 0.5, as recorded in the weights), drawn");
    assertThat(evaluateText())
        .contains("on 360 held-out pixels of 3 of 6 hold-out blocks (--test-size 0.5, as recorded")
        .contains("cosine 1 % below", "Cosine    mean over pixels, and the value below which")
        .contains("PSNR      with the largest range of a channel, ")
        .contains("Worst     block n=")
        .doesNotContain("tile");
  }

  @Test
  void readsBiasThatFitWroteBesideNpyWeights() {
    String[] holdOut = {"--test-size", "0.4", "--hold-out-block", "5", "--seed", "3"};
    ObjectNode expected = json(evaluate(holdOut));
    weights = folder + "/w.npy";
    json(
        fit(
            "--channels",
            "2",
            "--test-size",
            "0.4",
            "--hold-out-block",
            "5",
            "--json",
            "--overwrite"));
    ObjectNode found = json(evaluate(holdOut));
    for (String figure : List.of("explainedVariance", "relativeError", "psnr")) {
      assertThat(found.path("layer").path(figure)).isEqualTo(expected.path("layer").path(figure));
    }
    weights = folder + "/square.npy";
    json(
        fit(
            "--method",
            "random",
            "--channels",
            "6",
            "--test-size",
            "0.4",
            "--json",
            "--overwrite"));
    assertThat(json(evaluate(holdOut)).at("/layer/explainedVariance").asDouble())
        .isCloseTo(1, within(1e-9));
  }

  @Test
  void nonFinitePixelIsExcludedBehindRelu() throws Exception {
    array.values()[0] = Float.NEGATIVE_INFINITY;
    input = array.zarr(folder + "/infinite.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    weights = folder + "/relu.safetensors";
    float[] rows = {1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0};
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(rows, new float[2], Activation.RELU),
        Map.of());
    for (String seed : List.of("1", "2", "3", "4")) {
      ObjectNode report = json(evaluate("--test-size", "0.5", "--seed", seed));
      long skipped = report.at("/data/skippedPixels").asLong();
      assertThat(report.at("/data/measuredPixels").asLong() + skipped).isEqualTo(360);
      assertThat(report.at("/layer/relativeError").asDouble()).isBetween(0.0, 1.0);
    }
  }

  @Test
  void writesSelfContainedPageAndSameFiguresAsJson() throws Exception {
    ObjectNode report = json(evaluate("--labels", labels));
    String html = Files.readString(folder.resolve("w.report.html"));
    assertThat(html)
        .contains("6 → 2 channels by pca", "prefers-color-scheme: dark", "data:image/png;base64,")
        .contains("linear probe on the reduced channels")
        .doesNotContain("http:", "https:", "<script", "{{");
    byte[] written = Files.readAllBytes(folder.resolve("w.report.json"));
    assertThat(JsonText.parse(written, "report")).isEqualTo(report);
    assertThat(folder.resolve("w.report.html.pointwise")).doesNotExist();
  }

  @Test
  void probeMeasuresWhatVarianceDoesNot() throws Exception {
    String scored = folder + "/score.safetensors";
    assertThat(
            Cli.run(
                    "fit",
                    input,
                    scored,
                    "--method",
                    "score",
                    "--labels",
                    labels,
                    "--test-size",
                    "0.4",
                    "--runner",
                    "local",
                    "--quiet")
                .code())
        .isZero();
    String one = folder + "/one.npy";
    float[] last = {0, 0, 0, 0, 0, 1};
    WeightsWriter.write(
        ByteStores.LOCAL, one, PointwiseLayer.of(last, new float[1], Activation.NONE), Map.of());
    weights = scored;
    ObjectNode good = json(evaluate("--labels", labels));
    assertThat(good.at("/probe/reduced/accuracy").asDouble())
        .isGreaterThan(0.9)
        .isCloseTo(good.at("/probe/all/accuracy").asDouble(), within(0.02))
        .isCloseTo(good.at("/probe/head/accuracy").asDouble(), within(0.02));
    weights = one;
    ObjectNode poor = json(evaluate("--labels", labels));
    assertThat(poor.at("/probe/reduced/accuracy").asDouble()).isBetween(0.3, 0.7);
    assertThat(poor.at("/warnings/0").asText()).contains("fitted on these blocks is not known");
    Cli gated = evaluate("--labels", labels, "--fail-below-accuracy", "0.9");
    assertThat(gated.code()).isEqualTo(5);
    assertThat(gated.err()).contains("Below the gate: accuracy is 0.");
  }

  @Test
  void reportIsEqualOnSparkAndOnThreads() {
    ObjectNode threads = json(evaluate("--labels", labels, "--threads", "3"));
    ObjectNode spark =
        json(evaluate("--labels", labels, "--runner", "spark", "--master", "local[2]"));
    for (ObjectNode report : List.of(threads, spark)) {
      report.remove(List.of("seconds", "runner"));
    }
    assertThat(spark).isEqualTo(threads);
  }

  @Test
  void failedGateEndsWithCode5AndWritesReport() throws Exception {
    Cli below = evaluate("--fail-below-variance", "0.9999");
    assertThat(below.code()).isEqualTo(5);
    assertThat(below.err()).contains("Below the gate: explainedVariance is 0.");
    String html = Files.readString(folder.resolve("w.report.html"));
    assertThat(html).contains("Below its gate");
    Cli above = evaluate("--fail-below-variance", "0.1");
    assertThat(above.code()).isZero();
    assertThat(Files.readString(folder.resolve("w.report.html"))).contains("Passes its gates");
  }

  @Test
  void reportsDriftFromFittedPixels() throws Exception {
    double before = json(evaluate()).at("/drift/meanShift").asDouble();
    for (int i = 0; i < array.values().length; i++) {
      array.values()[i] += 10;
    }
    input = array.zarr(folder + "/moved.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    double after = json(evaluate()).at("/drift/meanShift").asDouble();
    assertThat(before).isLessThan(0.2);
    assertThat(after).isGreaterThan(3);
  }

  @Test
  void invalidInputsAreRefused() {
    Cli none = evaluate("--test-size", "1e-9");
    assertThat(none.code()).isEqualTo(3);
    assertThat(none.errorLine()).contains("takes none of the input's hold-out blocks");
    Cli classes = evaluate("--fail-below-accuracy", "0.5");
    assertThat(classes.code()).isEqualTo(2);
    assertThat(classes.err()).contains("needs --labels");
    Cli lengths = evaluate("--normalise", "l2");
    assertThat(lengths.code()).isEqualTo(2);
    assertThat(lengths.err()).contains("normalised by l2: their lengths are lost");
    Cli name = evaluate("--report", folder + "/report.pdf");
    assertThat(name.code()).isEqualTo(3);
    assertThat(name.errorLine()).contains("does not end in .html");
    weights = folder + "/other.npy";
    assertThat(evaluate().code()).isEqualTo(3);
  }
}
