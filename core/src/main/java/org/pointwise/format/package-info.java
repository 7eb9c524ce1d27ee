/**
 * What formats of feature arrays have to do, and how they are found: {@link
 * org.pointwise.format.FeatureFormat} opens what it recognises, {@link
 * org.pointwise.format.FeatureSource} is read tile by tile, {@link
 * org.pointwise.format.FeatureSink} is written object by object. Each format is a package below
 * this one that no other imports, named in {@code META-INF/services}.
 */
@NullMarked
package org.pointwise.format;

import org.jspecify.annotations.NullMarked;
