/**
 * Reads and writes NumPy's {@code .npy} files: one file, or a folder of files with one image each.
 */
@NullMarked
package org.pointwise.format.npy;

import org.jspecify.annotations.NullMarked;
