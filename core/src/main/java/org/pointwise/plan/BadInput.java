package org.pointwise.plan;

import java.util.Locale;

/** What becomes of chunks of the input that are stored but cannot be decoded. */
public enum BadInput {
  /** The run ends at the first. */
  FAIL,
  /** Their pixels are no data, and they are counted and listed. */
  NODATA;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
