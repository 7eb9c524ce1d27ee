package org.pointwise.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.zarr.ZarrNodes;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.Tile;

/**
 * Recomputes sampled tiles of an output in float64 and compares.
 *
 * <p>A float32 sum of F products errs by at most F·2⁻²³·Σ|w·x| to first order (Higham, "Accuracy
 * and Stability of Numerical Algorithms", 2002, section 3.1), the output type by half a unit in its
 * last place; a larger error is a problem.
 */
public final class Recomputation {
  private static final int PIXELS_PER_TILE = 1024;

  private final FeatureSource input;
  private final ByteStores stores;

  public Recomputation(FeatureSource input, ByteStores stores) {
    this.input = input;
    this.stores = stores;
  }

  /**
   * Compares one head.
   *
   * @param images of the input that the output has: it may be older
   * @param output the group or folder
   * @param name of the head's array
   * @param tiles how many to sample
   * @param seed of the sample
   */
  public void compare(
      String output,
      String name,
      PointwiseLayer layer,
      long images,
      int tiles,
      long seed,
      Verification found) {
    try {
      FeatureSource reduced = open(output, name);
      FeatureShape all = input.info().shape();
      FeatureShape past = new FeatureShape(Math.min(images, all.n()), all.y(), all.x(), all.c());
      boolean whole = past.n() == all.n();
      if (reduced.info().shape().c() != layer.outChannels()
          || (whole && reduced.info().pixels() != input.info().pixels())) {
        found.addProblem(
            "%s has %d channels of %d pixels but %s of the input has %d of %d"
                .formatted(
                    name,
                    reduced.info().shape().c(),
                    reduced.info().pixels(),
                    layer,
                    layer.outChannels(),
                    input.info().pixels()));
        return;
      }
      Grid cells = Grid.over(past, input.info().cell());
      Random random = new Random(seed);
      FeatureSource.Reader inputs = input.reader();
      FeatureSource.Reader outputs = reduced.reader();
      for (int i = 0; i < Math.min(tiles, cells.count()); i++) {
        long ordinal = cells.count() <= tiles ? i : random.nextLong(cells.count());
        Box cell = clipped(cells.box(ordinal));
        Box asStored = inputCell(cell);
        Box stored = around(cell, reduced.info());
        compare(inputs.read(asStored), outputs.read(stored), layer, name, random, found);
      }
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
  }

  private FeatureSource open(String output, String name) throws IOException {
    Axes axes = RunFolder.outputAxes(output, stores);
    if (ZarrNodes.groupAttributes(stores.open(output), "") != null) {
      return Sources.open(stores, output + "/" + name, axes, null);
    }
    boolean heads = RunFolder.headNames(output, stores).size() > 1;
    String folder = heads ? output + "/" + name : output;
    if (input.info().images() == null && input.info().uri().endsWith(".npy")) {
      return Sources.open(stores, folder + "/" + ByteStores.name(input.info().uri()), axes, null);
    }
    List<Axis> order = new ArrayList<>(axes.order());
    order.remove(Axis.N); // a folder's files are the images
    order.add(0, Axis.N);
    return Sources.open(stores, folder, new Axes(order), null);
  }

  /** Cuts a cell of the largest image to the size of the image it lies in. */
  private Box clipped(Box cell) {
    if (input.info().images() == null) {
      return cell;
    }
    ArrayInfo.ImageFile image = input.info().images().get((int) cell.n0());
    Extent step = input.info().cell();
    long y = cell.y0() < image.y() ? cell.y0() : 0;
    long x = cell.x0() < image.x() ? cell.x0() : 0;
    return new Box(
        cell.n0(),
        cell.n1(),
        y,
        Math.min(y + step.y(), image.y()),
        x,
        Math.min(x + step.x(), image.x()));
  }

  /** The whole cell that holds one cut at the end of the past. */
  private Box inputCell(Box cell) {
    long n1 = Math.min(cell.n0() + input.info().cell().n(), input.info().shape().n());
    return new Box(cell.n0(), n1, cell.y0(), cell.y1(), cell.x0(), cell.x1());
  }

  /** The stored box that holds a cell: whole chunks cover whole cells. */
  private Box around(Box cell, ArrayInfo reduced) {
    Extent chunk = reduced.cell();
    long n = cell.n0() / chunk.n() * chunk.n();
    long y = cell.y0() / chunk.y() * chunk.y();
    long x = cell.x0() / chunk.x() * chunk.x();
    long lengthY = input.info().shape().y();
    long lengthX = input.info().shape().x();
    if (input.info().images() != null) {
      lengthY = input.info().images().get((int) n).y();
      lengthX = input.info().images().get((int) n).x();
    }
    return new Box(
        n,
        Math.min(n + chunk.n(), reduced.shape().n()),
        y,
        Math.min(y + chunk.y(), lengthY),
        x,
        Math.min(x + chunk.x(), lengthX));
  }

  private void compare(
      Tile in, Tile out, PointwiseLayer layer, String name, Random random, Verification found) {
    if (in.missing() && out.missing()) {
      return;
    }
    if (out.missing()) {
      found.addProblem("%s at %s is not stored but its input is".formatted(name, in.box()));
      return;
    }
    Box cell = common(in.box(), out.box());
    double worst = 0;
    long compared = 0;
    for (int sample = 0; sample < Math.min(PIXELS_PER_TILE, cell.pixels()); sample++) {
      long n = cell.n0() + random.nextInt(cell.n());
      long y = cell.y0() + random.nextInt(cell.y());
      long x = cell.x0() + random.nextInt(cell.x());
      double[] features = pixel(in, n, y, x, input.dequantisation());
      double[] stored = pixel(out, n, y, x, Dequantisation.NONE);
      for (int o = 0; o < layer.outChannels(); o++) {
        double error = error(features, layer, o, stored[o], out.blocks().get(0).type());
        worst = Math.max(worst, error);
        compared++;
        if (error > 1) {
          found.addProblem(
              "%s at n=%d y=%d x=%d channel %d holds %s, which recomputation does not confirm"
                  .formatted(name, n, y, x, o, stored[o]));
          found.addCompared(compared, worst);
          return;
        }
      }
    }
    found.addCompared(compared, worst);
  }

  /** The pixels of both; the second holds the first's first pixel. */
  private static Box common(Box a, Box b) {
    return new Box(
        Math.max(a.n0(), b.n0()),
        Math.min(a.n1(), b.n1()),
        Math.max(a.y0(), b.y0()),
        Math.min(a.y1(), b.y1()),
        Math.max(a.x0(), b.x0()),
        Math.min(a.x1(), b.x1()));
  }

  /** All channels of a pixel in float64; NaN where they are missing or nodata. */
  private static double[] pixel(Tile tile, long n, long y, long x, Dequantisation dequantisation) {
    int channels = 0;
    for (ChannelBlock block : tile.blocks()) {
      channels += block.channels();
    }
    double[] values = new double[channels];
    boolean masked = false;
    for (ChannelBlock block : tile.blocks()) {
      for (int c = 0; c < block.channels(); c++) {
        int at = block.at(n - tile.box().n0(), y - tile.box().y0(), x - tile.box().x0(), c);
        double stored = Elements.doubleAt(block.bytes(), at, block.type(), block.order());
        masked |= dequantisation.isNodata((float) stored);
        values[block.firstChannel() + c] =
            stored * dequantisation.scale() + dequantisation.offset();
      }
    }
    if (masked) {
      Arrays.fill(values, Double.NaN);
    }
    return values;
  }

  /** |stored − exact| as a fraction of what may be; 0 where both are not finite. */
  private static double error(
      double[] features, PointwiseLayer layer, int out, double stored, ElementType type) {
    double sum = layer.bias(out);
    double magnitude = Math.abs(sum);
    for (int i = 0; i < features.length; i++) {
      double product = layer.weight(out, i) * features[i];
      sum += product;
      magnitude += Math.abs(product);
    }
    if (features.length == 0 || Double.isNaN(sum)) {
      return Double.isNaN(stored) ? 0 : Double.POSITIVE_INFINITY;
    }
    double exact = layer.activation().apply(sum);
    if (Double.isInfinite(exact)) {
      return Double.isFinite(stored) ? Double.POSITIVE_INFINITY : 0;
    }
    boolean half = type == ElementType.FLOAT16;
    double limit = half ? 65504 : Float.MAX_VALUE;
    exact = Math.max(-limit, Math.min(limit, exact));
    double unit = half ? 0x1p-11 : type == ElementType.BFLOAT16 ? 0x1p-8 : 0x1p-24;
    double least = half ? 0x1p-25 : Float.MIN_NORMAL;
    double allowed = (features.length + 4) * 0x1p-23 * magnitude + unit * Math.abs(exact) + least;
    double error = Math.abs(stored - exact);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error / allowed;
  }
}
