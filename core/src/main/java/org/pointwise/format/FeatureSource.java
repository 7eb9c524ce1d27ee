package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.IndexList;
import org.pointwise.tensor.Tile;

/** A feature array that can be read tile by tile. Thread-safe; its readers are not. */
public interface FeatureSource {
  ArrayInfo info();

  /** Returns notes for the user to read before a run, one sentence each. Usually there are none. */
  default List<String> notes() {
    return List.of();
  }

  /**
   * Checks whether chunks are stored: all chunks, or those of tiles that are evenly spread.
   *
   * @param max the approximate maximum number of chunks to check
   */
  default MissingCount countMissing(int max) throws IOException {
    Grid tiles = info().grid();
    IndexList all = IndexList.range(0, info().shape().c());
    MissingCount first = missing(tiles.box(0), all);
    if (first.chunks() == 0) {
      return first;
    }
    long looked = Math.min(tiles.count(), Math.max(1, max / first.chunks()));
    long missing = 0;
    for (long i = 0; i < looked; i++) {
      long ordinal =
          looked == tiles.count() ? i : (long) ((i + 0.5) * ((double) tiles.count() / looked));
      missing += missing(tiles.box(ordinal), all).missing();
    }
    return new MissingCount(
        Math.multiplyExact(tiles.count(), first.chunks()), looked * first.chunks(), missing);
  }

  /**
   * Checks whether the chunks that hold given channels of a tile are stored. The number of chunks
   * is 0 for formats that store all of them.
   */
  default MissingCount missing(Box tile, IndexList channels) throws IOException {
    return new MissingCount(0, 0, 0);
  }

  /**
   * The number of chunks that are not stored.
   *
   * @param chunks the number of chunks in the array
   * @param examined the number of chunks that were checked
   * @param missing the number of checked chunks that are not stored
   */
  record MissingCount(long chunks, long examined, long missing) {}

  /**
   * Reads the companions of the array.
   *
   * @param dimensions the dimensions whose coordinates are requested
   */
  default Companions companions(List<String> dimensions) throws IOException {
    return Companions.none();
  }

  /** Returns the store that holds the objects of the array. */
  ByteStore store();

  /**
   * Returns the largest extent of one object in pixels. If the channels lie in several objects,
   * each of these objects has this extent.
   */
  Extent object();

  /**
   * Returns the keys in {@link #store} of the objects that hold the pixels of a box, whether or not
   * the objects exist.
   */
  List<String> objects(Box box);

  /** Returns the objects of the mask that hides pixels of this array; null if there is none. */
  default @Nullable ObjectsOfMask mask() {
    return null;
  }

  /**
   * The objects that hold a mask.
   *
   * @param keys returns the keys in the store of the objects that hold the mask of a box
   */
  record ObjectsOfMask(ByteStore store, Function<Box, List<String>> keys) {}

  /**
   * Returns the keys of those objects of {@link #objects(Box)} that hold some of the given
   * channels.
   */
  default List<String> objects(Box box, IndexList channels) {
    return objects(box);
  }

  /** Returns the memory of a {@link #reader(IndexList)}. */
  default ReadMemory memory(IndexList channels) {
    return info().memory();
  }

  /**
   * Returns a reader that may leave out blocks that hold none of the given channels, and does not
   * read their objects.
   */
  default Reader reader(IndexList channels) {
    return reader();
  }

  /** Returns a reader for one thread. The reader keeps its buffers from tile to tile. */
  Reader reader();

  /** Reads tiles, one at a time. */
  interface Reader extends AutoCloseable {

    /**
     * Announces the boxes that are read next, in this order, so that they can be fetched together.
     */
    default void prefetch(List<Box> tiles) {}

    /**
     * Reads all channels of the pixels of a box. The result is valid until the next call. If parts
     * of one stored tile are read one after another, the tile is fetched and decoded once.
     *
     * @param box any box of pixels within one tile of the grid of {@link ArrayInfo#tile()}
     * @throws IllegalArgumentException if the box spans several tiles that the format stores
     *     separately
     * @throws org.pointwise.errors.CorruptDataException if stored bytes are damaged; the message
     *     names the object
     * @throws IOException if the store fails
     */
    Tile read(Box box) throws IOException;

    /** Frees the memory outside the heap. Nothing may be read afterwards. */
    @Override
    default void close() {}
  }
}
