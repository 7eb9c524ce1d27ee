/**
 * The interfaces of feature array formats and the lookup of their implementations. {@link
 * org.pointwise.format.FeatureFormat} recognises and opens arrays. {@link
 * org.pointwise.format.FeatureSource} is read tile by tile. {@link
 * org.pointwise.format.FeatureSink} is written object by object. Each format is a subpackage that
 * no other package imports. It is registered in {@code META-INF/services}.
 */
@NullMarked
package org.pointwise.format;

import org.jspecify.annotations.NullMarked;
