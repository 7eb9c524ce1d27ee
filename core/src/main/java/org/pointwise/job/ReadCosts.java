package org.pointwise.job;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.store.CountingStores;
import org.pointwise.tensor.Tile;

/**
 * The requests for tiles of an input, divided into those for every tile and those for the first
 * tile of each object, such as the index of a shard. Confined to one thread.
 */
final class ReadCosts {
  private final CountingStores stores;
  private final Set<String> opened = new HashSet<>();
  private final long[] firstTileSums =
      new long[4]; // sums of first tiles: reads, statuses, bytes, stored
  private final long[] otherTileSums = new long[4]; // sums of other tiles
  private long firstTiles;
  private long otherTiles;
  private long objects; // opened by first tiles
  private long[] before;

  ReadCosts(CountingStores stores) {
    this.stores = stores;
    this.before = counts(0);
  }

  private long[] counts(long stored) {
    return new long[] {stores.reads(), stores.statuses(), stores.bytes(), stored};
  }

  /** Begins a tile. */
  void begin() {
    before = counts(0);
  }

  /**
   * Ends a tile.
   *
   * @param keys the objects that hold it
   */
  void end(Tile tile, List<String> keys) {
    long[] after = counts(tile.storedBytes());
    int objectsBefore = opened.size();
    opened.addAll(keys);
    boolean isFirst = opened.size() > objectsBefore;
    long[] sums = isFirst ? firstTileSums : otherTileSums;
    for (int i = 0; i < sums.length; i++) {
      sums[i] += after[i] - before[i];
    }
    objects += opened.size() - objectsBefore;
    firstTiles += isFirst ? 1 : 0;
    otherTiles += isFirst ? 0 : 1;
  }

  /** Returns the objects and ranges read for a tile. */
  double reads() {
    return perTile(0);
  }

  /** Returns the status requests for a tile. */
  double statuses() {
    return perTile(1);
  }

  /** Returns the bytes read for a tile. */
  double bytes() {
    return perTile(2);
  }

  /** Returns the objects and ranges read for an object, in addition to those for its tiles. */
  double objectReads() {
    return perObject(firstTileSums[0], reads());
  }

  /** Returns the status requests for an object, in addition to those for its tiles. */
  double objectStatuses() {
    return perObject(firstTileSums[1], statuses());
  }

  /** Returns the bytes read for an object, in addition to those for its tiles. */
  double objectBytes() {
    return perObject(firstTileSums[2] - firstTileSums[3], bytes() - perTile(3));
  }

  private double perTile(int count) {
    return otherTiles > 0
        ? (double) otherTileSums[count] / otherTiles
        : (double) firstTileSums[count] / firstTiles;
  }

  private double perObject(double sum, double perTile) {
    return Math.max(0, sum - firstTiles * perTile) / objects;
  }
}
