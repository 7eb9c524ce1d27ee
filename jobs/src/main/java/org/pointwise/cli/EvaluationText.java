package org.pointwise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pointwise.EvaluateReport;
import org.pointwise.errors.Count;
import org.pointwise.report.LayerTable;
import org.pointwise.store.JsonText;

/** Prints the figures of evaluated layers on a terminal. */
final class EvaluationText {
  private EvaluationText() {}

  static void print(EvaluateReport evaluation, PrintWriter out) {
    JsonNode report = JsonText.parse(evaluation.json().getBytes(StandardCharsets.UTF_8), "report");
    JsonNode layer = report.path("layer");
    JsonNode layers = report.path("layers");
    boolean several = layers.size() > 1;
    out.printf(
        Locale.ROOT,
        "%-9s %s, on %s%n",
        several ? "Layers" : "Layer",
        several
            ? layers.size() + " rows"
            : channels(layer) + " by " + layer.path("method").asText(),
        LayerTable.pixels(report.path("data")));
    printStored(report.path("data"), out);
    int width = several ? nameWidth(layers) : 9;
    printHeading(out, width, several, report.has("probe"));
    if (several) {
      layers.forEach(row -> printComparison(out, width, row));
      if (layers.findValues("recognisedBySample").stream().anyMatch(JsonNode::asBoolean)) {
        out.println("Fitted on blocks of an array that is recognised by a sample of its pixels");
      }
      out.printf(Locale.ROOT, "Others    at the channels of %s%n", layers.at("/0/name").asText());
    } else {
      String name = layers.at("/0/output").isMissingNode() ? "layer" : "stored";
      printRow(out, name, layer);
      printFitted(out, layers.path(0));
    }
    JsonNode float16 = layer.path("float16");
    if (!several && !float16.isMissingNode()) {
      out.printf(
          Locale.ROOT,
          "%-9s %12.4f %% %12.4f %% %7.2f dB%n",
          "float16",
          100 * float16.path("explainedVariance").asDouble(),
          100 * float16.path("relativeError").asDouble(),
          float16.path("psnr").asDouble());
    }
    long saturated = float16.path("overflowedValues").asLong();
    if (saturated > 0) {
      out.printf("%-9s %s beyond ±65504 saturated%n", "", Count.of(saturated, "value"));
    }
    report
        .path("baselines")
        .forEach(baseline -> printRow(out, baseline.path("method").asText(), baseline));
    printSelected(layer, several ? layers.at("/0/name").asText() : "this layer", out);
    report
        .path("baselines")
        .forEach(row -> printSelected(row, "the baseline " + row.path("method").asText(), out));
    out.printf(
        Locale.ROOT,
        "PSNR      with the largest range of a channel, %.4g, as the peak%n",
        layer.path("psnrPeak").asDouble());
    out.println("Cosine    mean over pixels, and the value below which it is for 1 % of them");
    JsonNode worst = layer.path("worstBlock");
    out.printf(
        Locale.ROOT,
        "Worst     block n=%d y=%d x=%d: relative error %.4f %%%n",
        worst.path("n").asLong(),
        worst.path("y").asLong(),
        worst.path("x").asLong(),
        100 * worst.path("relativeError").asDouble());
    JsonNode probe = report.path("probe");
    if (!several && !probe.isMissingNode()) {
      printProbe(out, "Probe", "on the reduced channels", probe.path("reduced"));
      printProbe(out, "", "on all channels", probe.path("all"));
      if (probe.has("head")) {
        printProbe(out, "", "by what it was trained with", probe.path("head"));
      }
    }
    JsonNode drift = report.path("drift");
    out.printf(
        Locale.ROOT,
        "Drift     mean %.2f %% of the spread, covariance %.2f %%%n",
        100 * drift.path("meanShift").asDouble(),
        100 * drift.path("covarianceChange").asDouble());
    out.printf(Locale.ROOT, "Time      %.2f s%n", report.path("seconds").asDouble());
  }

