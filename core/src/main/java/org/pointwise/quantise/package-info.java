/**
 * Defines how features are stored as numbers, for reading and writing: type, linear scale, nodata.
 * Also defines how chunks that are not stored are read and how features that a type cannot hold are
 * handled.
 *
 * <p>The linear form is that of the CF conventions 1.11, section 8.1 ({@code scale_factor}, {@code
 * add_offset}, {@code _FillValue}).
 */
@NullMarked
package org.pointwise.quantise;

import org.jspecify.annotations.NullMarked;
