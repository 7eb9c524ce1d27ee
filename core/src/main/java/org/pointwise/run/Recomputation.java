package org.pointwise.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.Cells;
import org.pointwise.quantise.Nodata;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.zarr.ZarrNodes;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * Recomputes sampled tiles of an output in float64 and compares all their pixels. An error beyond
 * the bound of float32 arithmetic ({@link RecomputedPixel}) is a problem, as is an output of other
 * pixels than its input's. Confined to one thread.
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
  private final List<Box> leftOut;
  private final boolean tolerant;

  public Recomputation(FeatureSource input, ByteStores stores) {
    this(input, stores, List.of(), false);
  }

  /**
   * @param leftOut what is not compared
   * @param tolerant whether tiles of the input that cannot be decoded are left out, too
   */
  Recomputation(FeatureSource input, ByteStores stores, List<Box> leftOut, boolean tolerant) {
    this.input = input;
    this.stores = stores;
    this.leftOut = leftOut;
    this.tolerant = tolerant;
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
    HeadComparison comparison =
        new HeadComparison(input, reduced, layer, name, sample, random, found, tolerant);
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
          if (leftOut.stream().allMatch(box -> box.intersection(kept) == null)) {
            comparison.compareTile(kept);
          }
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
}
