package org.pointwise.plan;

import org.pointwise.conv.PointwiseLayer;

/**
 * One layer of a run and the output array that it makes.
 *
 * @param name name of the output array
 * @param source the weights file and the name within it
 * @param ends the nodes of the graph before which the layer ends; empty where none follows
 */
public record Head(String name, String source, PointwiseLayer layer, String ends) {
  public Head(String name, String source, PointwiseLayer layer) {
    this(name, source, layer, "");
  }
}
