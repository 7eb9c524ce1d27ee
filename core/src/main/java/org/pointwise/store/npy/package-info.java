/**
 * NumPy's {@code .npy}: one file, or a folder of files with one image each.
 *
 * <p>After NumPy's {@code numpy.lib.format}, versions 1.0 to 3.0. Pickled objects are refused by
 * name; nothing in a header is ever executed.
 */
@NullMarked
package org.pointwise.store.npy;

import org.jspecify.annotations.NullMarked;
