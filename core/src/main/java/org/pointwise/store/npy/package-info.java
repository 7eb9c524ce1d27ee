/**
 * Headers and small arrays of NumPy's {@code .npy}, for weights and for formats of features.
 *
 * <p>After NumPy's {@code numpy.lib.format}, versions 1.0 to 3.0. Pickled objects are refused by
 * name; nothing in a header is ever executed.
 */
@NullMarked
package org.pointwise.store.npy;

import org.jspecify.annotations.NullMarked;
