/**
 * Where bytes lie: {@link org.pointwise.store.ByteStore} over files and objects, JSON and hashes of
 * what they hold.
 */
@NullMarked
package org.pointwise.store;

import org.jspecify.annotations.NullMarked;
