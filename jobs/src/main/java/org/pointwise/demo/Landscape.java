package org.pointwise.demo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Random;

/**
 * Draws a mountain lake at four times of day, with smooth skies, ridges, trees, and a rippled
 * reflection.
 */
public final class Landscape {
  /** The times of day. */
  public enum Hour {
    DAWN(0x2b3a67, 0xf7b267, 0xfff1d0, 0.28, 0.62),
    NOON(0x2f7fd1, 0xcfe8ff, 0xfffbe6, 0.62, 0.20),
    DUSK(0x3b1f4f, 0xf2545b, 0xffd6a5, 0.74, 0.60),
    NIGHT(0x050914, 0x1d3461, 0xf4f7ff, 0.50, 0.24);

    private final Color zenith;
    private final Color horizon;
    private final Color light;
    private final double sunX;
    private final double sunY;

    Hour(int zenith, int horizon, int light, double sunX, double sunY) {
      this.zenith = new Color(zenith);
      this.horizon = new Color(horizon);
      this.light = new Color(light);
      this.sunX = sunX;
      this.sunY = sunY;
    }
  }

  private static final double SHORE = 0.68; // fraction of the height
  private static final int RIDGES = 4;

  private final int width;
  private final int height;
  private final Hour hour;

  private Landscape(int width, int height, Hour hour) {
    this.width = width;
    this.height = height;
    this.hour = hour;
  }

  /** Returns the picture. The same arguments give the same picture. */
  public static BufferedImage draw(int width, int height, Hour hour) {
    return new Landscape(width, height, hour).draw();
  }

  private BufferedImage draw() {
    BufferedImage land = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = land.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    sky(g);
    for (int ridge = 0; ridge < RIDGES; ridge++) {
      ridge(g, ridge);
    }
    trees(g);
    g.dispose();
    reflect(land);
    return land;
  }

  private void sky(Graphics2D g) {
    g.setPaint(new GradientPaint(0, 0, hour.zenith, 0, (float) (height * SHORE), hour.horizon));
    g.fill(new Rectangle2D.Double(0, 0, width, height));
    Random random = new Random(11);
    if (hour == Hour.NIGHT) {
      for (int i = 0; i < 260; i++) {
        double size = 0.6 + random.nextDouble() * 1.6;
        g.setColor(new Color(255, 255, 255, 90 + random.nextInt(160)));
        g.fill(
            new Ellipse2D.Double(
                random.nextDouble() * width, random.nextDouble() * height * 0.5, size, size));
      }
    }
    Point2D sun = new Point2D.Double(width * hour.sunX, height * hour.sunY);
    float glow = height * 0.45f;
    Color clear = new Color(hour.light.getRed(), hour.light.getGreen(), hour.light.getBlue(), 0);
    g.setPaint(
        new RadialGradientPaint(
            sun,
            glow,
            new float[] {0, 0.12f, 1},
            new Color[] {
              hour.light,
              new Color(hour.light.getRed(), hour.light.getGreen(), hour.light.getBlue(), 110),
              clear
            }));
    g.fill(new Rectangle2D.Double(0, 0, width, height));
    double radius = height * 0.045;
    g.setColor(hour.light);
    g.fill(new Ellipse2D.Double(sun.getX() - radius, sun.getY() - radius, 2 * radius, 2 * radius));
    for (int i = 0; i < 26 && hour != Hour.NIGHT; i++) {
      g.setColor(new Color(255, 255, 255, 14 + random.nextInt(22)));
      double w = width * (0.08 + 0.2 * random.nextDouble());
      g.fill(
          new Ellipse2D.Double(
              random.nextDouble() * width - w / 2,
              height * (0.08 + 0.3 * random.nextDouble()),
              w,
              height * (0.008 + 0.02 * random.nextDouble())));
    }
  }

  /**
   * Returns the height of a ridge at x as a fraction of the picture's height: a sum of octaves of
   * sines.
   */
  private double skyline(int ridge, double x) {
    double y = 0;
    double amplitude = 0.11 - 0.015 * ridge;
    double frequency = 1.3 + ridge * 0.7;
    for (int octave = 0; octave < 8; octave++) {
      y += amplitude * Math.abs(Math.sin(x * frequency * Math.PI + ridge * 1.7 + octave * 2.3));
      amplitude *= 0.5;
      frequency *= 2.03;
    }
    return SHORE - 0.02 + ridge * 0.012 - y * (1 - 0.17 * ridge);
  }

