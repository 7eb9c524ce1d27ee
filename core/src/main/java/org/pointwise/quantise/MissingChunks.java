package org.pointwise.quantise;

import java.util.Locale;

/** What a chunk that is not stored stands for. */
public enum MissingChunks {
  /** The array's fill value, as Zarr defines it; no data only where that value means so. */
  FILL,
  /** No data: every pixel that a missing chunk holds a channel of. */
  NODATA,
  /** A damaged input: the run stops and names the chunk. */
  FAIL;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
