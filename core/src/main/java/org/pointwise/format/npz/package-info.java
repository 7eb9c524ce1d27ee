/**
 * Archives of NumPy arrays: a zip file with an {@code .npy} file for each, stored as {@code
 * numpy.savez} does, or deflated as {@code numpy.savez_compressed} does.
 *
 * <p>After the documentation of NumPy's {@code lib.format} and PKWARE's APPNOTE 6.3.10.
 */
@NullMarked
package org.pointwise.format.npz;

import org.jspecify.annotations.NullMarked;
