/**
 * ENVI cubes: a text header beside a file of numbers.
 *
 * <p>After NV5's documentation of ENVI header files. What is not supported is refused by its name.
 */
@NullMarked
package org.pointwise.format.envi;

import org.jspecify.annotations.NullMarked;
