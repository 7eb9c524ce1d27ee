/**
 * Stores of bytes: {@link org.pointwise.store.ByteStore} for files and objects, and JSON and hashes
 * of their contents.
 */
@NullMarked
package org.pointwise.store;

import org.jspecify.annotations.NullMarked;
