/**
 * How features are stored as numbers, in both directions: type, linear scale, no data; what chunks
 * that are not stored stand for, and what becomes of features that a type cannot hold.
 *
 * <p>The linear form is that of the CF conventions 1.11, section 8.1 ({@code scale_factor}, {@code
 * add_offset}, {@code _FillValue}).
 */
@NullMarked
package org.pointwise.quantise;

import org.jspecify.annotations.NullMarked;
