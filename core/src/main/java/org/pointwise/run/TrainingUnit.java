package org.pointwise.run;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.learn.Network;
import org.pointwise.learn.Network.Pixels;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.plan.SplitTiles;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Tile;

/** The sampled pixels of a unit, in memory, and what they say of a network. */
final class TrainingUnit implements MapUnit {
  private final Network network;
  private final Pixels pixels;

  private TrainingUnit(Network network, Pixels pixels) {
    this.network = network;
    this.pixels = pixels;
  }

  static TrainingUnit load(
      TrainingPlan plan, long ordinal, ByteStores stores, KernelChoice choice) {
    try (Loader loader = new Loader(plan, stores, choice)) {
      return new TrainingUnit(plan.network(), loader.load(ordinal));
    }
  }

  @Override
  public double[] apply(double[] parameters) {
    return network.gradient(parameters, pixels).toArray();
  }

  /** Reads tiles and keeps the pixels that are sampled, labelled and finite. */
  private static final class Loader implements AutoCloseable {
    private static final int MOST_PIXELS = 4096;

    private final TrainingPlan plan;
    private final MomentsSpec spec;
    private final SplitTiles taken;
    private final FeatureSource.Reader reader;
    private final @Nullable PixelLabels labels;
    private final @Nullable TileKernel kernel;
    private final int channels;
    private float[] values = new float[0];
    private int[] classes = new int[0];
    private int count;
    private byte[] passed = new byte[0];

    Loader(TrainingPlan plan, ByteStores stores, KernelChoice choice) {
      this.plan = plan;
      this.spec = plan.pixels();
      this.taken = spec.tiles().of(plan.input());
      this.channels = plan.network().in();
      PointwiseLayer layer = plan.layer();
      this.kernel =
          layer == null
              ? null
              : choice.kernel(List.of(layer), plan.dequantisation(), Overflow.SATURATE);
      try {
        this.reader = Formats.reopen(stores, plan.input(), plan.dequantisation()).reader();
        ArrayInfo info = spec.labels();
        this.labels =
            info == null ? null : new PixelLabels(Formats.reopenLabels(stores, info), spec);
      } catch (IOException e) {
        throw Formats.unreadable(plan.input().uri(), e);
      }
    }

    Pixels load(long ordinal) {
      try {
        for (long cell = plan.units().first(ordinal); cell < plan.units().end(ordinal); cell++) {
          Box box = plan.units().cells().box(cell);
          List<Box> tiles = taken.in(box);
          if (!tiles.isEmpty()) {
            Tile stored = reader.read(box);
            for (Box tile : tiles) {
              add(stored, tile);
            }
          }
        }
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot learn from %s: %s".formatted(plan.input().uri(), e), e);
      }
      return new Pixels(
          Arrays.copyOf(values, count * channels),
          labels == null ? null : Arrays.copyOf(classes, count),
          count);
    }

    @Override
    public void close() {
      reader.close();
      if (labels != null) {
        labels.close();
      }
      if (kernel != null) {
        kernel.close();
      }
    }

    private void add(Tile stored, Box box) throws IOException {
      if (stored.nodata()) {
        return;
      }
      int[] known = labels == null ? null : labels.read(box);
      int rows = Math.max(1, MOST_PIXELS / box.x());
      box.split(
          new Extent(1, rows, box.x()),
          part -> {
            Tile given = stored.within(part);
            Tile tile = through(given);
            int first = (int) (part.y0() - box.y0()) * box.x();
            for (int p = 0; p < part.pixels(); p++) {
              int label = known == null ? 0 : known[first + p];
              boolean labelled = known == null || label < spec.classes();
              if (labelled
                  && (kernel == null || finite(given, p))
                  && spec.sample()
                      .contains(part.n0(), part.y0() + p / part.x(), part.x0() + p % part.x())) {
                add(tile, p, label);
              }
            }
          });
    }

    /** Whether a pixel was finite before its layer: a ReLU makes a finite number of −∞. */
    private static boolean finite(Tile given, int p) {
      Box box = given.box();
      for (ChannelBlock block : given.blocks()) {
        for (int c = 0; c < block.channels(); c++) {
          int at = block.at(0, p / box.x(), p % box.x(), c);
          double stored = Elements.doubleAt(block.bytes(), at, block.type(), block.order());
          if (!Double.isFinite(stored)) {
            return false;
          }
        }
      }
      return true;
    }

    private Tile through(Tile tile) {
      if (kernel == null) {
        return tile;
      }
      Box box = tile.box();
      int bytes = (int) box.pixels() * channels * Float.BYTES;
      if (passed.length < bytes) {
        passed = new byte[bytes];
      }
      ChannelBlock block = ChannelBlock.packed(passed, box, channels);
      kernel.apply(tile, List.of(block));
      return new Tile(box, List.of(block), 0);
    }

    /** Keeps a pixel unless a number of it is nodata or not finite. */
    private void add(Tile tile, int p, int label) {
      if ((count + 1) * channels > values.length) {
        values = Arrays.copyOf(values, Math.max(1024 * channels, values.length * 2));
        classes = Arrays.copyOf(classes, values.length / channels);
      }
      Dequantisation dequantisation = kernel == null ? plan.dequantisation() : Dequantisation.NONE;
      Nodata nodata = dequantisation.nodata();
      Box box = tile.box();
      for (ChannelBlock block : tile.blocks()) {
        for (int c = 0; c < block.channels(); c++) {
          int at = block.at(0, p / box.x(), p % box.x(), c);
          double stored = Elements.doubleAt(block.bytes(), at, block.type(), block.order());
          double value = dequantisation.apply(stored, block.firstChannel() + c);
          if (!Double.isFinite(value)
              || (nodata != null && nodata.isAt(block.bytes(), at, block.order()))) {
            return;
          }
          values[count * channels + block.firstChannel() + c] = (float) value;
        }
      }
      classes[count++] = label;
    }
  }
}
