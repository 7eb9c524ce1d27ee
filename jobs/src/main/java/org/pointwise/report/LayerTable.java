package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pointwise.errors.Count;

/** The table of evaluated layers and stored results, and the words for the measured pixels. */
public final class LayerTable {
  /** The headings of {@link #figures}. */
  static final List<String> FIGURES =
      List.of(
          "method",
          "variance kept",
          "relative error",
          "PSNR, dB",
          "mean cosine",
          "cosine, 1 % below");

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
  static void write(Page page, JsonNode report) {
    boolean probe = report.has("probe");
    page.tag("h2", "Layers and stored results on the same pixels");
    List<String> heading = new ArrayList<>(FIGURES);
    heading.set(0, "layer");
    heading.add(1, "channels");
    heading.add("fitted on");
    if (probe) {
      heading.add("accuracy of a probe");
    }
    page.beginTable("Figures of the layers", heading);
    for (JsonNode row : report.path("layers")) {
      List<String> cells = new ArrayList<>(figures(row.path("name").asText(), row));
      cells.add(
          1,
          "%s → %s".formatted(row.path("inChannels").asText(), row.path("outChannels").asText()));
      cells.add(fitted(row));
      if (probe) {
        cells.add(Page.percent(row.at("/probe/reduced/accuracy")));
      }
      page.row(cells);
    }
    page.endTable();
    page.tag(
        "p class=\"note\"",
        "The column 'fitted on' counts the measured pixels in blocks that the layer was fitted on.");
    boolean warned = report.at("/data/split").asText().equals("test");
    for (JsonNode row : report.path("layers")) {
      if (row.has("notKnown") && !warned) {
        page.tag(
            "p class=\"note\"",
            "%s: whether it was fitted on these pixels is not known, because %s."
                .formatted(row.path("name").asText(), row.path("notKnown").asText()));
      }
    }
    bars(page, report);
  }

  /** Writes a bar for each row, as long as its lost variance. */
  private static void bars(Page page, JsonNode report) {
    double largest = 0;
    for (JsonNode row : report.path("layers")) {
      largest = Math.max(largest, Double.isFinite(lost(row)) ? lost(row) : 0);
    }
    page.html("<figure><figcaption>").text("variance lost by layer; shorter is better");
    page.html("</figcaption><table class=\"bars\">\n");
    for (JsonNode row : report.path("layers")) {
      double part = largest == 0 ? 0 : lost(row) / largest;
      double percentOfLargest = Double.isFinite(part) ? 100 * part : 0;
      page.html("<tr><th scope=\"row\">").text(row.path("name").asText());
      page.html("</th><td>").text(Page.percent(lost(row), 4));
      page.html(
          String.format(
              Locale.ROOT, "</td><td><div style=\"width: %.2f%%\"></div></td>", percentOfLargest));
      page.html("</tr>\n");
    }
    page.html("</table></figure>\n");
  }

  private static double lost(JsonNode row) {
    return Math.max(0, 1 - row.path("explainedVariance").asDouble());
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
