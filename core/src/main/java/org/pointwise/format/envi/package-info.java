/**
 * Reads and writes ENVI cubes. A cube is a text header beside a file of numbers.
 *
 * <p>Follows NV5's documentation of ENVI header files. Unsupported fields are rejected by name.
 */
@NullMarked
package org.pointwise.format.envi;

import org.jspecify.annotations.NullMarked;
