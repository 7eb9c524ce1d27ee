/**
 * Reads archives of NumPy arrays. An archive is a zip file with one {@code .npy} file for each
 * array, stored as by {@code numpy.savez} or deflated as by {@code numpy.savez_compressed}.
 *
 * <p>Follows the documentation of NumPy's {@code lib.format} and PKWARE's APPNOTE 6.3.10.
 */
@NullMarked
package org.pointwise.format.npz;

import org.jspecify.annotations.NullMarked;
