package org.pointwise.job;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.Network;
import org.pointwise.learn.Network.Pixels;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Tile;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;

/**
 * Keeps the sampled, labelled and finite pixels of units in memory, and computes their gradients.
 */
final class TrainingWorker implements UnitWorker {
  private static final int MAX_PIXELS = 4096;

  private final TrainingPlan plan;
  private final PixelSelection spec;
  private final SelectedTiles tiles;
  private final @Nullable TileKernel kernel;
  private final @Nullable PixelReader inputPixels; // of the kernel's input: a ReLU maps −∞ to 0
  private final @Nullable StoredPixels results;
  private final PixelReader pixels;
  private final int channels;
  private final int learned; // classes; pixels of others are left out
  private float[] values = new float[0];
  private int[] classes = new int[0];
  private int count;
  private byte[] passed = new byte[0];

  TrainingWorker(TrainingPlan plan, ByteStores stores, KernelProvider provider) {
    this.plan = plan;
    this.spec = plan.pixels();
    this.channels = plan.network().in();
    this.learned =
        plan.network().objective() == Network.Objective.CROSS_ENTROPY
            ? Math.min(spec.classes(), plan.network().out())
            : spec.classes();
    Quantisation given = plan.input().quantisation();
    PointwiseLayer layer = plan.layer();
    if (layer == null) {
      this.kernel = null;
      this.inputPixels = null;
      this.pixels = new PixelReader(given, channels);
    } else {
      this.kernel =
          provider.kernel(
              List.of(layer),
              given,
              List.of(Quantisation.floating(ElementType.FLOAT32)),
              Overflow.SATURATE);
      this.inputPixels = new PixelReader(given, layer.inChannels());
      this.pixels = new PixelReader(Quantisation.none(ElementType.FLOAT32), channels);
    }
    ArrayInfo stored = plan.stored();
    this.results = stored == null ? null : new StoredPixels(stored, stores);
    this.tiles = SelectedTiles.of(plan.input(), plan.units(), spec, stores);
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable cancellationCheck) {
    Network network = plan.network();
    Pixels kept = load(ordinal, cancellationCheck);
    return (parameters, any) -> UnitResult.of(network.gradient(parameters, kept).toArray());
  }

  private Pixels load(long ordinal, Runnable cancellationCheck) {
    count = 0;
    try {
      tiles.renew(ordinal);
      if (results != null) {
        results.renew(tiles.tiles(ordinal));
      }
      tiles.each(
          ordinal,
          cancellationCheck,
          (tileBox, box, selected, stored) -> {
            for (Box tile : selected) {
              add(Objects.requireNonNull(stored), tile);
            }
          });
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot learn from %s: %s".formatted(plan.input().uri(), e), e);
    }
    return new Pixels(
        Arrays.copyOf(values, count * channels),
        spec.labels() == null ? null : Arrays.copyOf(classes, count),
        count);
  }

  @Override
  public void close() {
    tiles.close();
    if (results != null) {
      results.close();
    }
    if (kernel != null) {
      kernel.close();
    }
  }

  private void add(Tile stored, Box box) throws IOException {
    if (stored.nodata()) {
      return;
    }
    int[] cached = tiles.labels(box);
    int rows = Math.max(1, MAX_PIXELS / box.x());
    box.split(
        new Extent(1, rows, box.x()),
        part -> {
          Tile given = stored.crop(part);
          Tile tile = applyLayer(given);
          int first = (int) (part.y0() - box.y0()) * box.x();
          for (int p = 0; p < part.pixels(); p++) {
            int label = cached == null ? 0 : cached[first + p];
            boolean labelled = cached == null || label < learned;
            if (labelled
                && spec.sample()
                    .contains(part.n0(), part.y0() + p / part.x(), part.x0() + p % part.x())
                && isUsable(given, p)) {
              add(tile, p, label);
            }
          }
        });
  }

  private boolean isUsable(Tile given, int p) {
    if (inputPixels == null) {
      return true;
    }
    inputPixels.read(given, p);
    return inputPixels.usable();
  }

  private Tile applyLayer(Tile tile) {
    if (kernel == null) {
      return tile;
    }
    Box box = tile.box();
    int bytes = (int) box.pixels() * channels * Float.BYTES;
    if (passed.length < bytes) {
      passed = new byte[bytes];
    }
    ChannelBlock block = ChannelBlock.packed(passed, box, channels);
    if (results == null) {
      kernel.apply(tile, List.of(block));
    } else {
      results.read(box, passed);
    }
    return new Tile(box, List.of(block), 0);
  }

  /** Keeps a pixel unless one of its channels is nodata or not finite. */
  private void add(Tile tile, int p, int label) {
    double[] pixel = pixels.read(tile, p);
    if (!pixels.usable()) {
      return;
    }
    if ((count + 1) * channels > values.length) {
      values = Arrays.copyOf(values, Math.max(1024 * channels, values.length * 2));
      classes = Arrays.copyOf(classes, values.length / channels);
    }
    for (int c = 0; c < channels; c++) {
      values[count * channels + c] = (float) pixel[c];
    }
    classes[count++] = label;
  }
}
