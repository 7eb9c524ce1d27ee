package org.pointwise.format.zarr;

/** The output format Zarr version 3, which is the default. */
public final class Zarr3Output extends ZarrOutput {
  /** Called by {@link java.util.ServiceLoader}. */
  public Zarr3Output() {
    super(3);
  }

  @Override
  public boolean standard() {
    return true;
  }
}
