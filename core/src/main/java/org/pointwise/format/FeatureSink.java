package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;

/**
 * The destination of one output array, written object by object. An object (a shard, a chunk, or a
 * file) may be of any length: it is sent on as it grows and published in one step. No part of the
 * object is visible before it is published.
 *
 * <p>Thread-safe; its writers are not.
 */
public interface FeatureSink {
  /** Returns a writer for one thread. */
  Writer writer();

  /**
   * Returns the keys, in the sink's store, of the objects that hold {@code box}, in the order of
   * publication. A reader that finds the last object finds all of them complete.
   */
  List<String> keys(Box box);

  /** Assembles the objects of boxes, one box at a time. */
  interface Writer {
    /** Begins the objects that hold {@code box}. */
    void begin(Box box);

    /**
     * Returns the block to which the pixels of {@code chunk} are written. The first pixel of the
     * chunk is at (0, 0, 0). The caller must write every element.
     *
     * @param chunk a box of the grid of {@link OutputFormat#chunkStep} within the box that was
     *     begun; chunks come in row-major order
     */
    ChannelBlock chunk(Box chunk);

    /** Leaves out the chunk that was returned last, because all its pixels are nodata. */
    void skipChunk() throws IOException;

    /** Completes the chunk that was returned last. */
    void endChunk() throws IOException;

    /**
     * Stores the objects.
     *
     * @return what was stored for each key of {@link #keys}; length 0 and no hash if every chunk
     *     was left out and nothing was stored
     */
    List<StoredObject> end() throws IOException;

    /**
     * Discards the box that was begun, if it has not ended. Nothing that is not published remains.
     */
    void abort();
  }

  /**
   * An object as it was stored.
   *
   * @param sha256 the SHA-256 of its bytes in hex; null if nothing was stored
   */
  record StoredObject(String key, long bytes, @Nullable String sha256) {}
}
