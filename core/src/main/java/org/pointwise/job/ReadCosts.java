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
  private final long[] first = new long[4]; // sums of first tiles: reads, statuses, bytes, stored
  private final long[] later = new long[4]; // sums of other tiles
  private long firsts;
  private long laters;
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
    int known = opened.size();
    opened.addAll(keys);
    boolean isFirst = opened.size() > known;
    long[] sums = isFirst ? first : later;
    for (int i = 0; i < sums.length; i++) {
      sums[i] += after[i] - before[i];
    }
    objects += opened.size() - known;
    firsts += isFirst ? 1 : 0;
    laters += isFirst ? 0 : 1;
  }

  /** Returns the objects and ranges read for a tile. */
  double reads() {
    return each(0);
  }

  /** Returns the status requests for a tile. */
  double statuses() {
    return each(1);
  }

  /** Returns the bytes read for a tile. */
  double bytes() {
    return each(2);
  }

  /** Returns the objects and ranges read for an object, in addition to those for its tiles. */
  double objectReads() {
    return more(first[0], reads());
  }

  /** Returns the status requests for an object, in addition to those for its tiles. */
  double objectStatuses() {
    return more(first[1], statuses());
  }

  /** Returns the bytes read for an object, in addition to those for its tiles. */
  double objectBytes() {
    return more(first[2] - first[3], bytes() - each(3));
  }

  private double each(int count) {
    return laters > 0 ? (double) later[count] / laters : (double) first[count] / firsts;
  }

  private double more(double sum, double eachTile) {
    return Math.max(0, sum - firsts * eachTile) / objects;
  }
}
