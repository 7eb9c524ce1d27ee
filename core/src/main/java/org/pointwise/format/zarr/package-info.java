/**
 * Reads and writes Zarr v2 and v3.
 *
 * <p>Follows the Zarr specifications, version 2 and version 3.1 (core, {@code default} and {@code
 * v2} chunk keys, codecs {@code bytes}, {@code transpose}, {@code gzip}, {@code blosc}, {@code
 * crc32c}, {@code sharding_indexed}; {@code zstd} and {@code zlib} as zarr-python and numcodecs
 * write them). Unsupported features are rejected by name before any data is read.
 */
@NullMarked
package org.pointwise.format.zarr;

import org.jspecify.annotations.NullMarked;
