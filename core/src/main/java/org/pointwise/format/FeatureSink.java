package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;

/**
 * Where one output array goes, object by object. An object (a shard, a chunk, a file) may be of any
 * length: it is sent on as it grows and published in one step; until then nothing of it can be
 * seen.
 *
 * <p>Thread-safe; its writers are not.
 */
public interface FeatureSink {
  /** A writer for one thread. */
  Writer writer();

  /**
   * Keys in its store of the objects that hold {@code box}, in the order in which they are
   * published. A reader that finds the last one finds all of them whole.
   */
  List<String> keys(Box box);

  /** Assembles the objects of boxes, one box at a time. */
  interface Writer {
    /** Begins the objects that hold {@code box}. */
    void begin(Box box);

    /**
     * The block to write the pixels of {@code chunk} to, its first pixel at (0, 0, 0); every
     * element is to be written.
     *
     * @param chunk a box of the grid of {@link OutputFormat#chunkStep} within the box begun, in
     *     row-major order
     */
    ChannelBlock chunk(Box chunk);

    /** The chunk just handed out is nodata as a whole: it is left out. */
    void skipChunk() throws IOException;

    /** The chunk just handed out is complete. */
    void endChunk() throws IOException;

    /**
     * Stores the objects.
     *
     * @return of each of {@link #keys}, what was stored; length 0 and no hash when every chunk was
     *     left out and nothing was stored
     */
    List<StoredObject> end() throws IOException;

    /**
     * Gives up the box that was begun, if it has not ended; nothing remains of what is not
     * published.
     */
    void abort();
  }

  /**
   * An object as it was put.
   *
   * @param sha256 of its bytes, in hex; null where nothing was stored
   */
  record StoredObject(String key, long bytes, @Nullable String sha256) {}
}
