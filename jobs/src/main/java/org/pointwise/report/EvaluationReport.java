package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.pointwise.BlockView;
import org.pointwise.EvaluateReport;
import org.pointwise.errors.Count;
import org.pointwise.report.Charts.Theme;
import org.pointwise.store.JsonText;

/** Writes the figures of evaluated layers as one HTML file that loads nothing from the network. */
public final class EvaluationReport {
  private static final String METHODS =
      "select keeps the channels of largest variance, random is a random projection, and pca, in the chart below, the principal components. Each has its own linear decoder. They are learned from the pixels that the layer was fitted on, or, if no moments of these are stored, from the blocks that are not held out.";

  private static final String LEAST =
      " Values below %1$s %% are drawn at %1$s %%.".formatted(Charts.LEAST_PERCENT);

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
    ReportSummary.write(page, report);
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
    String title = ReportSummary.title(report) + " – Pointwise evaluation";
    return skeleton.replace("{{title}}", Page.escape(title)).replace("{{body}}", page.build());
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = EvaluationReport.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void table(Page page, JsonNode report) {
    page.tag("h2", "Compared with simple methods of as many channels");
    page.beginTable("Figures of the layer and of simple methods", LayerTable.FIGURES);
    boolean several = report.path("layers").size() > 1;
    page.row(
        LayerTable.figures(
            several ? ReportSummary.name(report) : "this layer", report.path("layer")));
    JsonNode float16 = report.at("/layer/float16");
    if (!float16.isMissingNode()) {
      long saturated = float16.path("overflowedValues").asLong();
      page.row(
          List.of(
              "stored as float16"
                  + (saturated > 0 ? ", %s saturated".formatted(Count.of(saturated, "value")) : ""),
              Page.percent(float16.path("explainedVariance")),
              Page.percent(float16.path("relativeError")),
              Page.decimal(float16.path("psnr"), 2),
              "–",
              "–"));
    }
    report
        .path("baselines")
        .forEach(
            baseline -> page.row(LayerTable.figures(baseline.path("method").asText(), baseline)));
    page.endTable();
    page.tag("p class=\"note\"", METHODS);
    JsonNode worst = report.at("/layer/worstBlock");
    page.tag(
        "p",
        "The worst block begins at n=%s y=%s x=%s; its relative error is %s."
            .formatted(
                worst.path("n").asText(),
                worst.path("y").asText(),
                worst.path("x").asText(),
                Page.percent(worst.path("relativeError"))));
  }

  private static void probe(Page page, JsonNode row, boolean several) {
    JsonNode probe = row.path("probe");
    String suffix = several ? ": " + row.path("name").asText() : "";
    page.tag("h2", "Prediction of labels" + suffix);
    page.beginTable(
        "Figures of predictions", List.of("prediction", "accuracy", "mean IoU", "IoU by class"));
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
            List.of(
                name[1],
                Page.percent(figures.path("accuracy")),
                Page.decimal(figures.path("meanIou"), 4),
                String.join(", ", ious)));
      }
    }
    page.endTable();
    page.tag(
        "p class=\"note\"",
        "A linear probe is a logistic regression that predicts the label of a pixel from its channels. IoU is intersection over union, of 0 … 1; more is better.");
  }

  private static void charts(Page page, JsonNode report) throws IOException {
    page.tag("h2", "Variance lost by number of channels");
    page.tag(
        "p class=\"note\"", "Lower is better. Each step of the axis is ten times less." + LEAST);
    page.chart(
        "variance lost in per cent by number of channels, for pca, select, random and this layer",
        Charts.errorByChannels(report, Theme.LIGHT),
        Charts.errorByChannels(report, Theme.DARK));
    page.tag("h2", "Variance of the principal components");
    page.tag(
        "p class=\"note\"",
        "Of the pixels that these methods are learned from: the variance of a component, and of all later components together, which a layer of the components up to it loses."
            + LEAST);
    page.chart(
        "variance in per cent of each principal component, and of all later ones",
        Charts.scree(report, Theme.LIGHT),
        Charts.scree(report, Theme.DARK));
    page.tag("h2", "Values of the reduced channels");
    page.tag(
        "p class=\"note\"",
        "How many measured pixels have which value. Each chart has its own scales.");
    page.html("<div class=\"grid histograms\">");
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
        "p class=\"note\"",
        "Left: %s, about its mean. Right: the length of the error of each pixel. The scales are equal in all pictures; grey pixels are not measured."
            .formatted(
                shown == 1
                    ? "the reduced channel as grey"
                    : "the first %d reduced channels as colours".formatted(shown)));
    if (!pictures.isEmpty()) {
      page.html(
          "<p class=\"scale\">0<span style=\"background: %s\"></span>≥ "
              .formatted(BlockPicture.gradient()));
      page.text("%s (units of the features)".formatted(pictures.get(0).errorScale()))
          .html("</p>\n");
    }
    page.html("<div class=\"grid\">");
    for (BlockPicture picture : pictures) {
      page.html("<figure><div class=\"pair\">");
      page.image("pixels", "reduced channels, " + picture.name(), Charts.png(picture.channels()));
      page.image("pixels", "error, " + picture.name(), Charts.png(picture.errors()));
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
}
