package org.pointwise.format.zarr;

/** Zarr version 2. */
public final class Zarr2Output extends ZarrOutput {
  /** For {@link java.util.ServiceLoader}. */
  public Zarr2Output() {
    super(2);
  }
}
