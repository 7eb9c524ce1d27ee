package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.store.JsonText;

/** The result of a job. Immutable. */
public abstract class Report {
  private final ObjectNode json;

  /**
   * @param json must not be changed afterwards
   */
  Report(ObjectNode json) {
    this.json = json;
  }

  /** Returns the complete report as JSON text. Its keys are stable. */
  public String json() {
    return JsonText.text(json);
  }

  /**
   * Returns the seconds that the job took, including planning; for an evaluation, without planning
   * and drawing; NaN for a verification.
   */
  public double seconds() {
    return number("/seconds");
  }

  /** Returns an integer; 0 if it is absent. */
  long count(String path) {
    return json.at(path).asLong();
  }

  /** Returns a number; NaN if it is absent. */
  double number(String path) {
    return json.at(path).asDouble(Double.NaN);
  }

  /** Returns a text; empty if it is absent. */
  String text(String path) {
    return json.at(path).asText("");
  }

  /** Returns an integer of each element of a list. */
  List<Integer> integers(String list, String path) {
    List<Integer> integers = new ArrayList<>();
    json.at(list).forEach(element -> integers.add(element.at(path).asInt()));
    return List.copyOf(integers);
  }

  List<String> texts(String path) {
    List<String> texts = new ArrayList<>();
    json.at(path).forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }
}
