package org.pointwise.weights;

import org.pointwise.conv.PointwiseLayer;

/**
 * A layer that was read from a file.
 *
 * @param name a short name: that of the tensor, the node or the file
 * @param source the file and the name within it
 * @param note remarks for the user, such as what was folded or recognised; may be empty
 * @param ends the nodes of a graph before which the layer ends; empty where no node follows
 */
public record NamedLayer(
    String name, PointwiseLayer layer, String source, String note, String ends) {
  NamedLayer(String name, PointwiseLayer layer, String source, String note) {
    this(name, layer, source, note, "");
  }

  /** Returns the note and where the layer ends, for the user; may be empty. */
  public String remark() {
    String end = ends.isEmpty() ? "" : "ends before " + ends;
    return note.isEmpty() || end.isEmpty() ? note + end : note + ", " + end;
  }
}
