package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * The metadata of an output of arrays as it was written. Not changed once it is made.
 *
 * @param documents of its arrays and their group, by key; without copies of one in another
 * @param objects SHA-256 of each object of a coordinate, by key
 */
public record WrittenMetadata(Map<String, ObjectNode> documents, Map<String, String> objects) {
  /** Of an output that has none. */
  public static final WrittenMetadata NONE = new WrittenMetadata(Map.of(), Map.of());
}
