package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * The metadata of an output of arrays as it was written. Never changed after construction.
 *
 * @param documents the metadata documents of the arrays and their group, by key; without copies of
 *     one document in another
 * @param objects the SHA-256 of each object of a coordinate, by key
 */
public record WrittenMetadata(Map<String, ObjectNode> documents, Map<String, String> objects) {
  /** The value for an output without metadata. */
  public static final WrittenMetadata NONE = new WrittenMetadata(Map.of(), Map.of());
}