  /** Prints which images of the output are measured, if others are not, and its part. */
  static void printStored(JsonNode data, PrintWriter out) {
    if (data.has("outputImages")) {
      out.printf(
          "Images    %s of the %s of the output, by the last append of this input; others %s%n",
          data.path("outputImages").asText(),
          data.path("outputImagesInAll").asText(),
          data.path("otherImages").asText());
    }
  }

  private static void printSelected(JsonNode row, String by, PrintWriter out) {
    List<Integer> channels = new ArrayList<>();
    row.path("selectedChannels").forEach(channel -> channels.add(channel.asInt()));
    if (!channels.isEmpty()) {
      out.printf("Selected  channels %s of the input by %s%n", Shortened.list(channels), by);
    }
  }

  private static String channels(JsonNode layer) {
    return "%d → %d".formatted(layer.path("inChannels").asInt(), layer.path("outChannels").asInt());
  }

  private static int nameWidth(JsonNode layers) {
    int width = 9;
    for (JsonNode layer : layers) {
      width = Math.max(width, layer.path("name").asText().length());
    }
    return width;
  }

  private static void printHeading(PrintWriter out, int width, boolean several, boolean probe) {
    String channels = several ? String.format(Locale.ROOT, " %12s", "channels") : "";
    String lastColumns = (several ? "  fitted on" : "") + (several && probe ? "  accuracy" : "");
    out.printf(
        Locale.ROOT,
        "%-" + width + "s%s %14s %14s %10s %9s %9s%s%n",
        "",
        channels,
        "variance kept",
        "relative error",
        "PSNR",
        "cosine",
        "1 % below",
        lastColumns);
  }

  /** Prints one of several rows, with the pixels that it was fitted on. */
  private static void printComparison(PrintWriter out, int width, JsonNode row) {
    JsonNode accuracy = row.at("/probe/reduced/accuracy");
    out.printf(
        Locale.ROOT,
        "%-" + width + "s %12s %12.4f %% %12.4f %% %7.2f dB %9.5f %9.5f  %-9s%s%n",
        row.path("name").asText(),
        channels(row),
        100 * row.path("explainedVariance").asDouble(),
        100 * row.path("relativeError").asDouble(),
        row.path("psnr").asDouble(),
        row.at("/cosine/mean").asDouble(),
        row.at("/cosine/p1").asDouble(),
        LayerTable.fitted(row),
        accuracy.isMissingNode()
            ? ""
            : String.format(Locale.ROOT, "  %7.2f %%", 100 * accuracy.asDouble()));
  }

  /** Prints which of the pixels the only row was fitted on, unless they were held out. */
  private static void printFitted(PrintWriter out, JsonNode row) {
    String tiles = row.path("trainingTiles").asText();
    if (row.has("notKnown")) {
      out.printf("%-9s not known: %s%n", "Fitted on", row.path("notKnown").asText());
    } else {
      out.printf(
          "%-9s blocks that hold %s of these pixels%s%n",
          "Fitted on",
          tiles.equals("some") ? row.path("trainingPixels").asText() : tiles,
          row.path("recognisedBySample").asBoolean()
              ? "; the array is recognised by a sample of its pixels"
              : "");
    }
  }

  private static void printRow(PrintWriter out, String name, JsonNode figures) {
    out.printf(
        Locale.ROOT,
        "%-9s %12.4f %% %12.4f %% %7.2f dB %9.5f %9.5f%n",
        name,
        100 * figures.path("explainedVariance").asDouble(),
        100 * figures.path("relativeError").asDouble(),
        figures.path("psnr").asDouble(),
        figures.at("/cosine/mean").asDouble(),
        figures.at("/cosine/p1").asDouble());
  }

  private static void printProbe(
      PrintWriter out, String name, String description, JsonNode figures) {
    out.printf(
        Locale.ROOT,
        "%-9s %.2f %% right, mean IoU %.4f %s%n",
        name,
        100 * figures.path("accuracy").asDouble(),
        figures.path("meanIou").asDouble(),
        description);
  }
}
