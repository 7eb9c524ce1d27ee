package org.pointwise.plan;

import java.util.Locale;

/** How a run treats chunks of the input that are stored but cannot be decoded. */
public enum BadInput {
  /** The run ends at the first such chunk. */
  FAIL,
  /** Their pixels are nodata; they are counted and listed. */
  NODATA;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