  private void ridge(Graphics2D g, int ridge) {
    Path2D path = new Path2D.Double();
    path.moveTo(0, height);
    for (int x = 0; x <= width; x++) {
      path.lineTo(x, height * skyline(ridge, (double) x / width));
    }
    path.lineTo(width, height);
    path.closePath();
    double near = (ridge + 1.0) / RIDGES;
    Color dark = mix(hour.zenith, new Color(0x0b1f17), 0.35 + 0.6 * near);
    Color haze = mix(hour.horizon, dark, 0.25 + 0.65 * near);
    g.setPaint(new GradientPaint(0, height * 0.35f, dark, 0, (float) (height * SHORE), haze));
    g.fill(path);
    Random random = new Random(31L + ridge);
    g.setStroke(new BasicStroke(1f));
    for (int i = 0; i < 160; i++) { // gullies, lit from the side of the sun
      double x = random.nextDouble();
      double top = skyline(ridge, x);
      double fall = (SHORE - top) * random.nextDouble() * 0.8;
      boolean lit = x < hour.sunX;
      g.setColor(
          lit
              ? new Color(hour.light.getRed(), hour.light.getGreen(), hour.light.getBlue(), 34)
              : new Color(0, 0, 0, 40));
      double lean = (lit ? 0.25 : -0.25) * fall;
      g.draw(new Line2D.Double(x * width, top * height, (x + lean) * width, (top + fall) * height));
    }
  }

  private void trees(Graphics2D g) {
    Random random = new Random(5);
    for (int i = 0; i < 190; i++) {
      double x = random.nextDouble() * width;
      double base = height * (SHORE + 0.006 * random.nextDouble());
      double tall = height * (0.02 + 0.045 * random.nextDouble() * Math.abs(x / width - 0.5) * 2);
      g.setColor(mix(new Color(0x0a1a12), hour.zenith, 0.15 + 0.2 * random.nextDouble()));
      for (int tier = 0; tier < 4; tier++) {
        double y = base - tall * tier / 5.0;
        double half = tall * (0.26 - 0.05 * tier);
        Path2D tree = new Path2D.Double();
        tree.moveTo(x - half, y);
        tree.lineTo(x, y - tall * 0.45);
        tree.lineTo(x + half, y);
        tree.closePath();
        g.fill(tree);
      }
    }
  }

  /**
   * Draws the lake: each row below the shore repeats a row above it, shifted by ripples and
   * darkened.
   */
  private void reflect(BufferedImage land) {
    int shore = (int) (height * (SHORE + 0.008));
    for (int y = shore; y < height; y++) {
      double depth = (double) (y - shore) / (height - shore);
      int source = (int) (shore - 1 - (y - shore) * (shore - 1.0) / (height - shore) * 0.96);
      for (int x = 0; x < width; x++) {
        double ripple =
            Math.sin(y * 0.9 + Math.sin(x * 0.02) * 2) * (1 + 7 * depth)
                + Math.sin(x * 0.05 + y * 0.35) * 2 * depth;
        int from = Math.floorMod((int) (x + ripple), width);
        int sparkle = (int) (18 * Math.sin(y * 1.7 + x * 0.013) * depth);
        int rgb = land.getRGB(from, Math.max(0, source));
        land.setRGB(x, y, shade(rgb, 0.82 - 0.25 * depth, sparkle));
      }
    }
  }

  private static int shade(int rgb, double factor, int add) {
    int r = clamp((int) ((rgb >> 16 & 255) * factor) + add);
    int g = clamp((int) ((rgb >> 8 & 255) * factor) + add);
    int b = clamp((int) ((rgb & 255) * (factor + 0.06)) + add);
    return r << 16 | g << 8 | b;
  }

  private static int clamp(int value) {
    return Math.max(0, Math.min(255, value));
  }

  private static Color mix(Color a, Color b, double share) {
    return new Color(
        (int) (a.getRed() + (b.getRed() - a.getRed()) * share),
        (int) (a.getGreen() + (b.getGreen() - a.getGreen()) * share),
        (int) (a.getBlue() + (b.getBlue() - a.getBlue()) * share));
  }
}
