/**
 * Where bytes lie and what feature arrays they make: {@link org.pointwise.store.ByteStore} over
 * files and objects, {@link org.pointwise.store.FeatureSource} to read tiles, {@link
 * org.pointwise.store.FeatureSink} to write shards.
 */
@NullMarked
package org.pointwise.store;

import org.jspecify.annotations.NullMarked;
