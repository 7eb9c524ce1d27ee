package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.pointwise.store.ByteStore;

/**
 * The metadata of an output before it is written. Never changed after construction. Writing it
 * again, or after an interruption, has the same result.
 *
 * @param written the metadata for the record of the output
 * @param removed keys of objects that must not exist beside the metadata
 * @param objects the objects by key, in the order of writing: readers that find the last object
 *     find all others
 */
public record PreparedMetadata(
    WrittenMetadata written, List<String> removed, Map<String, byte[]> objects) {
  /** The value for an output without metadata. */
  public static final PreparedMetadata NONE =
      new PreparedMetadata(WrittenMetadata.NONE, List.of(), Map.of());

  /** Writes the objects, after it removed what must not exist. */
  public void write(ByteStore store) throws IOException {
    for (String key : removed) {
      if (store.size(key) >= 0) {
        store.delete(key);
      }
    }
    for (Map.Entry<String, byte[]> object : objects.entrySet()) {
      store.put(object.getKey(), object.getValue());
    }
  }
}
