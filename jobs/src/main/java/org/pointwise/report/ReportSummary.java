package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.errors.Count;

/** The head of a page: the figures of the first layer, what they mean, and what was measured. */
final class ReportSummary {
  private ReportSummary() {}

  /** Writes the head of the page. */
  static void write(Page page, JsonNode report) {
    summary(page, report);
    terms(page, report);
  }

  private static void summary(Page page, JsonNode report) {
    JsonNode layer = report.path("layer");
    page.tag("h1", title(report));
    boolean several = report.path("layers").size() > 1;
    page.tag(
        "p class=\"note\"",
        "How much of the features %s keeps: each pixel is reduced from %s to %s channels, mapped back to %s, and compared with the original.%s"
            .formatted(
                several ? "the layer " + name(report) : "the layer",
                channels(report, "in"),
                channels(report, "out"),
                channels(report, "in"),
                several ? " Other layers are compared with it in a table." : ""));
    if (report.has("gates")) {
      boolean passed = report.path("passed").asBoolean();
      page.html("<p class=\"%s\">".formatted(passed ? "pass" : "fail"));
      List<String> gates = new ArrayList<>();
      JsonNode variance = report.at("/gates/explainedVariance");
      if (variance.isNumber()) {
        gates.add("variance kept ≥ " + Page.percent(variance));
      }
      JsonNode accuracy = report.at("/gates/accuracy");
      if (accuracy.isNumber()) {
        gates.add("accuracy ≥ " + Page.percent(accuracy));
      }
      page.text(passed ? "Passes its gates" : "Below its gate: fit again");
      page.text(" (%s).".formatted(String.join(", ", gates)));
      page.html("</p>\n");
      report.at("/gates/below").forEach(line -> page.tag("p class=fail", line.asText()));
    }
    report.path("warnings").forEach(line -> page.tag("p class=warning", "⚠ " + line.asText()));
    page.html("<div class=\"figures\">");
    figure(page, Page.percent(layer.path("explainedVariance")), "of the variance kept");
    figure(page, Page.percent(layer.path("relativeError")), "relative error");
    figure(page, Page.decimal(layer.path("psnr"), 2) + " dB", "PSNR");
    figure(page, Page.decimal(layer.at("/cosine/mean"), 4), "mean cosine");
    JsonNode probe = report.at("/probe/reduced/accuracy");
    if (!probe.isMissingNode()) {
      figure(page, Page.percent(probe), "right by a linear probe");
    }
    page.html("</div>\n");
    JsonNode data = report.path("data");
    page.tag(
        "p",
        "Measured on %s pixels of %s: %s of its %s, %s%s, drawn with seed %s. %s Layer: %s."
            .formatted(
                data.path("measuredPixels").asText(),
                report.path("input").asText(),
                data.path("measuredBlocks").asText(),
                Count.of(data.path("holdoutBlocks").asLong(), "hold-out block"),
                Page.percent(
                    data.path("measuredBlocks").asDouble() / data.path("holdoutBlocks").asDouble()),
                LayerTable.testSize(data),
                data.path("seed").asText(),
                origin(report),
                report.path("weights").asText()));
    if (data.has("outputImages")) {
      page.tag(
          "p",
          "The input has the images %s of the %s of the output; others %s."
              .formatted(
                  data.path("outputImages").asText(),
                  data.path("outputImagesInAll").asText(),
                  data.path("otherImages").asText()));
    }
  }

  static String title(JsonNode report) {
    String method = report.at("/layer/method").asText();
    return "%s → %s channels by %s"
        .formatted(
            channels(report, "in"),
            channels(report, "out"),
            method.equals("given") ? "a given layer" : method);
  }

  /** Returns the name of the first layer, which all sections but the table of layers describe. */
  static String name(JsonNode report) {
    return report.at("/layers/0/name").asText();
  }

  private static void terms(Page page, JsonNode report) {
    page.html("<dl>\n");
    page.term(
        "variance kept",
        "the part of the variance of the measured pixels that the reconstruction keeps; 100 % is no loss");
    page.term(
        "relative error", "the length of the error ÷ the length of the features; 0 % is no loss");
    page.term(
        "PSNR",
        "the peak ÷ the root mean square error, in decibels; more is better. The peak is the largest range of a channel, %s"
            .formatted(Page.decimal(report.at("/layer/psnrPeak"), 4)));
    page.term(
        "cosine",
        "of the angle between the features of a pixel and their reconstruction; 1 is no loss. The mean over pixels, and the value below which it is for 1 % of them");
    page.html("</dl>\n");
  }

  /** Returns which layers were fitted on the measured pixels. */
  private static String origin(JsonNode report) {
    if (report.at("/data/heldOutPixels").isNumber()) {
      return "They were held out.";
    }
    if (report.path("layers").size() > 1) {
      return "The table shows which layers were fitted on them.";
    }
    JsonNode row = report.at("/layers/0");
    return row.has("notKnown")
        ? "Whether the layer was fitted on them is not known, because %s."
            .formatted(row.path("notKnown").asText())
        : "The layer was fitted on blocks that hold %s of them.".formatted(LayerTable.fitted(row));
  }

  private static void figure(Page page, String value, String label) {
    page.html("<div><b>").text(value).html("</b><span>").text(label).html("</span></div>");
  }

  private static String channels(JsonNode report, String direction) {
    return report.at("/layer/" + direction + "Channels").asText();
  }
}
