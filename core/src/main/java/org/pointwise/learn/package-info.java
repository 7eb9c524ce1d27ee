/**
 * Learns layers from pixels: {@link org.pointwise.learn.Moments} of all pixels, the methods that
 * need only moments ({@link org.pointwise.learn.Projections}), training by back-propagation ({@link
 * org.pointwise.learn.Network}, {@link org.pointwise.learn.Trainer}), and measures of how much of
 * the pixels a layer preserves. Pure computation in float64: no class here opens a store.
 */
@NullMarked
package org.pointwise.learn;

import org.jspecify.annotations.NullMarked;
