package org.pointwise.quantise;

import java.util.Locale;

/** Defines how a chunk that is not stored is read. */
public enum MissingChunks {
  /**
   * As the array's fill value, as Zarr defines it. The pixels are nodata only if the fill value is
   * the nodata value.
   */
  FILL,
  /** As nodata. A pixel is nodata if any of its channels lies in a missing chunk. */
  NODATA,
  /** As a damaged input. The run stops and names the chunk. */
  FAIL;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
