package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.pointwise.errors.InvalidInputException;

/** Draws the charts of a report, for a light and for a dark page. */
final class Charts {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 440;
  private static final int MAX_COMPONENTS = 128;

  /** The colours of a page. */
  enum Theme {
    LIGHT(new Color(0xffffff), new Color(0x1f2933), new Color(0xd8dee6)),
    DARK(new Color(0x1b222b), new Color(0xe4e9f0), new Color(0x3a4553));

    final Color background;
    final Color foreground;
    final Color grid;

    Theme(Color background, Color foreground, Color grid) {
      this.background = background;
      this.foreground = foreground;
      this.grid = grid;
    }
  }

  /** Returns the colour of a method, the same in all charts and distinguishable in both themes. */
  private static Color colour(String method) {
    return switch (method) {
      case "layer" -> new Color(0xd9480f);
      case "pca" -> new Color(0x2f80ed);
      case "select" -> new Color(0x2b9348);
      default -> new Color(0x8d99ae);
    };
  }

  private Charts() {}

  /**
   * Checks that text can be drawn.
   *
   * @throws InvalidInputException if Java finds no font
   */
  static void requireFonts() {
    try {
      new Font(Font.SANS_SERIF, Font.PLAIN, 10)
          .getLineMetrics("0", new FontRenderContext(null, true, true));
    } catch (RuntimeException | LinkageError | InternalError e) {
      throw new InvalidInputException(
          "Cannot draw the report's charts: this Java finds no fonts (%s); install fontconfig and a font, such as fonts-dejavu-core"
              .formatted(e),
          e);
    }
  }

  /** Draws the lost variance in per cent by F′ for the methods, and for the layer at its own F′. */
  static byte[] errorByChannels(JsonNode report, Theme theme) throws IOException {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("channels F′")
            .yAxisTitle("variance lost, %")
            .build();
    style(chart.getStyler(), theme);
    chart.getStyler().setOverlapped(true);
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
    int out = report.at("/layer/outChannels").asInt();
    double layerLoss = lostPercent(report.at("/layer/explainedVariance").asDouble());
    Map<Integer, JsonNode> points = new TreeMap<>();
    report.path("curve").forEach(point -> points.put(point.path("channels").asInt(), point));
    points.putIfAbsent(out, report); // a point for the layer only
    List<String> labels = points.keySet().stream().map(String::valueOf).toList();
    for (String method : List.of("random", "select", "pca")) {
      List<Double> values = new ArrayList<>();
      points
          .values()
          .forEach(p -> values.add(p.has(method) ? lostPercent(p.path(method).asDouble()) : null));
      line(chart.addSeries(method, labels, values), colour(method), SeriesMarkers.CIRCLE);
    }
    List<Double> layer = new ArrayList<>();
    points.keySet().forEach(channels -> layer.add(channels == out ? layerLoss : null));
    CategorySeries layerSeries = chart.addSeries("this layer", labels, layer);
    line(layerSeries, colour("layer"), SeriesMarkers.DIAMOND);
    chart.getStyler().setMarkerSize(10);
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(100.0);
    return png(chart);
  }

  /** Draws the lost variance in per cent of each layer and stored result. */
  static byte[] comparison(JsonNode report, Theme theme) throws IOException {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("layers and stored results")
            .yAxisTitle("variance lost, %")
            .build();
    style(chart.getStyler(), theme);
    chart.getStyler().setLegendVisible(false);
    List<String> names = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (JsonNode layer : report.path("layers")) {
      names.add(layer.path("name").asText());
      values.add(lostPercent(layer.path("explainedVariance").asDouble()));
    }
    chart.addSeries("variance lost", names, values).setFillColor(colour("layer"));
    chart.getStyler().setYAxisMin(0.0);
    return png(chart);
  }

  private static double lostPercent(double explained) {
    return Math.min(100, 100 * (1 - explained));
  }

  private static void line(
      CategorySeries series, Color colour, org.knowm.xchart.style.markers.Marker marker) {
    series.setMarker(marker);
    series.setMarkerColor(colour);
    series.setLineColor(colour);
    series.setLineStyle(new BasicStroke(3));
  }

  /** Draws the variance by principal component, and its cumulative sum. */
  static byte[] scree(JsonNode report, Theme theme) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("principal component")
            .yAxisTitle("variance, %")
            .build();
    style(chart.getStyler(), theme);
    chart.getStyler().setXAxisDecimalPattern("0").setYAxisDecimalPattern("0");
    chart.getStyler().setXAxisMaxLabelCount(9);
    List<Integer> components = new ArrayList<>();
    List<Double> percentages = new ArrayList<>();
    List<Double> sums = new ArrayList<>();
    double sum = 0;
    for (JsonNode fraction : report.path("scree")) {
      if (components.size() == MAX_COMPONENTS) {
        break;
      }
      sum += fraction.asDouble();
      components.add(components.size() + 1);
      percentages.add(100 * fraction.asDouble());
      sums.add(100 * sum);
    }
    xy(chart.addSeries("added up", components, sums), colour("pca"));
    xy(chart.addSeries("each", components, percentages), colour("layer"));
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(100.0);
    return png(chart);
  }

  /** Draws the distribution of the values of a reduced channel. */
  static byte[] histogram(JsonNode histogram, Theme theme) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH / 2)
            .height(HEIGHT / 2)
            .title("channel " + histogram.path("channel").asInt())
            .build();
    style(chart.getStyler(), theme);
    chart.getStyler().setYAxisTicksVisible(false);
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.StepArea);
    chart.getStyler().setXAxisMaxLabelCount(3).setXAxisDecimalPattern("0.##");
    double from = histogram.path("from").asDouble();
    JsonNode counts = histogram.path("counts");
    double step = (histogram.path("to").asDouble() - from) / counts.size();
    double[] centres = new double[counts.size()];
    double[] values = new double[counts.size()];
    for (int i = 0; i < centres.length; i++) {
      centres[i] = from + (i + 0.5) * step;
      values[i] = counts.get(i).asDouble();
    }
    XYSeries series = chart.addSeries("pixels", centres, values);
    xy(series, colour("pca"));
    series.setFillColor(colour("pca"));
    return png(chart);
  }

  private static void xy(XYSeries series, Color colour) {
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(colour).setLineStyle(new BasicStroke(3));
  }

  private static void style(AxesChartStyler styler, Theme theme) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 20);
    styler.setLocale(Locale.ROOT);
    styler
        .setAxisTitleFont(font)
        .setAxisTickLabelsFont(font)
        .setAxisTickLabelsColor(theme.foreground);
    styler.setPlotGridLinesColor(theme.grid).setAxisTickMarksColor(theme.grid);
    styler.setXAxisTitleColor(theme.foreground).setYAxisTitleColor(theme.foreground);
    styler.setChartBackgroundColor(theme.background).setPlotBackgroundColor(theme.background);
    styler.setPlotBorderVisible(false).setChartFontColor(theme.foreground);
    styler.setChartTitleFont(font.deriveFont(Font.BOLD)).setChartTitleBoxVisible(false);
    styler.setLegendBackgroundColor(theme.background).setLegendBorderColor(theme.background);
    styler.setLegendFont(font).setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendLayout(LegendLayout.Horizontal).setAntiAlias(true);
  }

  private static byte[] png(Chart<?, ?> chart) throws IOException {
    return BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG);
  }
}
