package org.pointwise.format;

import java.util.List;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;

/**
 * The geometry that all output arrays of a run share.
 *
 * @param chunk the extent of a chunk in pixels
 * @param shard the extent of an object in pixels, a whole number of chunks
 * @param sharded whether an object holds chunks and an index; otherwise an object is one bare chunk
 */
public record OutputArray(
    Axes axes, List<String> dimensionNames, Extent chunk, Extent shard, boolean sharded) {}
