/**
 * Reads headers and small arrays of NumPy's {@code .npy}, for weights and for feature formats.
 *
 * <p>Follows NumPy's {@code numpy.lib.format}, versions 1.0 to 3.0. Pickled objects are rejected
 * with an explicit message; nothing in a header is ever executed.
 */
@NullMarked
package org.pointwise.store.npy;

import org.jspecify.annotations.NullMarked;
