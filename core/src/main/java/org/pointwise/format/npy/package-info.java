/** NumPy's {@code .npy}: one file, or a folder of files with one image each. */
@NullMarked
package org.pointwise.format.npy;

import org.jspecify.annotations.NullMarked;
