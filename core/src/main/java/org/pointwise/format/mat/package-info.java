/**
 * MAT files of level 5, as MATLAB writes them up to {@code -v7} and SciPy by {@code savemat}.
 *
 * <p>Read by MFL (us.hebi.matlab.mat). An array is read whole: the format stores it in one piece,
 * mostly compressed.
 */
@NullMarked
package org.pointwise.format.mat;

import org.jspecify.annotations.NullMarked;
