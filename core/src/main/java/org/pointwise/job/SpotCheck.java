package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
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
 * Recomputes sampled tiles of an output in float64 and compares sampled pixels of them. Two
 * findings are problems: an error beyond the bound of float32 arithmetic ({@link ReferencePixel}),
 * and an output that does not have exactly the pixels of its input. Confined to one thread.
 */
public final class SpotCheck {
  /**
   * The tiles and pixels to compare.
   *
   * @param tiles of the input, drawn without replacement; all if there are fewer
   * @param pixelsPerTile drawn likewise, from each box that is read at once
   * @param seed random seed of the draw
   */
  public record Sample(int tiles, long pixelsPerTile, long seed) {
    /** Samples all pixels of {@code tiles} tiles. */
    public Sample(int tiles, long seed) {
      this(tiles, Long.MAX_VALUE, seed);
    }
  }

  /** Heap of a comparison that does not depend on the tiles. */
  private static final long OVERHEAD_BYTES = 16L << 20;

  private final String output;
  private final FeatureSource input;
  private final Sample sample;
  private final ByteStores stores;
  private final RecordedProvenance provenance;
  private final ReducedArrays arrays;
  private final List<Box> tiles = new ArrayList<>();
  private final long allTiles;
  private @Nullable RecordedInputs recorded;

  /**
   * @param output the group or folder
   * @param input opened with the output's own order of files
   * @param images number of images of the output, of which the input may have fewer or more; {@link
   *     Long#MAX_VALUE} for those of the input
   */
  public SpotCheck(
      String output, FeatureSource input, long images, Sample sample, ByteStores stores) {
    this.output = output;
    this.input = input;
    this.sample = sample;
    this.stores = stores;
    this.provenance = new RecordedProvenance(output, stores);
    long available = Math.min(images, input.info().shape().n());
    long stored = images == Long.MAX_VALUE ? available : images;
    this.arrays = new ReducedArrays(output, input.info(), stored, stores);
    TileGrid grid = TileGrid.of(input.info());
    long past = input.info().past();
    long first = grid.firstOf(past);
    long end = grid.countOf(available);
    this.allTiles = end - first;
    LongStream ordinals =
        allTiles <= sample.tiles()
            ? LongStream.range(first, end)
            : new Random(sample.seed()).longs(first, end).distinct().limit(sample.tiles()).sorted();
    ordinals
        .mapToObj(grid::box)
        .map(tileBox -> within(past, available, tileBox))
        .forEach(tiles::add);
  }

  /** Returns the part of a tile that lies in the images {@code first … end}. */
  private static Box within(long first, long end, Box tileBox) {
    return new Box(
        Math.max(tileBox.n0(), first),
        Math.min(tileBox.n1(), end),
        tileBox.y0(),
        tileBox.y1(),
        tileBox.x0(),
        tileBox.x1());
  }

  /** Returns the layers with the normalisations recorded for the output's heads. */
  public List<PointwiseLayer> withRecordedNormalisations(List<PointwiseLayer> layers)
      throws IOException {
    return provenance.withRecordedNormalisations(layers);
  }

  /**
   * Checks that the output can be compared, before anything is compared.
   *
   * @param layers of the heads, in the order of {@link OutputManifest#headNames}
   * @param changed what to do if the input of a tile changed since the output was made
   * @param resources of this process, if it runs alone
   * @return whether the input of the output is recorded, so that a change would have been detected
   * @throws InvalidInputException if the input changed or has other channels than the layers, the
   *     layers are not those that the output was made with, or a tile does not fit into memory
   */
  public boolean require(List<PointwiseLayer> layers, ChangedInput changed, Resources resources)
      throws IOException {
    provenance.require(layers, input.info().quantisation().scaling());
    layers.forEach(this::requireChannels);
    requireFits(resources);
    recorded = RecordedInputs.read(output, input, stores);
    if (recorded != null) {
      for (Box tile : tiles) {
        recorded.requireUnchanged(tile, changed);
      }
    }
    return recorded != null && recorded.detectsChanges();
  }

  /**
   * Returns the images to compare whose input may have changed without a record of it. Called after
   * {@link #require}.
   */
  public SortedSet<Long> imagesWithoutRecord() {
    if (recorded != null) {
      return recorded.imagesWithoutRecord();
    }
    SortedSet<Long> images = new TreeSet<>();
    tiles.forEach(tile -> LongStream.range(tile.n0(), tile.n1()).forEach(images::add));
    return images;
  }

  /** Returns the number of images of the input. */
  public long images() {
    return input.info().shape().n() - input.info().past();
  }

  /** Leaves out the tiles with these images. */
  public void leaveOut(SortedSet<Long> images) {
    tiles.removeIf(tile -> !images.subSet(tile.n0(), tile.n1()).isEmpty());
  }

  /** Compares all heads, in the order of {@link OutputManifest#headNames}. */
  public void compare(List<PointwiseLayer> layers, VerificationFindings findings)
      throws IOException {
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
      compare(names.get(i), layers.get(i), tiles, false, unreadable, findings);
    }
  }

  /**
   * Compares one head. Leaves out tiles with pixels that could not be decoded when the output was
   * made, and tiles that are not stored, because an append stores these again.
   *
   * @param bad boxes with pixels that could not be decoded when the output was made
   * @param tolerant whether to leave out pixels that cannot be decoded now, too
   */
  void comparePast(
      String name,
      PointwiseLayer layer,
      List<Box> bad,
      boolean tolerant,
      VerificationFindings findings) {
    List<Box> decodable =
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
    compare(name, layer, decodable, true, unreadable, findings);
  }

  private void compare(
      String name,
      PointwiseLayer layer,
      List<Box> chosen,
      boolean storedAlone,
      HeadComparison.Unreadable unreadable,
      VerificationFindings findings) {
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
      findings.addProblem(name + ": " + e.getMessage());
      return;
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
    findings.addTiles(allTiles);
    try (HeadComparison comparison =
        new HeadComparison(input, reduced, layer, name, sample, findings, unreadable)) {
      compared.forEach(comparison::compareTile);
    }
  }

  private static boolean isStored(FeatureSource reduced, Box tile) throws IOException {
    return reduced.store().statusesOf(List.copyOf(reduced.objects(tile))).stream()
        .allMatch(status -> status.size() >= 0);
  }

  private void requireChannels(PointwiseLayer layer) {
    long channels = input.info().shape().c();
    if (layer.inChannels() != channels) {
      throw new InvalidInputException(
          "Cannot verify %s: its layer takes %d channels but %s has %d; give the input and the --input-channels that it was made with"
              .formatted(output, layer.inChannels(), input.info().uri(), channels));
    }
  }

  /** Checks that a tile of each head fits into memory, for heads that can be opened. */
  void requireFits(Resources resources) throws IOException {
    for (String name : OutputManifest.read(output, stores).headNames()) {
      ArrayInfo reduced;
      try {
        reduced = arrays.open(name).info();
      } catch (InvalidInputException e) {
        continue; // reported when its objects are verified
      }
      requireFits(reduced, resources);
    }
  }

  /**
   * Requires memory for one decoded tile of the input and one of the output, as for a task that
   * reads them.
   */
  private void requireFits(ArrayInfo reduced, Resources resources) {
    long bytes = OVERHEAD_BYTES + input.info().memory().heap() + reduced.memory().heap();
    resources.requireHeap("Cannot recompute tiles of " + output, bytes, "");
  }
}
