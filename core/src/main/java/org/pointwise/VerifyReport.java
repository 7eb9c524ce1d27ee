package org.pointwise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pointwise.format.StoredState;

/** What a verification found. */
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

  /** Whether nothing is wrong. */
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

  /** Objects of one state. */
  public long objects(StoredState state) {
    return count("/" + state.json());
  }

  /** The first hundred of what is wrong, a line each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Objects that were deleted. */
  public long deleted() {
    return count("/deleted");
  }

  /** Pixels that are no data since their input could not be decoded. */
  public long badPixels() {
    return count("/badPixels");
  }

  /** Whether numbers were compared. */
  public boolean compared() {
    return tiles() > 0;
  }

  /** Tiles of all heads' input; 0 where nothing was compared. */
  public long tiles() {
    return count("/tiles");
  }

  /** Tiles whose pixels were compared. */
  public long comparedTiles() {
    return count("/comparedTiles");
  }

  public long comparedPixels() {
    return count("/comparedPixels");
  }

  public long comparedValues() {
    return count("/comparedValues");
  }

  /** The largest error, as a part of what float32 arithmetic may err. */
  public double worstErrorOfBound() {
    return number("/worstErrorOfBound");
  }
}
