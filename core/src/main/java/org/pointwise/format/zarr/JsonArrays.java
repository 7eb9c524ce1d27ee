package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;

/** Parses lists of numbers and names in metadata. */
final class JsonArrays {
  private JsonArrays() {}

  static long[] longs(JsonNode node, String field, String where) {
    if (!node.isArray()) {
      throw new InvalidInputException(
          "Cannot read %s: %s is %s but must be a list of integers"
              .formatted(where, field, node.isMissingNode() ? "missing" : node));
    }
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) {
      if (!node.get(i).isIntegralNumber() || !node.get(i).canConvertToLong()) {
        throw new InvalidInputException(
            "Cannot read %s: %s is %s but must be a list of integers of at most 64 bits"
                .formatted(where, field, node));
      }
      values[i] = node.get(i).asLong();
    }
    return values;
  }

  static boolean isInteger(JsonNode node, int value) {
    return node.isInt() && node.asInt() == value;
  }

  static int[] ints(JsonNode node, String what, String where) {
    long[] values = longs(node, what, where);
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      if (values[i] != (int) values[i]) {
        throw new InvalidInputException(
            "Cannot read %s: %s is %s, beyond 32 bits".formatted(where, what, node));
      }
      ints[i] = (int) values[i];
    }
    return ints;
  }

  /**
   * Returns the dimension names, one per dimension; null if they are absent, incomplete or of
   * another rank.
   */
  static @Nullable List<String> names(JsonNode node, int rank) {
    if (!node.isArray() || node.size() != rank) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (JsonNode name : node) {
      if (!name.isTextual()) {
        return null;
      }
      names.add(name.asText());
    }
    return names;
  }
}
