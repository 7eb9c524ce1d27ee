/**
 * Zarr v2 and v3, read and written.
 *
 * <p>After the Zarr specifications, version 2 and version 3.1 (core, {@code default} and {@code v2}
 * chunk keys, codecs {@code bytes}, {@code transpose}, {@code gzip}, {@code blosc}, {@code crc32c},
 * {@code sharding_indexed}; {@code zstd} and {@code zlib} as zarr-python and numcodecs write them).
 * What is not known is refused by its name before a byte of data is read.
 */
@NullMarked
package org.pointwise.format.zarr;

import org.jspecify.annotations.NullMarked;
