package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.imageio.ImageIO;
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
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.pointwise.errors.InvalidInputException;

/** Draws the charts of a report, for a light and for a dark page. */
final class Charts {
  private static final int WIDTH = 600;
  private static final int HEIGHT = 380;
  private static final int MAX_COMPONENTS = 128;
  private static final int PIXELS_PER_POINT = 2; // sharp on the screens of phones and on paper

  /** The smallest percentage that a logarithmic axis shows; smaller ones are drawn there. */
  static final double LEAST_PERCENT = 0.001;

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
      default -> new Color(0x75829a);
    };
  }

  private static Marker marker(String method) {
    return switch (method) {
      case "pca" -> SeriesMarkers.CIRCLE;
      case "select" -> SeriesMarkers.SQUARE;
      default -> SeriesMarkers.TRIANGLE_UP;
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
            .xAxisTitle("number of channels")
            .yAxisTitle("variance lost, % (log)")
            .build();
    style(chart.getStyler(), theme);
    chart.getStyler().setOverlapped(true);
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
    int out = report.at("/layer/outChannels").asInt();
    double layerLoss = lostPercent(report.at("/layer/explainedVariance").asDouble());
    Map<Integer, JsonNode> points = new TreeMap<>();
    report.path("curve").forEach(point -> points.put(point.path("channels").asInt(), point));
    points.putIfAbsent(out, report); // a point for the layer only
    List<Double> lost = new ArrayList<>();
    List<String> labels = points.keySet().stream().map(String::valueOf).toList();
    for (String method : List.of("random", "select", "pca")) {
      List<Double> values = new ArrayList<>();
      points
          .values()
          .forEach(p -> values.add(p.has(method) ? lostPercent(p.path(method).asDouble()) : null));
      values.stream().filter(Objects::nonNull).forEach(lost::add);
      line(chart.addSeries(method, labels, values), colour(method), marker(method));
    }
    List<Double> layer = new ArrayList<>();
    points.keySet().forEach(channels -> layer.add(channels == out ? layerLoss : null));
    CategorySeries layerSeries = chart.addSeries("this layer", labels, layer);
    line(layerSeries, colour("layer"), SeriesMarkers.DIAMOND);
    lost.add(layerLoss);
    chart.getStyler().setMarkerSize(12);
    logarithmic(chart.getStyler(), lost);
    return png(chart);
  }

  private static double lostPercent(double explained) {
    return Math.max(LEAST_PERCENT, Math.min(100, 100 * (1 - explained)));
  }

  private static void line(CategorySeries series, Color colour, Marker marker) {
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
            .xAxisTitle("number of the principal component (log)")
            .yAxisTitle("variance, % (log)")
            .build();
    style(chart.getStyler(), theme);
    chart.getStyler().setXAxisLogarithmic(true).setXAxisDecimalPattern("0");
    List<Integer> components = new ArrayList<>();
    List<Double> percentages = new ArrayList<>();
    List<Double> rest = new ArrayList<>();
    double sum = 0;
    for (JsonNode fraction : report.path("scree")) {
      if (components.size() == MAX_COMPONENTS) {
        break;
      }
      sum += fraction.asDouble();
      components.add(components.size() + 1);
      percentages.add(Math.max(LEAST_PERCENT, 100 * fraction.asDouble()));
      rest.add(lostPercent(sum));
    }
    XYSeries later = chart.addSeries("of all later components", components, rest);
    XYSeries single = chart.addSeries("of this component", components, percentages);
    xy(later, colour("pca"));
    xy(single, colour("layer"));
    if (components.size() == 1) { // a point has no line
      later.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(colour("pca"));
      single.setMarker(SeriesMarkers.DIAMOND).setMarkerColor(colour("layer"));
    }
    chart.getStyler().setXAxisMin(1.0).setXAxisMax((double) Math.max(10, components.size()));
    percentages.addAll(rest);
    logarithmic(chart.getStyler(), percentages);
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
    chart.getStyler().setXAxisTickMarkSpacingHint(90).setXAxisDecimalPattern("0.###");
    double from = histogram.path("from").asDouble();
    JsonNode counts = histogram.path("counts");
    double step = (histogram.path("to").asDouble() - from) / counts.size();
    double[] positions = new double[counts.size() + 1]; // the edges; a step begins at its edge
    double[] values = new double[positions.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = from + i * step;
      values[i] = counts.path(Math.min(i, counts.size() - 1)).asDouble();
    }
    XYSeries series = chart.addSeries("pixels", positions, values);
    xy(series, colour("pca"));
    series.setFillColor(colour("pca"));
    return png(chart);
  }

  private static void xy(XYSeries series, Color colour) {
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(colour).setLineStyle(new BasicStroke(3));
  }

  private static void style(AxesChartStyler styler, Theme theme) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 18);
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

  /** Makes the axis of percentages logarithmic, from the power of ten below the smallest to 100. */
  private static void logarithmic(AxesChartStyler styler, List<Double> percentages) {
    double least = percentages.stream().mapToDouble(Double::doubleValue).min().orElse(1);
    styler.setYAxisLogarithmic(true).setYAxisDecimalPattern("0.###");
    styler
        .setYAxisMin(Math.min(10, Math.pow(10, Math.floor(Math.log10(least)))))
        .setYAxisMax(100.0);
  }

  private static byte[] png(Chart<?, ?> chart) throws IOException {
    int width = chart.getWidth();
    int height = chart.getHeight();
    BufferedImage image =
        new BufferedImage(
            PIXELS_PER_POINT * width, PIXELS_PER_POINT * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
    chart.paint(graphics, width, height);
    graphics.dispose();
    return png(image);
  }

  /** Returns an image as a PNG file. */
  static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
