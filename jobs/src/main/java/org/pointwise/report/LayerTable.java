package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.errors.Count;
import org.pointwise.report.Charts.Theme;

/** The table of evaluated layers and stored results, and the words for the measured pixels. */
public final class LayerTable {
  private LayerTable() {}

  /** Returns the description of the measured pixels by the {@code data} of a report. */
  public static String pixels(JsonNode data) {
    String pixelKind =
        data.has("heldOutPixels")
            ? "held-out pixels"
            : data.path("split").asText().equals("train") ? "pixels not held out" : "pixels";
    return "%d %s of %d of %s%s"
        .formatted(
            data.path("measuredPixels").asLong(),
            pixelKind,
            data.path("measuredBlocks").asLong(),
            Count.of(data.path("holdoutBlocks").asLong(), "hold-out block"),
            testSize(data));
  }

  /**
   * Returns the fraction of blocks of the test set, with its origin; or why all blocks of another
   * array are the test set. Empty if all blocks are measured for another reason.
   */
  public static String testSize(JsonNode data) {
    String from = data.path("heldOutFrom").asText();
    if (from.equals("otherArray")) {
      return " (all: not the array of the fit)";
    }
    String origin =
        switch (from) {
          case "given" -> "";
          case "recorded" -> ", as recorded in the weights";
          case "default" -> ", the default";
          default -> null;
        };
    return origin == null
        ? ""
        : " (--test-size %s%s)".formatted(data.path("heldOut").asText(), origin);
  }

  /** Returns how many of the measured pixels lie in blocks that a row was fitted on. */
  public static String fitted(JsonNode row) {
    String tiles = row.path("trainingTiles").asText();
    return tiles.equals("some") ? row.path("trainingPixels").asLong() + " px" : tiles;
  }

  /** Writes the table of all layers and stored results, and a chart of it. */
  static void write(Page page, JsonNode report) throws IOException {
    boolean probe = report.has("probe");
    page.tag("h2", "Layers and stored results on the same pixels");
    page.html("<div class=\"scroll\"><table>");
    List<String> heading =
        new ArrayList<>(
            List.of("", "channels", "variance kept", "relative error", "PSNR", "cosine"));
    heading.addAll(List.of("1 % of pixels below", "fitted on"));
    if (probe) {
      heading.add("accuracy of a probe");
    }
    page.row("th", heading.toArray(String[]::new));
    for (JsonNode row : report.path("layers")) {
      List<String> cells = new ArrayList<>(figures(row.path("name").asText(), row));
      cells.add(
          1,
          "%s → %s".formatted(row.path("inChannels").asText(), row.path("outChannels").asText()));
      cells.add(fitted(row));
      if (probe) {
        cells.add(Page.percent(row.at("/probe/reduced/accuracy")));
      }
      page.row("td", cells.toArray(String[]::new));
    }
    page.html("</table></div>\n");
    for (JsonNode row : report.path("layers")) {
      if (row.has("notKnown")) {
        page.tag(
            "p",
            "%s: whether it was fitted on these pixels is not known, because %s."
                .formatted(row.path("name").asText(), row.path("notKnown").asText()));
      }
    }
    page.chart(
        "variance lost by layer",
        Charts.comparison(report, Theme.LIGHT),
        Charts.comparison(report, Theme.DARK));
  }

  /** Returns the cells of a row of figures, after its name. */
  static List<String> figures(String name, JsonNode figures) {
    return List.of(
        name,
        Page.percent(figures.path("explainedVariance")),
        Page.percent(figures.path("relativeError")),
        Page.decimal(figures.path("psnr"), 2),
        Page.decimal(figures.at("/cosine/mean"), 4),
        Page.decimal(figures.at("/cosine/p1"), 4));
  }
}
