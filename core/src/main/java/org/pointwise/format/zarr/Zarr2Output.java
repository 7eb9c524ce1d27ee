package org.pointwise.format.zarr;

/** The output format Zarr version 2. */
public final class Zarr2Output extends ZarrOutput {
  /** Called by {@link java.util.ServiceLoader}. */
  public Zarr2Output() {
    super(2);
  }
}
