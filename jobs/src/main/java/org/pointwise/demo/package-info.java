/**
 * What the demo is made of: a picture drawn by itself, its patches as features, a classical layer,
 * and the way back to a picture.
 */
@NullMarked
package org.pointwise.demo;

import org.jspecify.annotations.NullMarked;
