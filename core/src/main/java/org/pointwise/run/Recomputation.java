package org.pointwise.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.Cells;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.Nodata;
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
import org.pointwise.tensor.Half;
import org.pointwise.tensor.Tile;

/**
 * Recomputes sampled tiles of an output in float64 and compares all their pixels. Confined to one
 * thread.
 *
 * <p>A float32 sum of F products errs by at most F·2⁻²³·Σ|w·x| to first order (Higham, "Accuracy
 * and Stability of Numerical Algorithms", 2002, section 3.1), whatever its order; an input that is
 * rounded to float32 and scaled adds as much as three more terms; the activation may enlarge all of
 * it and adds an error of its own, and the output type half a unit in its last place. A larger
 * error is a problem, as is an output of other pixels than its input's.
 */
public final class Recomputation {

  /**
   * What to compare.
   *
   * @param tiles of the input, drawn without replacement; all where there are fewer
   * @param pixelsPerTile likewise
   * @param seed of the draw
   */
  public record Sample(int tiles, long pixelsPerTile, long seed) {
    /** All pixels of so many tiles. */
    public Sample(int tiles, long seed) {
      this(tiles, Long.MAX_VALUE, seed);
    }
  }

  private final FeatureSource input;
  private final ByteStores stores;

  public Recomputation(FeatureSource input, ByteStores stores) {
    this.input = input;
    this.stores = stores;
  }

