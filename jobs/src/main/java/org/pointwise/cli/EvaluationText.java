package org.pointwise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.pointwise.EvaluateReport;
import org.pointwise.store.JsonText;

/** Prints the figures of an evaluated layer on a terminal. */
final class EvaluationText {
  private EvaluationText() {}

  static void print(EvaluateReport found, PrintWriter out) {
    JsonNode report = JsonText.parse(found.json().getBytes(StandardCharsets.UTF_8), "report");
    JsonNode layer = report.path("layer");
    out.printf(
        Locale.ROOT,
        "Layer     %d → %d by %s, on %d held-out pixels of %d of %d tiles%n",
        layer.path("inChannels").asInt(),
        layer.path("outChannels").asInt(),
        layer.path("method").asText(),
        report.at("/data/heldOutPixels").asLong(),
        report.at("/data/heldOutBlocks").asLong(),
        report.at("/data/holdoutBlocks").asLong());
    out.printf(
        Locale.ROOT,
        "%-9s %14s %14s %10s %9s %9s%n",
        "",
        "variance kept",
        "relative error",
        "PSNR",
        "cosine",
        "p1");
    row(out, "layer", layer);
    JsonNode half = layer.path("float16");
    out.printf(
        Locale.ROOT,
        "%-9s %12.4f %% %12.4f %% %7.2f dB%n",
        "float16",
        100 * half.path("explainedVariance").asDouble(),
        100 * half.path("relativeError").asDouble(),
        half.path("psnr").asDouble());
    long saturated = half.path("overflowedValues").asLong();
    if (saturated > 0) {
      out.printf(Locale.ROOT, "%-9s %d values beyond ±65504 saturated%n", "", saturated);
    }
    report.path("baselines").forEach(one -> row(out, one.path("method").asText(), one));
    JsonNode worst = layer.path("worstBlock");
    out.printf(
        Locale.ROOT,
        "Worst     tile n=%d y=%d x=%d: relative error %.4f %%%n",
        worst.path("n").asLong(),
        worst.path("y").asLong(),
        worst.path("x").asLong(),
        100 * worst.path("relativeError").asDouble());
    JsonNode probe = report.path("probe");
    if (!probe.isMissingNode()) {
      probe(out, "Probe", "on the reduced channels", probe.path("reduced"));
      probe(out, "", "on all channels", probe.path("all"));
      if (probe.has("head")) {
        probe(out, "", "by what it was trained with", probe.path("head"));
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

  private static void row(PrintWriter out, String name, JsonNode figures) {
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

  private static void probe(PrintWriter out, String name, String what, JsonNode figures) {
    out.printf(
        Locale.ROOT,
        "%-9s %.2f %% right, mean IoU %.4f %s%n",
        name,
        100 * figures.path("accuracy").asDouble(),
        figures.path("meanIou").asDouble(),
        what);
  }
}
