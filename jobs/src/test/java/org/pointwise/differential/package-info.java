/**
 * Whole reductions against a plain float64 computation that imports nothing from {@code
 * org.pointwise}: one long-lived Python process draws and writes inputs by zarr-python, tensorstore
 * and NumPy, and reads outputs by them and by xarray ({@code scripts/interop/differential.py}).
 *
 * <p>{@link org.pointwise.differential.Options} lists what a case chooses from and {@link
 * org.pointwise.differential.Cases} draws, in blocks of 600 in which every pair of values occurs at
 * least ten times. A case is a number, from which all else follows; {@code scripts/differential}
 * runs any range of them.
 */
package org.pointwise.differential;
