package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Attributes of the CF conventions 1.11 that name other arrays of the same group. The value of an
 * attribute is a list of names, or of keys with a colon and names.
 */
public final class References {
  /** The attribute that lists coordinates that are no dimensions. */
  public static final String COORDINATES = "coordinates";

  private static final List<String> ATTRIBUTES =
      List.of(
          COORDINATES,
          "grid_mapping",
          "bounds",
          "climatology",
          "ancillary_variables",
          "cell_measures",
          "formula_terms",
          "geometry");

  private References() {}

  private static boolean isName(String text) {
    return text.matches("[\\w.@+-]+");
  }

  /** Returns the names of all arrays to which attributes refer. */
  public static Set<String> names(ObjectNode attributes) {
    Set<String> names = new LinkedHashSet<>();
    for (String attribute : ATTRIBUTES) {
      names.addAll(names(attributes, attribute));
    }
    return names;
  }

  /** Returns the names of the arrays to which one attribute refers. */
  public static List<String> names(ObjectNode attributes, String attribute) {
    return Arrays.stream(attributes.path(attribute).asText("").split("\\s+"))
        .filter(name -> !name.isEmpty() && !name.endsWith(":"))
        .toList();
  }

  /**
   * Returns the attributes without references to other arrays than those of a group. {@code
   * coordinates} keeps the others of its names; the other attributes are removed as a whole.
   */
  static ObjectNode withoutOthers(ObjectNode attributes, Set<String> group) {
    ObjectNode kept = attributes.deepCopy();
    for (String attribute : ATTRIBUTES) {
      List<String> names = names(kept, attribute);
      boolean named =
          kept.path(attribute).isTextual() && names.stream().allMatch(References::isName);
      if (!named || (!names.isEmpty() && group.containsAll(names))) {
        continue; // no references, for example the corners of a box, or all are there
      }
      String remaining = names.stream().filter(group::contains).collect(Collectors.joining(" "));
      if (attribute.equals(COORDINATES) && !remaining.isEmpty()) {
        kept.put(attribute, remaining);
      } else {
        kept.remove(attribute);
      }
    }
    return kept;
  }
}
