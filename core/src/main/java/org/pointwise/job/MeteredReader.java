package org.pointwise.job;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.format.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;

/**
 * Reads tiles of an input and counts, unit by unit, the chunks, bytes and time needed. Confined to
 * one thread.
 */
final class MeteredReader implements AutoCloseable {
  /** Maximum number of reasons kept per unit. */
  private static final int MAX_UNREADABLE = 64;

  private FeatureSource.Reader reader;
  private final Set<String> unreadable = new LinkedHashSet<>();
  private long bad;
  private long chunks;
  private long missingChunks;
  private long bytes;
  private long storedBytes;
  private long nanos;

  MeteredReader(FeatureSource.Reader reader) {
    this.reader = reader;
  }

  /**
   * Closes the reader and continues with another reader of the same input, which has cached
   * nothing.
   */
  void use(FeatureSource.Reader other) {
    reader.close();
    reader = other;
  }

  @Override
  public void close() {
    reader.close();
  }

  /** Begins a unit: resets all counts. */
  void begin() {
    unreadable.clear();
    bad = 0;
    chunks = 0;
    missingChunks = 0;
    bytes = 0;
    storedBytes = 0;
    nanos = 0;
  }

  /** Announces the boxes of the next calls of {@link #read}. */
  void prefetch(List<Box> tiles) {
    reader.prefetch(tiles);
  }

  /** Reads a tile or a part of a tile. */
  Tile read(Box tileBox) throws IOException {
    long startedNanos = System.nanoTime();
    try {
      Tile tile = reader.read(tileBox);
      chunks += tile.chunks();
      missingChunks += tile.missingChunks();
      bytes += tile.bytes();
      storedBytes += tile.storedBytes();
      if (!tile.unreadable().isEmpty()) {
        bad += tileBox.pixels();
        if (unreadable.size() < MAX_UNREADABLE) {
          unreadable.add(tile.unreadable());
        }
      }
      return tile;
    } finally {
      nanos += System.nanoTime() - startedNanos;
    }
  }

  /** Returns the number of pixels that could not be decoded. */
  long bad() {
    return bad;
  }

  /** Returns the first reasons why pixels could not be decoded. */
  List<String> unreadable() {
    return List.copyOf(unreadable);
  }

  /** Returns the number of chunks that were decoded or found missing. */
  long chunks() {
    return chunks;
  }

  long missingChunks() {
    return missingChunks;
  }

  /** Returns the number of decoded bytes. */
  long bytes() {
    return bytes;
  }

  /** Returns the number of bytes before decoding. */
  long storedBytes() {
    return storedBytes;
  }

  long nanos() {
    return nanos;
  }
}
