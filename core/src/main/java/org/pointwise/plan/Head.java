package org.pointwise.plan;

import org.pointwise.conv.PointwiseLayer;

/**
 * One layer of a run and the array it makes.
 *
 * @param name of the output array
 * @param source the weights' file and the name within it
 * @param ends the nodes before which the layer ends in its graph; empty where nothing follows
 */
public record Head(String name, String source, PointwiseLayer layer, String ends) {
  public Head(String name, String source, PointwiseLayer layer) {
    this(name, source, layer, "");
  }
}