  /**
   * Compares one head.
   *
   * @param output the group or folder
   * @param name of the head's array
   * @param images of the input that the output has: it may be older
   */
  public void compare(
      String output,
      String name,
      PointwiseLayer layer,
      long images,
      Sample sample,
      Verification found) {
    long past = Math.min(images, input.info().shape().n());
    FeatureSource reduced;
    try {
      reduced = open(output, name);
      requirePixels(reduced.info(), layer, past);
    } catch (InvalidInputException e) {
      found.addProblem(name + ": " + e.getMessage());
      return;
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
    Cells cells = Cells.of(input.info());
    long count = cells.countOf(past);
    found.addTiles(count);
    Random random = new Random(sample.seed());
    Comparison comparison = new Comparison(reduced, layer, name, sample, random, found);
    LongStream ordinals =
        count <= sample.tiles()
            ? LongStream.range(0, count)
            : random.longs(0, count).distinct().limit(sample.tiles()).sorted();
    ordinals.forEach(
        ordinal -> {
          Box cell = cells.box(ordinal);
          Box kept =
              new Box(
                  cell.n0(), Math.min(cell.n1(), past), cell.y0(), cell.y1(), cell.x0(), cell.x1());
          comparison.compareTile(kept);
        });
  }

  private FeatureSource open(String output, String name) throws IOException {
    Axes axes = RunFolder.outputAxes(output, stores);
    if (ZarrNodes.groupAttributes(stores.open(output), "") != null) {
      return Sources.open(stores, output + "/" + name, axes, Nodata.NONE);
    }
    boolean heads = RunFolder.headNames(output, stores).size() > 1;
    String folder = heads ? output + "/" + name : output;
    if (input.info().images() == null && input.info().uri().endsWith(".npy")) {
      String file = folder + "/" + ByteStores.name(input.info().uri());
      return Sources.open(stores, file, axes, Nodata.NONE);
    }
    List<Axis> order = new ArrayList<>(axes.order());
    order.remove(Axis.N); // a folder's files are the images
    order.add(0, Axis.N);
    return Sources.open(stores, folder, new Axes(order), Nodata.NONE);
  }

  /** The output has a pixel for each of the input's, and no other; image by image. */
  private void requirePixels(ArrayInfo reduced, PointwiseLayer layer, long past) {
    FeatureShape in = input.info().shape();
    FeatureShape out = reduced.shape();
    FeatureShape expected = new FeatureShape(past, in.y(), in.x(), layer.outChannels());
    if (!out.equals(expected)) {
      throw new CorruptDataException(
          "it has n,y,x,c = %s but needs %s".formatted(lengths(out), lengths(expected)));
    }
    for (int image = 0; image < past && !(input.info().uniform() && reduced.uniform()); image++) {
      Extent wanted = size(input.info(), image);
      Extent found = size(reduced, image);
      if (!wanted.equals(found)) {
        throw new CorruptDataException(
            "image %d is %d×%d but needs %d×%d"
                .formatted(image, found.y(), found.x(), wanted.y(), wanted.x()));
      }
    }
  }

  private static String lengths(FeatureShape shape) {
    return "%d,%d,%d,%d".formatted(shape.n(), shape.y(), shape.x(), shape.c());
  }

  private static Extent size(ArrayInfo info, int image) {
    List<ArrayInfo.ImageFile> images = info.images();
    long y = images == null ? info.shape().y() : images.get(image).y();
    long x = images == null ? info.shape().x() : images.get(image).x();
    return new Extent(1, Math.toIntExact(y), Math.toIntExact(x));
  }

  /** Of one head's tiles, until its first problem. */
  private final class Comparison {
    private final FeatureSource.Reader inputs = input.reader();
    private final FeatureSource.Reader outputs;
    private final Extent grid; // of the output
    private final PointwiseLayer layer;
    private final String name;
    private final Sample sample;
    private final Random random;
    private final Verification found;
    private final ElementType type;
    private final Features features;
    private boolean failed;

    Comparison(
        FeatureSource reduced,
        PointwiseLayer layer,
        String name,
        Sample sample,
        Random random,
        Verification found) {
      this.outputs = reduced.reader();
      this.grid = reduced.info().cell();
      this.type = reduced.info().type();
      this.layer = layer;
      this.name = name;
      this.sample = sample;
      this.random = random;
      this.found = found;
      this.features = new Features(input.dequantisation(), layer.inChannels());
    }

    void compareTile(Box tile) {
      tile.splitByGrid(grid, this::compare);
      found.addComparedTiles(failed ? 0 : 1);
    }

    private void compare(Box box) {
      if (failed) {
        return;
      }
      Tile in;
      Tile out;
      try {
        in = inputs.read(box);
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot verify: reading %s failed: %s".formatted(input.info().uri(), e), e);
      }
      try {
        out = outputs.read(box);
      } catch (CorruptDataException e) {
        fail(String.valueOf(e.getMessage()));
        return;
      } catch (IOException e) {
        throw new IncompleteRunException("Cannot verify %s: %s".formatted(name, e), e);
      }
      int pixels = Math.toIntExact(box.pixels());
      IntStream chosen =
          pixels <= sample.pixelsPerTile()
              ? IntStream.range(0, pixels)
              : random.ints(0, pixels).distinct().limit(sample.pixelsPerTile());
      chosen.forEach(pixel -> compare(in, out, pixel));
    }

    private void compare(Tile in, Tile out, int pixel) {
      if (failed) {
        return;
      }
      Box box = in.box();
      int n = pixel / box.x() / box.y();
      int y = pixel / box.x() % box.y();
      int x = pixel % box.x();
      features.read(in, n, y, x);
      ChannelBlock stored = out.blocks().get(0);
      double worst = 0;
      for (int o = 0; o < layer.outChannels(); o++) {
        ChannelBlock block = stored.channels() > o ? stored : block(out, o);
        int at = block.at(n, y, x, o - block.firstChannel());
        double value = Elements.doubleAt(block.bytes(), at, block.type(), block.order());
        double error = features.error(layer, o, value, type);
        worst = Math.max(worst, error);
        if (error > 1) {
          fail(
              "n=%d y=%d x=%d channel %d holds %s, which recomputation does not confirm"
                  .formatted(box.n0() + n, box.y0() + y, box.x0() + x, o, value));
          break;
        }
      }
      found.addCompared(1, layer.outChannels(), worst);
    }

    private void fail(String what) {
      found.addProblem(name + ": " + what);
      failed = true;
    }

    private static ChannelBlock block(Tile tile, int channel) {
      for (ChannelBlock block : tile.blocks()) {
        if (channel < block.firstChannel() + block.channels()) {
          return block;
        }
      }
      throw new IllegalStateException("No block of channel " + channel);
    }
  }

  /** The features of one pixel in float64, and what the arithmetic may make of them. */
  private static final class Features {
    private static final double NEAR_FLOAT32_MAX = 0.98 * Float.MAX_VALUE;

    private final Dequantisation dequantisation;
    private final double[] values;
    private final double[] magnitudes; // of the terms that make a value
    private boolean masked;

    Features(Dequantisation dequantisation, int channels) {
      this.dequantisation = dequantisation;
      this.values = new double[channels];
      this.magnitudes = new double[channels];
    }

    void read(Tile tile, int n, int y, int x) {
      Nodata nodata = dequantisation.nodata();
      masked = tile.nodata();
      for (ChannelBlock block : tile.blocks()) {
        for (int c = 0; c < block.channels(); c++) {
          int at = block.at(n, y, x, c);
          masked |= nodata != null && nodata.isAt(block.bytes(), at, block.order());
          double stored = Elements.doubleAt(block.bytes(), at, block.type(), block.order());
          if (Double.isFinite(stored)) { // saturated where it is beyond float32
            stored = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, stored));
          }
          double scaled = stored * dequantisation.scale();
          values[block.firstChannel() + c] = scaled + dequantisation.offset();
          double magnitude = Math.abs(scaled) + Math.abs(dequantisation.offset());
          magnitudes[block.firstChannel() + c] = magnitude;
        }
      }
    }

