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
 * Reads the cells of units, and says which tiles in them take part and how their pixels are
 * labelled. Confined to one thread.
 */
final class SelectedTiles implements AutoCloseable {
  private final ArrayInfo input;
  private final ByteStores stores;
  private final TileRanges units;
  private final HoldoutBlocks split;
  private final long firstImage;
  private final MeteredReader reader;
  private final ObservedObjects seen = new ObservedObjects();
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
      this.labelSource = info == null ? null : Formats.reopen(stores, info);
      this.labels = labelSource == null || spec == null ? null : new PixelLabels(labelSource, spec);
    } catch (IOException e) {
      throw Formats.unreadable(input.uri(), e);
    }
  }

  /** The tiles of a split. */
  static SelectedTiles of(
      ArrayInfo input, TileRanges units, HoldoutSplit holdout, ByteStores stores) {
    return new SelectedTiles(input, units, holdout, null, stores);
  }

  /** Those of a spec, with its labels. */
  static SelectedTiles of(
      ArrayInfo input, TileRanges units, PixelSelection spec, ByteStores stores) {
    return new SelectedTiles(input, units, spec.holdout(), spec, stores);
  }

  /** Takes a cell. */
  @FunctionalInterface
  interface Consumer {
    /**
     * A cell of a unit.
     *
     * @param taken its tiles that take part, or the parts of those that lie in it
     * @param stored what it holds; null where nothing is taken, and it is not read
     */
    void tile(long ordinal, Box box, List<Box> taken, @Nullable Tile stored) throws IOException;
  }

  /**
   * Reads the cells of a unit.
   *
   * @param wanted called before each is read; what it throws gives the unit up
   */
  void each(long unit, Runnable wanted, Consumer consumer) throws IOException {
    for (long ordinal = units.first(unit); ordinal < units.end(unit); ordinal++) {
      wanted.run();
      Box box = units.tiles().box(ordinal);
      List<Box> taken = taken(box);
      consumer.tile(ordinal, box, taken, taken.isEmpty() ? null : reader.read(box));
    }
  }

  /**
   * Reads a unit anew where one of its objects is another than when it was met before: readers keep
   * indexes of shards and headers of files.
   *
   * @throws org.pointwise.errors.InvalidInputException where the input's metadata changed
   */
  void renew(InputVersion objects) throws IOException {
    if (seen.changed(objects)) {
      source = Formats.reopen(stores, input);
      reader.use(source.reader());
    }
  }

  /** The objects that a unit reads, as they are now. */
  InputVersion objects(long unit) throws IOException {
    return InputVersion.of(source, List.of(tiles(unit)));
  }

  /** The same of a unit, unless its objects are nobody else's. */
  void renew(long unit) throws IOException {
    if (!source.object().equals(input.tile())) {
      renew(objects(unit));
    }
  }

  /** The tiles of a cell that take part. */
  List<Box> taken(Box tileBox) {
    return split.in(tileBox).stream().filter(part -> part.n0() >= firstImage).toList();
  }

  /** The cells of a unit of which a part is taken. */
  List<Box> tiles(long unit) {
    return LongStream.range(units.first(unit), units.end(unit))
        .mapToObj(units.tiles()::box)
        .filter(tileBox -> !taken(tileBox).isEmpty())
        .toList();
  }

  /** Labels of the pixels of a tile in row-major order; null where there are none. */
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
