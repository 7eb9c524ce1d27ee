package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Tile;

/** A feature array that can be read tile by tile. Thread-safe; its readers are not. */
public interface FeatureSource {
  ArrayInfo info();

  /** What its reader should know before a run, a sentence each; mostly nothing. */
  default List<String> notes() {
    return List.of();
  }

  /**
   * Looks whether chunks are stored: at all of them, or at some that lie evenly spread.
   *
   * @param max chunks to look at
   */
  default MissingCount countMissing(int max) throws IOException {
    return new MissingCount(0, 0, 0);
  }

  /**
   * How many chunks are not stored.
   *
   * @param chunks of the array
   * @param looked of these, at how many one has looked
   * @param missing of those, how many are not stored
   */
  record MissingCount(long chunks, long looked, long missing) {}

  /**
   * What lies beside the numbers. Reads it.
   *
   * @param dimensions whose coordinates are wanted
   */
  default Companions companions(List<String> dimensions) throws IOException {
    return Companions.none();
  }

  /** Where its objects lie. */
  ByteStore store();

  /** Pixels that one object holds at most; one channel's where channels lie in several objects. */
  Extent object();

  /** Keys in {@link #store} of the objects that hold the pixels of a box, whether they exist. */
  List<String> objects(Box box);

  /** A reader for one thread; it keeps its buffers from tile to tile. */
  Reader reader();

  /** Reads tiles, one at a time. */
  interface Reader extends AutoCloseable {

    /** Tells which boxes are read next, in this order, so that they can be fetched at once. */
    default void expect(List<Box> tiles) {}

    /**
     * Reads the pixels of a box, all channels, valid until the next call. Parts of one stored cell
     * that are read one after another are fetched and decoded once.
     *
     * @param box any box of pixels within one cell of the grid of {@link ArrayInfo#tile()}
     * @throws IllegalArgumentException when the box lies in several cells and the format stores
     *     them apart
     * @throws org.pointwise.errors.CorruptDataException when stored bytes are damaged; the message
     *     names the object
     * @throws IOException when the store fails
     */
    Tile read(Box box) throws IOException;

    /** Frees what is held beside the heap; nothing is read any more. */
    @Override
    default void close() {}
  }
}
