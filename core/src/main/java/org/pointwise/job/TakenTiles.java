package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.CellRuns;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.SplitTiles;
import org.pointwise.plan.TileSplit;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;
import org.pointwise.work.InputObjects;

/**
 * Reads the cells of units, and says which tiles in them take part and how their pixels are
 * labelled. Confined to one thread.
 */
final class TakenTiles implements AutoCloseable {
  private final ArrayInfo input;
  private final ByteStores stores;
  private final CellRuns units;
  private final SplitTiles split;
  private final long firstImage;
  private final CountedReader reader;
  private final SeenObjects seen = new SeenObjects();
  private final @Nullable FeatureSource labelSource;
  private final @Nullable PixelLabels labels;
  private FeatureSource source;

  private TakenTiles(
      ArrayInfo input,
      CellRuns units,
      TileSplit tiles,
      @Nullable PixelSelection spec,
      ByteStores stores) {
    this.input = input;
    this.stores = stores;
    this.units = units;
    this.split = tiles.of(input);
    this.firstImage = spec == null ? 0 : spec.firstImage();
    ArrayInfo info = spec == null ? null : spec.labels();
    try {
      this.source = Formats.reopen(stores, input);
      this.reader = new CountedReader(source.reader());
      this.labelSource = info == null ? null : Formats.reopen(stores, info);
      this.labels = labelSource == null || spec == null ? null : new PixelLabels(labelSource, spec);
    } catch (IOException e) {
      throw Formats.unreadable(input.uri(), e);
    }
  }

  /** The tiles of a split. */
  static TakenTiles of(ArrayInfo input, CellRuns units, TileSplit tiles, ByteStores stores) {
    return new TakenTiles(input, units, tiles, null, stores);
  }

  /** Those of a spec, with its labels. */
  static TakenTiles of(ArrayInfo input, CellRuns units, PixelSelection spec, ByteStores stores) {
    return new TakenTiles(input, units, spec.tiles(), spec, stores);
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
    void cell(long ordinal, Box box, List<Box> taken, @Nullable Tile stored) throws IOException;
  }

  /**
   * Reads the cells of a unit.
   *
   * @param wanted called before each is read; what it throws gives the unit up
   */
  void each(long unit, Runnable wanted, Consumer consumer) throws IOException {
    for (long cell = units.first(unit); cell < units.end(unit); cell++) {
      wanted.run();
      Box box = units.cells().box(cell);
      List<Box> taken = taken(box);
      consumer.cell(cell, box, taken, taken.isEmpty() ? null : reader.read(box));
    }
  }

  /**
   * Reads a unit anew where one of its objects is another than when it was met before: readers keep
   * indexes of shards and headers of files.
   *
   * @throws org.pointwise.errors.InvalidInputException where the input's metadata changed
   */
  void renew(InputObjects objects) throws IOException {
    if (seen.changed(objects)) {
      source = Formats.reopen(stores, input);
      reader.use(source.reader());
    }
  }

  /** The objects that a unit reads, as they are now. */
  InputObjects objects(long unit) throws IOException {
    return InputObjects.of(source, List.of(cells(unit)));
  }

  /** The same of a unit, unless its objects are nobody else's. */
  void renew(long unit) throws IOException {
    if (!source.object().equals(input.cell())) {
      renew(objects(unit));
    }
  }

  /** The tiles of a cell that take part. */
  List<Box> taken(Box cell) {
    return split.in(cell).stream().filter(part -> part.n0() >= firstImage).toList();
  }

  /** The cells of a unit of which a part is taken. */
  List<Box> cells(long unit) {
    return LongStream.range(units.first(unit), units.end(unit))
        .mapToObj(units.cells()::box)
        .filter(cell -> !taken(cell).isEmpty())
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

  CountedReader reader() {
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
