package org.pointwise.spark.sql;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;

/**
 * A random array, how it is stored and read, and a query. The expected rows are computed from the
 * numbers in memory.
 */
final class TableCase {
  private static final List<String> STORED = List.of("zarr2", "zarr3", "sharded", "folder", "npy");
  private static final float NUMBER = -9999;

  private final Random random;
  private final Arrays4 array;
  private final FeatureShape shape;
  private final boolean[] hidden;
  private final int[] labels;
  final String stored;
  final Map<String, String> options = new LinkedHashMap<>();
  final String path;
  private final List<Integer> images = new ArrayList<>();
  private int y0;
  private int y1;
  private int x0;
  private int x1;
  private final List<Integer> channels = new ArrayList<>();
  private final double[] rows; // the coordinate of y; empty if there is none
  private final Extent chunk;
  private final boolean[] masked;
  private String axes = ""; // of the stored array
  final boolean keep;
  final boolean withLabels;
  final List<String> where = new ArrayList<>();
  private Predicate<Pixel> condition = pixel -> true;

  /** A pixel under the indexes of the part that is read. */
  record Pixel(long n, long y, long x, double row, int label, float[] features) {}

  TableCase(Random random, Path folder) throws Exception {
    this.random = random;
    this.shape =
        new FeatureShape(
            1 + below(4), 1 + below(19), 1 + below(19), 1 + below(random.nextInt(3) == 0 ? 40 : 6));
    float[] values = new float[(int) shape.pixels() * shape.c()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    this.array = new Arrays4(shape, values);
    this.hidden = new boolean[(int) shape.pixels()];
    this.masked = new boolean[hidden.length];
    this.stored = STORED.get(below(STORED.size()));
    String nodata = List.of("", "nan", "number", "none").get(below(4));
    boolean marks = nodata.equals("nan") || nodata.equals("number");
    float marker = nodata.equals("number") ? NUMBER : Float.NaN;
    int share = 1 + below(3) * 20;
    for (int p = 0; p < hidden.length && marks; p++) {
      if (random.nextInt(share) == 0) {
        hidden[p] = true;
        values[p * shape.c() + below(shape.c())] = marker;
      }
    }
    if (!nodata.isEmpty()) {
      options.put("nodataValue", nodata.equals("number") ? "-9999" : nodata);
    }
    this.chunk = new Extent(1 + below(3), 1 + below(9), 1 + below(9));
    this.path = store(folder);
    this.keep = random.nextBoolean();
    if (keep || random.nextBoolean()) {
      options.put("nodata", keep ? "keep" : "DROP");
    }
    this.rows = stored.equals("zarr2") ? rowCoordinate(folder) : new double[0];
    part();
    mask(folder);
    this.withLabels = random.nextBoolean();
    this.labels = new int[(int) shape.pixels()];
    if (withLabels) {
      labels(folder);
    }
    filters();
  }

  private int below(int bound) {
    return random.nextInt(bound);
  }

  private String store(Path folder) throws IOException {
    List<String> order = new ArrayList<>(List.of("n", "y", "x", "c"));
    Collections.shuffle(order, random);
    String all = String.join(",", order);
    order.remove("n");
    String image = String.join(",", order);
    axes = stored.equals("folder") ? image : all;
    Extent shard = new Extent(2 * chunk.n(), 3 * chunk.y(), 2 * chunk.x());
    switch (stored) {
      case "zarr2":
        return array.zarr(folder + "/a.zarr", 2, all, chunk, chunk);
      case "zarr3":
        return array.zarr(folder + "/a.zarr", 3, all, chunk, chunk);
      case "sharded":
        return array.zarr(folder + "/a.zarr", 3, all, chunk, shard);
      case "folder":
        Files.createDirectories(folder.resolve("images"));
        options.put("axes", image);
        return array.npyFolder(folder + "/images", image);
      default:
        options.put("AXES", all);
        return array.npyFile(folder.toString(), "a.npy", all);
    }
  }

  private double[] rowCoordinate(Path folder) throws Exception {
    double[] values = random.doubles(shape.y()).toArray();
    TableFixture.coordinate(
        folder.resolve("a.zarr"), "y", "<f8", TableFixture.doubles(values), values.length);
    return values;
  }

  private void part() {
    for (int n = 0; n < shape.n(); n++) {
      images.add(n);
    }
    for (int c = 0; c < shape.c(); c++) {
      channels.add(c);
    }
    y1 = (int) shape.y();
    x1 = (int) shape.x();
    if (below(3) == 0) {
      Collections.shuffle(images, random);
      images.subList(1 + below(images.size()), images.size()).clear();
      options.put("images", text(images));
    }
    if (below(3) == 0) {
      y0 = below(y1);
      y1 = y0 + 1 + below(y1 - y0);
      x0 = below(x1);
      x1 = x0 + 1 + below(x1 - x0);
      options.put("bbox", "%d:%d,%d:%d".formatted(y0, y1, x0, x1));
    }
    if (below(3) == 0) {
      Collections.shuffle(channels, random);
      channels.subList(1 + below(channels.size()), channels.size()).clear();
      options.put("inputChannels", text(channels));
    }
  }

  private static String text(List<Integer> indexes) {
    return String.join(",", indexes.stream().map(String::valueOf).toList());
  }

  private void mask(Path folder) throws IOException {
    if (below(4) == 0 && !stored.equals("folder")) {
      int image = (int) (shape.y() * shape.x());
      byte[] mask = new byte[masked.length];
      for (int p = 0; p < mask.length; p++) {
        mask[p] = (byte) below(2);
        masked[p] = mask[p] == 0;
      }
      List<Integer> lengths = new ArrayList<>();
      List<Integer> strides = new ArrayList<>();
      for (String axis : axes.split(",")) {
        if (!axis.equals("c")) {
          lengths.add(
              (int) (axis.equals("n") ? shape.n() : axis.equals("y") ? shape.y() : shape.x()));
          strides.add(axis.equals("n") ? image : axis.equals("y") ? (int) shape.x() : 1);
        }
      }
      byte[] ordered = new byte[mask.length];
      for (int i = 0; i < ordered.length; i++) {
        int from = 0;
        int rest = i;
        for (int d = lengths.size() - 1; d >= 0; d--) {
          from += rest % lengths.get(d) * strides.get(d);
          rest /= lengths.get(d);
        }
        ordered[i] = mask[from];
      }
      options.put("mask", npy(folder, "mask.npy", "|u1", lengths, ordered));
    }
  }

  private void labels(Path folder) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * labels.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int p = 0; p < labels.length; p++) {
      labels[p] = below(5) - 1;
      bytes.putInt(labels[p]);
    }
    List<Integer> lengths = List.of((int) shape.n(), (int) shape.y(), (int) shape.x());
    options.put("labels", npy(folder, "labels.npy", "<i4", lengths, bytes.array()));
    options.put("labelAxes", "n,y,x");
    options.put("ignoreLabel", "-1");
  }

  /** Writes a file of one number per pixel. */
  private static String npy(
      Path folder, String name, String type, List<Integer> lengths, byte[] values)
      throws IOException {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, text(lengths));
    int padded = (10 + header.length() + 1 + 63) / 64 * 64;
    ByteBuffer file = ByteBuffer.allocate(padded + values.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) (padded - 10));
    file.put(
        (header + " ".repeat(padded - 11 - header.length()) + "\n")
            .getBytes(StandardCharsets.US_ASCII));
    file.put(values);
    Files.write(folder.resolve(name), file.array());
    return folder.resolve(name).toString();
  }

  private void filters() {
    for (int i = below(3); i > 0; i--) {
      long n = below(5) - 1L;
      long y = below(20);
      long x = below(20);
      double at = random.nextDouble();
      switch (below(rows.length > 0 ? 12 : 10)) {
        case 0 -> add("n = " + n, p -> p.n == n);
        case 1 -> add("y >= " + y, p -> p.y >= y);
        case 2 -> add("x < " + x, p -> p.x < x);
        case 3 ->
            add("x IN (%d, 3, 7, 30)".formatted(x), p -> List.of(x, 3L, 7L, 30L).contains(p.x));
        case 4 -> add("NOT y = " + y, p -> p.y != y);
        case 5 -> add("(y > %d OR y <= 2)".formatted(y), p -> p.y > y || p.y <= 2);
        case 6 -> add("(n = %d OR x = %d)".formatted(n, x), p -> p.n == n || p.x == x);
        case 7 -> add("NOT (y BETWEEN 3 AND %d)".formatted(y), p -> p.y < 3 || p.y > y);
        case 8 ->
            add("(x > 2 AND x <= %d AND x IS NOT NULL)".formatted(x), p -> p.x > 2 && p.x <= x);
        case 9 -> {
          if (withLabels) {
            add("label = 1", p -> p.label == 1);
          }
        }
        case 10 -> add("coord_y > " + at + "D", p -> p.row > at);
        default -> add("NOT coord_y >= " + at + "D", p -> p.row < at);
      }
    }
  }

  private void add(String sql, Predicate<Pixel> filter) {
    where.add(sql);
    condition = condition.and(filter);
  }

  /** Returns the columns, in the order of the table. */
  List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("n", "y", "x"));
    if (rows.length > 0) {
      columns.add("coord_y");
    }
    if (withLabels) {
      columns.add("label");
    }
    columns.add("features");
    return columns;
  }

  /** Returns the rows of the query as texts of chosen columns, sorted. */
  List<String> expected(List<String> chosen) {
    List<String> expected = new ArrayList<>();
    for (int n = 0; n < images.size(); n++) {
      for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
          int p = (int) ((images.get(n) * shape.y() + y) * shape.x() + x);
          float[] features = new float[channels.size()];
          boolean nodata = isHidden(p, n, y, x);
          for (int c = 0; c < features.length; c++) {
            features[c] = array.at(images.get(n), y, x, channels.get(c));
          }
          Pixel pixel =
              new Pixel(n, y - y0, x - x0, rows.length > 0 ? rows[y] : 0, labels[p], features);
          if ((keep || !nodata) && condition.test(pixel)) {
            expected.add(text(pixel, nodata, chosen));
          }
        }
      }
    }
    Collections.sort(expected);
    return expected;
  }

  /** Returns whether a channel that is read is nodata, or the mask hides the pixel. */
  private boolean isHidden(int p, int n, int y, int x) {
    boolean nodata = masked[p];
    for (int c : channels) {
      float value = array.at(images.get(n), y, x, c);
      nodata |= hidden[p] && (Float.isNaN(value) || value == NUMBER);
    }
    return nodata;
  }

  private static String text(Pixel pixel, boolean nodata, List<String> chosen) {
    List<String> fields = new ArrayList<>();
    for (String column : chosen) {
      fields.add(
          switch (column) {
            case "n" -> "" + pixel.n;
            case "y" -> "" + pixel.y;
            case "x" -> "" + pixel.x;
            case "coord_y" -> "" + pixel.row;
            case "label" -> pixel.label == -1 ? "null" : "" + pixel.label;
            default -> nodata ? "null" : features(pixel.features);
          });
    }
    return String.join(" ", fields);
  }

  private static String features(float[] features) {
    List<String> numbers = new ArrayList<>();
    for (float number : features) {
      numbers.add("" + number);
    }
    return String.join(",", numbers);
  }

  @Override
  public String toString() {
    return "%s %s chunk %s options %s where %s".formatted(stored, shape, chunk, options, where);
  }
}
