/**
 * Learns layers from pixels: {@link org.pointwise.learn.Moments} of all pixels, the methods that
 * need no more than them, training by back-propagation, and the measures of what a layer keeps.
 * Pure computation in float64: nothing here opens a store.
 */
@NullMarked
package org.pointwise.learn;

import org.jspecify.annotations.NullMarked;
