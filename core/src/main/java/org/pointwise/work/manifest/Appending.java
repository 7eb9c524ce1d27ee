package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.pointwise.store.JsonText;

/**
 * The record of an append that has begun.
 *
 * @param images number of images that the output will hold
 * @param lengths as {@link org.pointwise.plan.AppendLayout#lengths}, including {@code images}
 */
public record Appending(long images, List<Long> lengths) {
  /** The value where no append has begun. */
  static final Appending NONE = new Appending(0, List.of());

  static Appending of(JsonNode json) {
    return json.isMissingNode()
        ? NONE
        : new Appending(json.path(Keys.IMAGES).asLong(0), lengths(json));
  }

  /** Returns the same append without numbers of images that are negative or larger than a limit. */
  Appending limitedTo(long max) {
    return new Appending(
        Math.max(0, Math.min(max, images)),
        lengths.stream().filter(length -> length >= 0 && length <= max).toList());
  }

  ObjectNode json() {
    ObjectNode json = JsonText.object().put(Keys.IMAGES, images);
    putLengths(json, lengths);
    return json;
  }

  /** The lengths of a record; empty where it has none. */
  static List<Long> lengths(JsonNode record) {
    List<Long> lengths = new ArrayList<>();
    record.path(Keys.LENGTHS).forEach(length -> lengths.add(length.asLong()));
    return lengths;
  }

  static void putLengths(ObjectNode record, Collection<Long> lengths) {
    lengths.forEach(record.putArray(Keys.LENGTHS)::add);
  }
}
