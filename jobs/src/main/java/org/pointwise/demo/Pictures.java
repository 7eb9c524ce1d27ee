package org.pointwise.demo;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.pointwise.errors.InvalidInputException;

/** Reads pictures, compares them, and writes them side by side. */
public final class Pictures {
  private static final int GAP = 8;

  private Pictures() {}

  /** Reads a picture and crops it to whole patches. */
  public static BufferedImage read(File file) throws IOException {
    BufferedImage picture = file.canRead() ? ImageIO.read(file) : null;
    if (picture == null) {
      throw new InvalidInputException(
          "Cannot read picture %s: it is missing or of an unknown format; use PNG, JPEG, GIF or BMP"
              .formatted(file));
    }
    int width = picture.getWidth() / Patches.SIZE * Patches.SIZE;
    int height = picture.getHeight() / Patches.SIZE * Patches.SIZE;
    if (width == 0 || height == 0) {
      throw new InvalidInputException(
          "Cannot use picture %s: it has %d×%d pixels but needs %d a side"
              .formatted(file, picture.getWidth(), picture.getHeight(), Patches.SIZE));
    }
    BufferedImage cropped = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = cropped.createGraphics();
    g.drawImage(picture, 0, 0, null);
    g.dispose();
    return cropped;
  }

  /**
   * Returns the peak signal-to-noise ratio in dB over all pictures and colours, for a peak of 255.
   */
  public static double psnr(List<BufferedImage> a, List<BufferedImage> b) {
    double squares = 0;
    long count = 0;
    for (int i = 0; i < a.size(); i++) {
      for (int y = 0; y < a.get(i).getHeight(); y++) {
        for (int x = 0; x < a.get(i).getWidth(); x++) {
          int p = a.get(i).getRGB(x, y);
          int q = b.get(i).getRGB(x, y);
          for (int shift = 0; shift < 24; shift += 8) {
            int difference = (p >> shift & 255) - (q >> shift & 255);
            squares += (double) difference * difference;
            count++;
          }
        }
      }
    }
    return 10 * Math.log10(255.0 * 255.0 * count / squares);
  }

  /**
   * Writes one picture as PNG or JPEG, with a row for each picture and a column for each list,
   * below its label. Labels are left out if Java finds no font.
   */
  public static void writeSideBySide(
      List<List<BufferedImage>> columns, List<String> labels, File file) throws IOException {
    BufferedImage first = columns.get(0).get(0);
    int width = first.getWidth() + GAP;
    int height = first.getHeight() + GAP;
    int band = first.getWidth() / 12;
    BufferedImage sheet =
        new BufferedImage(
            columns.size() * width - GAP,
            band + columns.get(0).size() * height - GAP,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    for (int column = 0; column < columns.size(); column++) {
      drawLabel(g, labels.get(column), column * width, first.getWidth(), band);
    }
    for (int column = 0; column < columns.size(); column++) {
      for (int row = 0; row < columns.get(column).size(); row++) {
        g.drawImage(columns.get(column).get(row), column * width, band + row * height, null);
      }
    }
    g.dispose();
    ImageIO.write(sheet, file.getName().endsWith(".jpg") ? "jpg" : "png", file);
  }

  /** Draws a label in the middle of a band, as large as it fits. */
  private static void drawLabel(Graphics2D g, String label, int left, int width, int band) {
    try {
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont(band * 0.55f);
      float needed = g.getFontMetrics(font).stringWidth(label);
      g.setFont(font.deriveFont(font.getSize2D() * Math.min(1, 0.95f * width / needed)));
      FontMetrics metrics = g.getFontMetrics();
      g.setColor(Color.WHITE);
      g.drawString(
          label,
          left + (width - metrics.stringWidth(label)) / 2,
          (band + metrics.getAscent() - metrics.getDescent()) / 2);
    } catch (RuntimeException | LinkageError | InternalError e) {
      // This Java finds no font. The command prints the order of the columns.
    }
  }
}
