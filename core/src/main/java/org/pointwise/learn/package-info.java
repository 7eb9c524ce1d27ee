/**
 * Learns layers from pixels: {@link org.pointwise.learn.Moments} of all pixels, the methods that
 * need no more than them ({@link org.pointwise.learn.Projections}), training by back-propagation
 * ({@link org.pointwise.learn.Network}, {@link org.pointwise.learn.Trainer}), and the measures of
 * what a layer keeps. Pure computation in float64: nothing here opens a store.
 */
@NullMarked
package org.pointwise.learn;

import org.jspecify.annotations.NullMarked;