    private static double limit(ElementType type) {
      return switch (type) {
        case FLOAT16 -> 65504;
        case BFLOAT16 -> Half.bfloatToFloat(0x7f7f);
        default -> Float.MAX_VALUE;
      };
    }

    /** Whether a value is what becomes of a sum that overflowed on the way, of either sign. */
    private static boolean isOverflow(
        double stored, ElementType type, Activation activation, int out) {
      return !Double.isFinite(stored)
          || Math.abs(stored) >= 0.99 * limit(type)
          || stored == activation.apply(Double.POSITIVE_INFINITY, out)
          || stored == activation.apply(Double.NEGATIVE_INFINITY, out);
    }

    /** |stored − exact| as a fraction of what may be; 0 where both are not finite. */
    double error(PointwiseLayer layer, int out, double stored, ElementType type) {
      double sum = layer.bias(out);
      double magnitude = Math.abs(sum);
      boolean mayOverflow = false; // as soon as an input is scaled
      for (int i = 0; i < values.length; i++) {
        double weight = layer.weight(out, i);
        sum += weight * values[i];
        magnitude += Math.abs(weight) * magnitudes[i];
        mayOverflow |= Double.isFinite(values[i]) && magnitudes[i] > NEAR_FLOAT32_MAX;
      }
      if (masked || Double.isNaN(sum)) {
        return Double.isNaN(stored) ? 0 : Double.POSITIVE_INFINITY;
      }
      Activation activation = layer.activation();
      boolean large = Double.isFinite(magnitude) && magnitude > NEAR_FLOAT32_MAX;
      if ((mayOverflow || large) && isOverflow(stored, type, activation, out)) {
        return 0; // of the float32 arithmetic, which is counted as not finite
      }
      double exact = activation.apply(sum, out);
      if (Double.isInfinite(exact)) {
        return Double.isFinite(stored) ? Double.POSITIVE_INFINITY : 0;
      }
      double limit = limit(type);
      exact = Math.max(-limit, Math.min(limit, exact));
      boolean half = type == ElementType.FLOAT16;
      double unit = half ? 0x1p-11 : type == ElementType.BFLOAT16 ? 0x1p-8 : 0x1p-24;
      double least = half ? 0x1p-25 : Float.MIN_NORMAL;
      double ofSum = activation.lipschitz() * (values.length + 4) * 0x1p-23 * magnitude;
      double ofActivation =
          activation.relativeError() * Math.abs(exact) + activation.absoluteError();
      double allowed = ofSum + ofActivation + unit * Math.abs(exact) + least;
      double error = Math.abs(stored - exact);
      return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error / allowed;
    }
  }
}
