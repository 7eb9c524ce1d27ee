/**
 * The parts of the demo: a drawn picture, its patches as features, a fixed DCT layer, and the
 * reconstruction of a picture.
 */
@NullMarked
package org.pointwise.demo;

import org.jspecify.annotations.NullMarked;
