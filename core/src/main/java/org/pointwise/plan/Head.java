package org.pointwise.plan;

import org.pointwise.conv.PointwiseLayer;

/**
 * One layer of a run and the output array that it makes.
 *
 * @param name name of the output array
 * @param source the weights file and the name within it
 * @param ends the nodes of the graph before which the layer ends; empty where none follows
 * @param decoderOf if the layer is a decoder, the SHA-256 of the layer whose outputs it decodes, or
 *     {@link #UNKNOWN}; else empty
 */
public record Head(
    String name, String source, PointwiseLayer layer, String ends, String decoderOf) {
  /** {@link #decoderOf} of a decoder whose file does not record its layer. */
  public static final String UNKNOWN = "unknown";

  public Head(String name, String source, PointwiseLayer layer) {
    this(name, source, layer, "", "");
  }
}
