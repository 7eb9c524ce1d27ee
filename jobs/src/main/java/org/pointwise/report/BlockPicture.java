package org.pointwise.report;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pointwise.BlockView;
import org.pointwise.job.Evaluator;
import org.pointwise.tensor.Box;

/**
 * Two pictures of the part of a tile in one image: its first three reduced channels as red, green
 * and blue, and the length of each pixel's reconstruction error. All pictures of a report use the
 * same scales.
 */
final class BlockPicture implements Evaluator.PixelListener {
  /** The colours from no error to the largest error, from dark to bright; readable in greyscale. */
  private static final int[] HEAT_COLOURS = {0x000004, 0x56106e, 0xbb3754, 0xf98c0a, 0xfcffa4};

  private static final int MASKED = 0x808080;

  private final String name;
  private final Box tile;
  private final double[] centres;
  private final double[] spreads;
  private final double errorScale;
  private final BufferedImage channels;
  private final BufferedImage errors;

  /**
   * Creates pictures without pixels. The mean of a channel becomes mid-grey, and a deviation of
   * half a spread becomes the darkest or brightest value.
   */
  BlockPicture(BlockView view) {
    this.name = view.name();
    this.tile = view.box();
    this.centres = view.centres();
    this.spreads = view.spreads();
    this.errorScale = view.maxShownError();
    this.channels = blank(tile);
    this.errors = blank(tile);
  }

  private static BufferedImage blank(Box tile) {
    BufferedImage image = new BufferedImage(tile.x(), tile.y(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < tile.y(); y++) {
      for (int x = 0; x < tile.x(); x++) {
        image.setRGB(x, y, MASKED);
      }
    }
    return image;
  }

  @Override
  public void pixel(long n, long y, long x, float[] reduced, double error) {
    int rgb = 0;
    for (int colour = 0; colour < 3; colour++) {
      int channel = Math.min(colour, centres.length - 1); // a single channel becomes grey
      double deviation = 2 * (reduced[channel] - centres[channel]) / spreads[channel];
      rgb = rgb << 8 | (int) Math.round(255 * clamp((deviation + 1) / 2));
    }
    channels.setRGB((int) (x - tile.x0()), (int) (y - tile.y0()), rgb);
    errors.setRGB((int) (x - tile.x0()), (int) (y - tile.y0()), heatColour(error / errorScale));
  }

  private static int heatColour(double fraction) {
    double position = clamp(fraction) * (HEAT_COLOURS.length - 1);
    int lower = Math.min(HEAT_COLOURS.length - 2, (int) position);
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = HEAT_COLOURS[lower] >> shift & 255;
      int to = HEAT_COLOURS[lower + 1] >> shift & 255;
      rgb = rgb << 8 | (int) Math.round(from + (to - from) * (position - lower));
    }
    return rgb;
  }

  private static double clamp(double value) {
    return Math.max(0, Math.min(1, value));
  }

  /** Returns the colours from no error to {@link #errorScale} as an image of CSS. */
  static String gradient() {
    List<String> colours = new ArrayList<>();
    for (int rgb : HEAT_COLOURS) {
      colours.add(String.format(Locale.ROOT, "#%06x", rgb));
    }
    return "linear-gradient(to right, " + String.join(", ", colours) + ")";
  }

  /** Returns the error that is drawn brightest, as text. */
  String errorScale() {
    return String.format(Locale.ROOT, "%.4g", errorScale);
  }

  String name() {
    return name;
  }

  /** Returns the picture of the reduced channels. */
  BufferedImage channels() {
    return channels;
  }

  /** Returns the picture of the errors. */
  BufferedImage errors() {
    return errors;
  }
}
