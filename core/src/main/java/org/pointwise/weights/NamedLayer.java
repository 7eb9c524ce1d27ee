package org.pointwise.weights;

import org.pointwise.conv.PointwiseLayer;

/**
 * A layer as found in a file.
 *
 * @param name a short name for it: the tensor's, the node's or the file's
 * @param source the file and the name within it
 * @param note what was folded or recognised, for people; may be empty
 * @param ends the nodes before which the layer ends in a graph; empty where nothing follows
 */
public record NamedLayer(
    String name, PointwiseLayer layer, String source, String note, String ends) {
  NamedLayer(String name, PointwiseLayer layer, String source, String note) {
    this(name, layer, source, note, "");
  }

  /** The note and where the layer ends, for people; may be empty. */
  public String remark() {
    String end = ends.isEmpty() ? "" : "ends before " + ends;
    return note.isEmpty() || end.isEmpty() ? note + end : note + ", " + end;
  }
}
