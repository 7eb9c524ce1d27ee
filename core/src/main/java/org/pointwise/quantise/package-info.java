/**
 * What stored numbers mean: linear scales and nodata on the way in, overflow on the way out.
 *
 * <p>The linear form is that of the CF conventions 1.11, section 8.1 ({@code scale_factor}, {@code
 * add_offset}, {@code _FillValue}).
 */
@NullMarked
package org.pointwise.quantise;

import org.jspecify.annotations.NullMarked;
