package org.pointwise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pointwise.format.StoredState;

/** The result of a verification. Immutable. */
public final class VerifyReport extends Report {
  private final List<String> problems = new ArrayList<>();

  VerifyReport(ObjectNode json) {
    super(json);
    for (JsonNode problem : json.path("problems")) {
      String key = problem.path("key").asText();
      String state = key.isEmpty() ? "" : problem.path("state").asText();
      List<String> parts =
          Stream.of(state, key, problem.path("detail").asText())
              .filter(part -> !part.isEmpty())
              .toList();
      problems.add(String.join(": ", parts));
    }
  }

  /** Returns whether no problem was found. */
  public boolean whole() {
    return text("/status").equals("whole");
  }

  /**
   * {@code whole}; {@code incomplete} where a run is to be continued and nothing is damaged; {@code
   * unproven} where no receipts prove objects that are there; else {@code damaged}.
   */
  public String status() {
    return text("/status");
  }

  /** Returns the command that made the output: {@code reduce} or {@code reconstruct}. */
  public String command() {
    return text("/command");
  }

  /** Returns the number of objects in a state. */
  public long objects(StoredState state) {
    return count("/" + state.json());
  }

  /** Returns the first hundred problems, one line each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Returns the number of objects that were deleted. */
  public long deleted() {
    return count("/deleted");
  }

  /** Returns the number of pixels that are nodata because their input could not be decoded. */
  public long badPixels() {
    return count("/badPixels");
  }

  /** Returns whether values were compared. */
  public boolean compared() {
    return tiles() > 0;
  }

  /**
   * Returns the reason why values, of all or of some images, were not compared; empty if all were
   * to be compared and could be.
   */
  public String notCompared() {
    return text("/notCompared");
  }

  /** Returns the number of input tiles, summed over the heads; 0 if nothing was compared. */
  public long tiles() {
    return count("/tiles");
  }

  /** Returns the number of tiles whose pixels were compared, summed over the heads. */
  public long comparedTiles() {
    return count("/comparedTiles");
  }

  /** Returns the number of compared pixels, summed over the heads. */
  public long comparedPixels() {
    return count("/comparedPixels");
  }

  /** Returns the number of compared values. */
  public long comparedValues() {
    return count("/comparedValues");
  }

  /** Returns the types in which the compared values are stored, such as {@code float16}. */
  public List<String> comparedTypes() {
    return texts("/comparedTypes");
  }

  /**
   * Returns the largest error, as a fraction of the error bound of float32 sums that are rounded to
   * the stored type.
   */
  public double worstErrorOfBound() {
    return number("/worstErrorOfBound");
  }
}
