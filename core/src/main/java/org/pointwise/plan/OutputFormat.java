package org.pointwise.plan;

import java.util.Locale;

/** How an output is stored. */
public enum OutputFormat {
  ZARR3,
  ZARR2,
  /** A folder of .npy files, one for each image. */
  NPY;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
