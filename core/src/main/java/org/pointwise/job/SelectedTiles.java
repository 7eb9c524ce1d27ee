package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.TileRanges;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;
import org.pointwise.work.InputVersion;

/**
 * Reads the tiles of units. Determines which parts of them are selected, and the labels of their
 * pixels. Confined to one thread.
 */
final class SelectedTiles implements AutoCloseable {
  private final ArrayInfo input;
  private final ByteStores stores;
  private final TileRanges units;
  private final HoldoutBlocks split;
  private final long firstImage;
  private final MeteredReader reader;
  private final ObservedObjects observed = new ObservedObjects();
  private final @Nullable FeatureSource labelSource;
  private final @Nullable PixelLabels labels;
  private FeatureSource source;

  private SelectedTiles(
      ArrayInfo input,
      TileRanges units,
      HoldoutSplit holdout,
      @Nullable PixelSelection spec,
      ByteStores stores) {
    this.input = input;
    this.stores = stores;
    this.units = units;
    this.split = holdout.of(input);
    this.firstImage = spec == null ? 0 : spec.firstImage();
    ArrayInfo info = spec == null ? null : spec.labels();
    try {
      this.source = Formats.reopen(stores, input);
      this.reader = new MeteredReader(source.reader());
    } catch (IOException e) {
      throw Formats.failedOnWorker(input.uri(), e);
    }
    this.labelSource = info == null ? null : Formats.reopened(stores, info);
    this.labels = labelSource == null || spec == null ? null : new PixelLabels(labelSource, spec);
  }

  /** Selects the parts of tiles that a hold-out split takes. */
  static SelectedTiles of(
      ArrayInfo input, TileRanges units, HoldoutSplit holdout, ByteStores stores) {
    return new SelectedTiles(input, units, holdout, null, stores);
  }

  /** Selects the parts of tiles that a pixel selection takes, with its labels. */
  static SelectedTiles of(
      ArrayInfo input, TileRanges units, PixelSelection spec, ByteStores stores) {
    return new SelectedTiles(input, units, spec.holdout(), spec, stores);
  }

  /** Receives tiles. */
  @FunctionalInterface
  interface Consumer {
    /**
     * Receives a tile of a unit.
     *
     * @param selected the blocks in it that are selected, or those parts of them that lie in the
     *     tile
     * @param stored its pixels; null if no block is selected, in which case the tile is not read
     */
    void tile(long ordinal, Box box, List<Box> selected, @Nullable Tile stored) throws IOException;
  }

  /**
   * Reads the tiles of a unit.
   *
   * @param cancellationCheck called before each tile is read; an exception that it throws ends the
   *     unit
   */
  void each(long unit, Runnable cancellationCheck, Consumer consumer) throws IOException {
    for (long ordinal = units.first(unit); ordinal < units.end(unit); ordinal++) {
      cancellationCheck.run();
      Box box = units.tiles().box(ordinal);
      List<Box> selected = selected(box);
      consumer.tile(ordinal, box, selected, selected.isEmpty() ? null : reader.read(box));
    }
  }

  /**
   * Opens a new reader if one of the objects has changed since it was last read, because readers
   * cache indexes of shards and headers of files.
   *
   * @throws org.pointwise.errors.InvalidInputException if the input's metadata changed
   */
  void renew(InputVersion objects) throws IOException {
    if (observed.changed(objects)) {
      source = Formats.reopen(stores, input);
      reader.use(source.reader());
    }
  }

  /** Returns the objects that a unit reads, as they are now. */
  InputVersion objects(long unit) throws IOException {
    return InputVersion.of(source, List.of(tiles(unit)));
  }

  /** Does the same for the objects of a unit, unless no other unit reads them. */
  void renew(long unit) throws IOException {
    if (!source.object().equals(input.tile())) {
      renew(objects(unit));
    }
  }

  /** Returns the selected parts of a tile. */
  List<Box> selected(Box tileBox) {
    return split.in(tileBox).stream().filter(part -> part.n0() >= firstImage).toList();
  }

  /** Returns the tiles of a unit that have a selected part. */
  List<Box> tiles(long unit) {
    return LongStream.range(units.first(unit), units.end(unit))
        .mapToObj(units.tiles()::box)
        .filter(tileBox -> !selected(tileBox).isEmpty())
        .toList();
  }

  /** Returns the labels of the pixels of a box in row-major order; null if there are no labels. */
  int @Nullable [] labels(Box tile) throws IOException {
    return labels == null ? null : labels.read(tile);
  }

  FeatureSource source() {
    return source;
  }

  @Nullable FeatureSource labelSource() {
    return labelSource;
  }

  MeteredReader reader() {
    return reader;
  }

  @Override
  public void close() {
    reader.close();
    if (labels != null) {
      labels.close();
    }
  }
}
