package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.pointwise.BlockView;
import org.pointwise.EvaluateReport;
import org.pointwise.errors.Count;
import org.pointwise.report.Charts.Theme;
import org.pointwise.store.JsonText;

/** Writes the figures of evaluated layers as one HTML file that loads nothing from the network. */
public final class EvaluationReport {
  private EvaluationReport() {}

  /**
   * Checks that a page can be drawn on this machine.
   *
   * @throws org.pointwise.errors.InvalidInputException if it cannot
   */
  public static void requireDrawable() {
    Charts.requireFonts();
  }

  /** Returns the page, encoded in UTF-8. */
  public static byte[] page(EvaluateReport evaluation, List<BlockView> views) throws IOException {
    JsonNode report = JsonText.parse(evaluation.json().getBytes(StandardCharsets.UTF_8), "report");
    List<BlockPicture> pictures = new ArrayList<>();
    for (BlockView view : views) {
      BlockPicture picture = new BlockPicture(view);
      view.each(picture);
      pictures.add(picture);
    }
    return html(report, pictures).getBytes(StandardCharsets.UTF_8);
  }

  private static String html(JsonNode report, List<BlockPicture> pictures) throws IOException {
    Page page = new Page();
    summary(page, report);
    boolean several = report.path("layers").size() > 1;
    if (several) {
      LayerTable.write(page, report);
    }
    table(page, report);
    if (report.has("probe")) {
      report.path("layers").forEach(row -> probe(page, row, several));
    }
    charts(page, report);
    pictures(page, report, pictures);
    drift(page, report);
    String skeleton = resource("report.html");
    String title = "%s → %s channels".formatted(channels(report, "in"), channels(report, "out"));
    return skeleton.replace("{{title}}", Page.escape(title)).replace("{{body}}", page.build());
  }

  private static String channels(JsonNode report, String direction) {
    return report.at("/layer/" + direction + "Channels").asText();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = EvaluationReport.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void summary(Page page, JsonNode report) {
    JsonNode layer = report.path("layer");
    page.tag(
        "h1",
        "%s → %s channels by %s"
            .formatted(
                channels(report, "in"), channels(report, "out"), layer.path("method").asText()));
    if (report.has("gates")) {
      boolean passed = report.path("passed").asBoolean();
      page.html("<p class=\"%s\">".formatted(passed ? "pass" : "fail"));
      page.text(passed ? "Passes its gates." : "Below its gate: fit again.");
      page.html("</p>\n");
      report.at("/gates/below").forEach(line -> page.tag("p class=fail", line.asText()));
    }
    report.path("warnings").forEach(line -> page.tag("p class=warning", line.asText()));
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

  private static void table(Page page, JsonNode report) {
    page.tag("h2", "Against other ways to as many channels");
    page.html("<div class=\"scroll\"><table>");
    page.row("th", "", "variance kept", "relative error", "PSNR", "cosine", "1 % of pixels below");
    boolean several = report.path("layers").size() > 1;
    row(page, several ? report.at("/layers/0/name").asText() : "this layer", report.path("layer"));
    JsonNode float16 = report.at("/layer/float16");
    if (!float16.isMissingNode()) {
      long saturated = float16.path("overflowedValues").asLong();
      page.row(
          "td",
          "stored as float16"
              + (saturated > 0 ? ", %s saturated".formatted(Count.of(saturated, "value")) : ""),
          Page.percent(float16.path("explainedVariance")),
          Page.percent(float16.path("relativeError")),
          Page.decimal(float16.path("psnr"), 2),
          "",
          "");
    }
    report
        .path("baselines")
        .forEach(baseline -> row(page, baseline.path("method").asText(), baseline));
    page.html("</table></div>\n");
    JsonNode worst = report.at("/layer/worstBlock");
    page.tag(
        "p",
        "The peak of PSNR is the largest range of a channel, %s. The worst block begins at n=%s y=%s x=%s; its relative error is %s."
            .formatted(
                Page.decimal(report.at("/layer/psnrPeak"), 4),
                worst.path("n").asText(),
                worst.path("y").asText(),
                worst.path("x").asText(),
                Page.percent(worst.path("relativeError"))));
  }

  private static void row(Page page, String name, JsonNode figures) {
    page.row("td", LayerTable.figures(name, figures).toArray(String[]::new));
  }

  private static void probe(Page page, JsonNode row, boolean several) {
    JsonNode probe = row.path("probe");
    String suffix = several ? ": " + row.path("name").asText() : "";
    page.tag("h2", "Prediction of labels" + suffix);
    page.html("<div class=\"scroll\"><table>");
    page.row("th", "", "accuracy", "mean IoU", "IoU by class");
    String[][] names = {
      {"reduced", "linear probe on the reduced channels"},
      {"all", "linear probe on all channels"},
      {"head", "what the layer was trained with"}
    };
    for (String[] name : names) {
      JsonNode figures = probe.path(name[0]);
      if (!figures.isMissingNode()) {
        List<String> ious = new ArrayList<>();
        figures.path("iou").forEach(iou -> ious.add(iou.isNull() ? "–" : Page.decimal(iou, 4)));
        page.row(
            "td",
            name[1],
            Page.percent(figures.path("accuracy")),
            Page.decimal(figures.path("meanIou"), 4),
            String.join(", ", ious));
      }
    }
    page.html("</table></div>\n");
  }

  private static void charts(Page page, JsonNode report) throws IOException {
    page.tag("h2", "Error by number of channels");
    page.chart(
        "variance lost by number of channels",
        Charts.errorByChannels(report, Theme.LIGHT),
        Charts.errorByChannels(report, Theme.DARK));
    page.tag("h2", "Scree");
    page.chart(
        "variance by principal component",
        Charts.scree(report, Theme.LIGHT),
        Charts.scree(report, Theme.DARK));
    page.tag("h2", "Reduced channels");
    page.html("<div class=\"grid\">");
    for (JsonNode histogram : report.path("histograms")) {
      page.chart(
          "histogram of channel " + histogram.path("channel").asText(),
          Charts.histogram(histogram, Theme.LIGHT),
          Charts.histogram(histogram, Theme.DARK));
    }
    page.html("</div>\n");
  }

  private static void pictures(Page page, JsonNode report, List<BlockPicture> pictures)
      throws IOException {
    page.tag(
        "h2", report.at("/data/heldOutPixels").isNumber() ? "Held-out blocks" : "Measured blocks");
    int shown = Math.min(3, report.at("/layer/outChannels").asInt());
    page.tag(
        "p",
        "Left the first %d reduced channels as colours, right the reconstruction error, dark where there is little; one scale for all."
            .formatted(shown));
    page.html("<div class=\"grid\">");
    for (BlockPicture picture : pictures) {
      page.html("<figure><div class=\"pair\">");
      page.image(picture.name() + ", reduced channels", png(picture.channels()));
      page.image(picture.name() + ", error", png(picture.errors()));
      page.html("</div><figcaption>").text(picture.name()).html("</figcaption></figure>");
    }
    page.html("</div>\n");
  }

  private static void drift(Page page, JsonNode report) {
    JsonNode drift = report.path("drift");
    page.tag("h2", "Drift");
    page.tag(
        "p",
        "Against the pixels that the layer was fitted on, the mean moved by %s of their spread, most in channel %s, and the covariance changed by %s."
            .formatted(
                Page.percent(drift.path("meanShift")),
                drift.path("shiftedChannel").asText(),
                Page.percent(drift.path("covarianceChange"))));
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
