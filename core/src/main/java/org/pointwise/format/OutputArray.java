package org.pointwise.format;

import java.util.List;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;

/**
 * The geometry that all output arrays of a run share.
 *
 * @param chunk pixels of a chunk, whole input cells
 * @param shard pixels of an object, whole chunks
 * @param sharded whether an object holds chunks and an index, or one bare chunk
 */
public record OutputArray(
    Axes axes, List<String> dimensionNames, Extent chunk, Extent shard, boolean sharded) {}
