package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Resources;
import org.pointwise.plan.TileGrid;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;

/**
 * Recomputes sampled tiles of an output in float64 and compares all their pixels. An error beyond
 * the bound of float32 arithmetic ({@link ReferencePixel}) is a problem, as is an output of other
 * pixels than its input's. Confined to one thread.
 */
public final class SpotCheck {
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

  /** What a comparison keeps that does not grow. */
  private static final long OVERHEAD_BYTES = 16L << 20;

  private final String output;
  private final FeatureSource input;
  private final Sample sample;
  private final ByteStores stores;
  private final RecordedProvenance making;
  private final ReducedArrays arrays;
  private final List<Box> tiles = new ArrayList<>();
  private final long allTiles;
  private @Nullable RecordedInputs recorded;

  /**
   * @param output the group or folder
   * @param input opened with the output's own order of files
   * @param images of the input that the output has: it may be older
   */
  public SpotCheck(
      String output, FeatureSource input, long images, Sample sample, ByteStores stores) {
    this.output = output;
    this.input = input;
    this.sample = sample;
    this.stores = stores;
    this.making = new RecordedProvenance(output, stores);
    long made = Math.min(images, input.info().shape().n());
    this.arrays = new ReducedArrays(output, input.info(), made, stores);
    TileGrid grid = TileGrid.of(input.info());
    this.allTiles = grid.countOf(made);
    LongStream ordinals =
        allTiles <= sample.tiles()
            ? LongStream.range(0, allTiles)
            : new Random(sample.seed())
                .longs(0, allTiles)
                .distinct()
                .limit(sample.tiles())
                .sorted();
    ordinals.mapToObj(grid::box).map(tileBox -> upTo(made, tileBox)).forEach(tiles::add);
  }

  /** What of a cell lies in the first images. */
  private static Box upTo(long images, Box tileBox) {
    return new Box(
        tileBox.n0(),
        Math.min(tileBox.n1(), images),
        tileBox.y0(),
        tileBox.y1(),
        tileBox.x0(),
        tileBox.x1());
  }

  /** Layers, normalised as the output's heads are recorded to be. */
  public List<PointwiseLayer> asRecorded(List<PointwiseLayer> layers) throws IOException {
    return making.asRecorded(layers);
  }

  /**
   * Refuses what cannot be compared, before anything is.
   *
   * @param layers of the heads, in the order of {@link OutputManifest#headNames}
   * @param changed what to do where the input of a tile changed since the output was made
   * @param resources of this process, where it runs alone
   * @return whether it is known what the output was made of, so that a change would have been seen
   * @throws InvalidInputException where the input changed, the layers are not those that the output
   *     was made with, or a tile does not fit into memory
   */
  public boolean require(List<PointwiseLayer> layers, ChangedInput changed, Resources resources)
      throws IOException {
    making.require(layers, input.info().quantisation().scaling());
    requireFits(resources);
    recorded = RecordedInputs.read(output, input, stores);
    if (recorded != null) {
      for (Box tile : tiles) {
        recorded.requireSame(tile, changed);
      }
    }
    return recorded != null && recorded.known();
  }

  /** Compares all heads, in the order of {@link OutputManifest#headNames}. */
  public void compare(List<PointwiseLayer> layers, VerificationFindings found) throws IOException {
    RecordedInputs made = recorded;
    HeadComparison.Unreadable unreadable =
        (box, reason) -> {
          if (made == null || !made.bad(box)) {
            throw new CorruptDataException(reason);
          }
          return true;
        };
    List<String> names = OutputManifest.read(output, stores).headNames();
    for (int i = 0; i < Math.min(names.size(), layers.size()); i++) {
      compare(names.get(i), layers.get(i), tiles, false, unreadable, found);
    }
  }

  /**
   * Compares one head, but for what could not be decoded when the output was made, and for what is
   * not stored: an append stores it again.
   *
   * @param tolerant whether to leave out what cannot be decoded now, too
   */
  void comparePast(
      String name,
      PointwiseLayer layer,
      List<Box> bad,
      boolean tolerant,
      VerificationFindings found) {
    List<Box> good =
        tiles.stream()
            .filter(tile -> bad.stream().allMatch(box -> box.intersection(tile) == null))
            .toList();
    HeadComparison.Unreadable unreadable =
        (box, reason) -> {
          if (!tolerant) {
            throw new CorruptDataException(reason);
          }
          return false;
        };
    compare(name, layer, good, true, unreadable, found);
  }

  private void compare(
      String name,
      PointwiseLayer layer,
      List<Box> chosen,
      boolean storedAlone,
      HeadComparison.Unreadable unreadable,
      VerificationFindings found) {
    FeatureSource reduced;
    List<Box> compared = new ArrayList<>();
    try {
      reduced = arrays.open(name);
      arrays.requirePixels(reduced.info(), layer);
      for (Box tile : chosen) {
        if (!storedAlone || isStored(reduced, tile)) {
          compared.add(tile);
        }
      }
    } catch (InvalidInputException e) {
      found.addProblem(name + ": " + e.getMessage());
      return;
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
    found.addTiles(allTiles);
    try (HeadComparison comparison =
        new HeadComparison(input, reduced, layer, name, sample, found, unreadable)) {
      compared.forEach(comparison::compareTile);
    }
  }

  private static boolean isStored(FeatureSource reduced, Box tile) throws IOException {
    return reduced.store().statusesOf(List.copyOf(reduced.objects(tile))).stream()
        .allMatch(status -> status.size() >= 0);
  }

  /** Proves that a tile of each head fits, of those that can be opened. */
  void requireFits(Resources resources) throws IOException {
    for (String name : OutputManifest.read(output, stores).headNames()) {
      ArrayInfo reduced;
      try {
        reduced = arrays.open(name).info();
      } catch (InvalidInputException e) {
        continue; // found, and named, by who looks at the objects
      }
      requireFits(reduced, resources);
    }
  }

  /** One decoded cell of the input and one of the output, as a task that reads them has. */
  private void requireFits(ArrayInfo reduced, Resources resources) {
    long bytes = OVERHEAD_BYTES + input.info().memory().heap() + reduced.memory().heap();
    resources.requireHeap("Cannot recompute tiles of " + output, bytes, "");
  }
}
