package org.pointwise.format;

import java.io.IOException;
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

  /** The key of the object that covers {@code box} in its store. */
  String key(Box box);

  /** Assembles objects, one at a time. */
  interface Writer {
    /** Begins the object that covers {@code box}. */
    void begin(Box box);

    /**
     * The block to write the pixels of {@code chunk} to, its first pixel at (0, 0, 0); every
     * element is to be written.
     *
     * @param chunk a box of the grid of {@link OutputFormat#chunkStep} within the object's box, in
     *     row-major order
     */
    ChannelBlock chunk(Box chunk);

    /** The chunk just handed out is nodata as a whole: it is left out. */
    void skipChunk() throws IOException;

    /** The chunk just handed out is complete. */
    void endChunk() throws IOException;

    /**
     * Stores the object.
     *
     * @return its key, length and hash; length 0 and no hash when every chunk was left out and
     *     nothing was stored
     */
    StoredObject end() throws IOException;

    /** Gives up the object that was begun, if it has not ended; nothing of it remains. */
    void abort();
  }

  /**
   * An object as it was put.
   *
   * @param sha256 of its bytes, in hex; null where nothing was stored
   */
  record StoredObject(String key, long bytes, @Nullable String sha256) {}
}
