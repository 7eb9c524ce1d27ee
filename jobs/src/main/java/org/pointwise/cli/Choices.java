package org.pointwise.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.TypeConversionException;

/** The values that an option allows, and the word nearest to a misspelt one. */
final class Choices {
  /** Words less similar than this are not suggested. */
  private static final double MIN_SIMILARITY = 0.8;

  private Choices() {}

  /** Returns the values that an option allows; empty if they cannot be listed. */
  static List<String> of(ArgSpec argument) {
    List<String> values = new ArrayList<>();
    Iterable<String> candidates = argument.completionCandidates();
    if (candidates != null) {
      boolean constants = argument.typeInfo().isEnum(); // accepted in any case
      candidates.forEach(value -> values.add(constants ? value.toLowerCase(Locale.ROOT) : value));
    }
    return values;
  }

  /** A value is not one of those that an option allows. */
  static final class NotAllowed extends TypeConversionException {
    private static final long serialVersionUID = 1;

    NotAllowed(String value, Collection<String> allowed) {
      super(
          "'%s' is not %s%s"
              .formatted(value, allowed.size() == 1 ? "" : "one of ", String.join(", ", allowed)));
    }
  }

  /**
   * Returns the word that is most similar to another by the Jaro-Winkler similarity, in any case
   * and without leading hyphens; null if none is similar, or if several are equally similar.
   */
  static @Nullable String nearest(String value, Collection<String> words) {
    JaroWinklerSimilarity measure = new JaroWinklerSimilarity();
    String normalised = normalise(value);
    String nearest = null;
    double maxSimilarity = MIN_SIMILARITY;
    for (String word : words) {
      double similarity = measure.apply(normalised, normalise(word));
      if (similarity > maxSimilarity) {
        maxSimilarity = similarity;
        nearest = word;
      } else if (similarity == maxSimilarity) {
        nearest = null;
      }
    }
    return nearest;
  }

  private static String normalise(String word) {
    return word.toLowerCase(Locale.ROOT).replaceFirst("^-+", "");
  }
}
