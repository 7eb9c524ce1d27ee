/**
 * Compares whole reductions with a plain float64 computation that imports nothing from {@code
 * org.pointwise}. One long-running Python process draws and writes inputs by zarr-python,
 * tensorstore and NumPy, and reads outputs by them and by xarray ({@code
 * scripts/interop/differential.py}).
 *
 * <p>{@link org.pointwise.differential.Options} lists the options of cases, and {@link
 * org.pointwise.differential.Cases} draws cases in blocks of 600, in which every pair of values
 * occurs at least ten times. The number of a case determines all its details; {@code
 * scripts/differential} runs any range of cases. {@link org.pointwise.differential.NightsTrial}
 * draws its cases itself.
 */
package org.pointwise.differential;
