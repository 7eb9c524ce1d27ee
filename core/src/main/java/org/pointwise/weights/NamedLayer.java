package org.pointwise.weights;

import org.pointwise.conv.PointwiseLayer;

/**
 * A layer as found in a file.
 *
 * @param name a short name for it: the tensor's, the node's or the file's
 * @param source the file and the name within it
 * @param note what was folded or recognised, for people; may be empty
 */
public record NamedLayer(String name, PointwiseLayer layer, String source, String note) {}
