package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.pointwise.BlockView;
import org.pointwise.EvaluateReport;
import org.pointwise.report.Charts.Theme;
import org.pointwise.store.JsonText;

/**
 * Writes the figures of an evaluated layer as one HTML file that loads nothing from the network.
 */
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
  public static byte[] page(EvaluateReport found, List<BlockView> views) throws IOException {
    JsonNode report = JsonText.parse(found.json().getBytes(StandardCharsets.UTF_8), "report");
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
    head(page, report);
    table(page, report);
    if (report.has("probe")) {
      probe(page, report.path("probe"));
    }
    charts(page, report);
    pictures(page, report, pictures);
    drift(page, report);
    String skeleton = resource("report.html");
    String title = "%s → %s channels".formatted(channels(report, "in"), channels(report, "out"));
    return skeleton
        .replace("{{title}}", Page.escape(title))
        .replace("{{body}}", page.text.toString());
  }

  private static String channels(JsonNode report, String way) {
    return report.at("/layer/" + way + "Channels").asText();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = EvaluationReport.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void head(Page page, JsonNode report) {
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
    }
    report.path("warnings").forEach(line -> page.tag("p class=warning", line.asText()));
    page.html("<div class=\"figures\">");
    figure(page, percent(layer.path("explainedVariance")), "of the variance kept");
    figure(page, percent(layer.path("relativeError")), "relative error");
    figure(page, decimal(layer.path("psnr"), 2) + " dB", "PSNR");
    figure(page, decimal(layer.at("/cosine/mean"), 4), "mean cosine");
    JsonNode probe = report.at("/probe/reduced/accuracy");
    if (!probe.isMissingNode()) {
      figure(page, percent(probe), "right by a linear probe");
    }
    page.html("</div>\n");
    JsonNode data = report.path("data");
    page.tag(
        "p",
        "Measured on %s pixels of %s: %s of its %s tiles (%s), drawn with seed %s. Layer: %s."
            .formatted(
                data.path("heldOutPixels").asText(),
                report.path("input").asText(),
                data.path("heldOutBlocks").asText(),
                data.path("holdoutBlocks").asText(),
                percent(
                    data.path("heldOutBlocks").asDouble() / data.path("holdoutBlocks").asDouble()),
                data.path("seed").asText(),
                report.path("weights").asText()));
  }

  private static void figure(Page page, String value, String what) {
    page.html("<div><b>").text(value).html("</b><span>").text(what).html("</span></div>");
  }

  private static void table(Page page, JsonNode report) {
    page.tag("h2", "Against other ways to as many channels");
    page.html("<div class=\"scroll\"><table>");
    page.row("th", "", "variance kept", "relative error", "PSNR", "cosine", "1 % of pixels below");
    row(page, "this layer", report.path("layer"));
    JsonNode half = report.at("/layer/float16");
    long saturated = half.path("overflowedValues").asLong();
    page.row(
        "td",
        "stored as float16" + (saturated > 0 ? ", %d values saturated".formatted(saturated) : ""),
        percent(half.path("explainedVariance")),
        percent(half.path("relativeError")),
        decimal(half.path("psnr"), 2),
        "",
        "");
    report.path("baselines").forEach(one -> row(page, one.path("method").asText(), one));
    page.html("</table></div>\n");
    JsonNode worst = report.at("/layer/worstBlock");
    page.tag(
        "p",
        "The worst block begins at n=%s y=%s x=%s; its relative error is %s."
            .formatted(
                worst.path("n").asText(),
                worst.path("y").asText(),
                worst.path("x").asText(),
                percent(worst.path("relativeError"))));
  }

  private static void row(Page page, String name, JsonNode figures) {
    page.row(
        "td",
        name,
        percent(figures.path("explainedVariance")),
        percent(figures.path("relativeError")),
        decimal(figures.path("psnr"), 2),
        decimal(figures.at("/cosine/mean"), 4),
        decimal(figures.at("/cosine/p1"), 4));
  }

  private static void probe(Page page, JsonNode probe) {
    page.tag("h2", "What labels can be told from");
    page.html("<div class=\"scroll\"><table>");
    page.row("th", "", "accuracy", "mean IoU", "IoU by class");
    String[][] names = {
      {"reduced", "linear probe on the reduced channels"},
      {"all", "linear probe on all channels"},
      {"head", "what the layer was trained with"}
    };
    for (String[] name : names) {
      JsonNode one = probe.path(name[0]);
      if (!one.isMissingNode()) {
        List<String> ious = new ArrayList<>();
        one.path("iou").forEach(iou -> ious.add(iou.isNull() ? "–" : decimal(iou, 4)));
        page.row(
            "td",
            name[1],
            percent(one.path("accuracy")),
            decimal(one.path("meanIou"), 4),
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
    page.tag("h2", "Held-out tiles");
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
                percent(drift.path("meanShift")),
                drift.path("shiftedChannel").asText(),
                percent(drift.path("covarianceChange"))));
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static String percent(JsonNode value) {
    return percent(value.asDouble());
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * part);
  }

  private static String decimal(JsonNode value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value.asDouble());
  }

  /** Builds HTML. Plain text is escaped. */
  private static final class Page {
    private final StringBuilder text = new StringBuilder();

    static String escape(String text) {
      return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    Page html(String html) {
      text.append(html);
      return this;
    }

    Page text(String plain) {
      text.append(escape(plain));
      return this;
    }

    void tag(String tag, String plain) {
      String name = tag.split(" ", 2)[0];
      html("<" + tag + ">").text(plain).html("</" + name + ">\n");
    }

    void row(String tile, String... values) {
      html("<tr>");
      for (String value : values) {
        tag(tile, value);
      }
      html("</tr>\n");
    }

    void chart(String what, byte[] light, byte[] dark) {
      html("<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"" + data(dark));
      html("\"><img alt=\"").text(what).html("\" src=\"" + data(light) + "\"></picture>\n");
    }

    void image(String what, byte[] png) {
      html("<img class=\"pixels\" alt=\"").text(what).html("\" src=\"" + data(png) + "\">");
    }

    private static String data(byte[] png) {
      return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }
  }
}
