/**
 * Reads MAT files of level 5, as MATLAB writes them up to {@code -v7} and SciPy writes them with
 * {@code savemat}.
 *
 * <p>The library MFL (us.hebi.matlab.mat) reads the files. An array is read as a whole, because the
 * format stores it in one piece, usually compressed.
 */
@NullMarked
package org.pointwise.format.mat;

import org.jspecify.annotations.NullMarked;
