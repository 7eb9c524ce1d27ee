package org.pointwise.format.zarr;

/** Zarr version 3. */
public final class Zarr3Output extends ZarrOutput {
  /** For {@link java.util.ServiceLoader}. */
  public Zarr3Output() {
    super(3);
  }

  @Override
  public boolean standard() {
    return true;
  }
}
