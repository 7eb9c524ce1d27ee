/**
 * Axes, shapes, boxes, grids and element types: integer arithmetic on the geometry of feature
 * arrays.
 *
 * <p>Counts are {@code long}. Counting throws an exception on overflow. This is the lowest package:
 * of this project it imports only {@code errors}.
 */
@NullMarked
package org.pointwise.tensor;

import org.jspecify.annotations.NullMarked;
