package org.pointwise.job;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.format.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;

/** Reads cells of an input and counts, unit by unit, what that took. Confined to one thread. */
final class MeteredReader implements AutoCloseable {
  /** Reasons that are kept of one unit. */
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

  /** Goes on with another reader of the same input, which keeps nothing of its objects. */
  void use(FeatureSource.Reader other) {
    reader.close();
    reader = other;
  }

  @Override
  public void close() {
    reader.close();
  }

  /** Begins a unit: counts from 0. */
  void begin() {
    unreadable.clear();
    bad = 0;
    chunks = 0;
    missingChunks = 0;
    bytes = 0;
    storedBytes = 0;
    nanos = 0;
  }

  /** Announces what {@link #read} will be asked for. */
  void expect(List<Box> tiles) {
    reader.expect(tiles);
  }

  /** A cell, or a part of one. */
  Tile read(Box tileBox) throws IOException {
    long began = System.nanoTime();
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
      nanos += System.nanoTime() - began;
    }
  }

  /** Pixels that could not be decoded. */
  long bad() {
    return bad;
  }

  /** Why not, the first reasons. */
  List<String> unreadable() {
    return List.copyOf(unreadable);
  }

  /** Chunks that were decoded or found missing. */
  long chunks() {
    return chunks;
  }

  long missingChunks() {
    return missingChunks;
  }

  /** Decoded. */
  long bytes() {
    return bytes;
  }

  /** Before decoding. */
  long storedBytes() {
    return storedBytes;
  }

  long nanos() {
    return nanos;
  }
}
