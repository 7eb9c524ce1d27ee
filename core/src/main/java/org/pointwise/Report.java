package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.store.JsonText;

/** What a job did, as its report records it. Immutable. */
public abstract class Report {
  private final ObjectNode json;

  /**
   * @param json nobody changes it afterwards
   */
  Report(ObjectNode json) {
    this.json = json;
  }

  /** The whole report as JSON text; its keys stay what they are. */
  public String json() {
    return JsonText.text(json);
  }

  /** Seconds that planning and running took; NaN of a verification. */
  public double seconds() {
    return number("/seconds");
  }

  /** A whole number; 0 where there is none. */
  long count(String path) {
    return json.at(path).asLong();
  }

  /** A number; NaN where there is none. */
  double number(String path) {
    return json.at(path).asDouble(Double.NaN);
  }

  /** A text; empty where there is none. */
  String text(String path) {
    return json.at(path).asText("");
  }

  List<String> texts(String path) {
    List<String> texts = new ArrayList<>();
    json.at(path).forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }
}
