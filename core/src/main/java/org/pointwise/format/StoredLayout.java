package org.pointwise.format;

import org.pointwise.tensor.Extent;

/**
 * The layout of stored arrays, which runs that continue or append to them keep.
 *
 * @param chunk the extent of a chunk in pixels
 * @param object the extent of an object in pixels
 * @param sharded whether an object holds chunks and an index; otherwise an object is one bare chunk
 */
public record StoredLayout(Extent chunk, Extent object, boolean sharded) {}
