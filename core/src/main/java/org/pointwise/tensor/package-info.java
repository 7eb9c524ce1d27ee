/**
 * Axes, shapes, boxes, grids and element types: integer arithmetic on the geometry of feature
 * arrays.
 *
 * <p>Everything counts in {@code long} and refuses to overflow. The bottom package: it imports
 * nothing of ours but {@code errors}.
 */
@NullMarked
package org.pointwise.tensor;

import org.jspecify.annotations.NullMarked;
