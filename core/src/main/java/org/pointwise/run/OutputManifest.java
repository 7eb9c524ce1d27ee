package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.RecordedOutput;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;

/**
 * What is recorded of an output: in its own metadata where its format has any, else in the plan of
 * its run folder. As it was when it was read.
 */
public final class OutputManifest {
  private final @Nullable RecordedOutput inside;
  private final @Nullable ObjectNode plan;

  private OutputManifest(@Nullable RecordedOutput inside, @Nullable ObjectNode plan) {
    this.inside = inside;
    this.plan = plan;
  }

  static OutputManifest read(String output, ByteStores stores) throws IOException {
    RecordedOutput inside = OutputFormats.recorded(stores.open(output));
    return new OutputManifest(inside, RunFolder.of(output, stores).plan());
  }

  /** Names of an output's arrays, in the order of its heads. */
  public static List<String> headNames(String output, ByteStores stores) throws IOException {
    return read(output, stores).headNames();
  }

  /** What its own metadata says; null where it has none. */
  @Nullable RecordedOutput inside() {
    return inside;
  }

  /** What its own metadata records; null where it has none, or is not ours. */
  @Nullable ObjectNode ours() {
    return inside == null ? null : inside.record();
  }

  /** The plan in its run folder; null where there is none. */
  @Nullable ObjectNode plan() {
    return plan;
  }

  /** Whether its own metadata, if it has any, says that all objects are stored. */
  boolean saysComplete() {
    return inside == null || record().path("status").asText().equals(RunFolder.COMPLETE);
  }

  /** What records it; empty where nothing does. */
  JsonNode record() {
    JsonNode found = inside == null ? plan : inside.record();
    return Objects.requireNonNullElseGet(found, JsonText::object);
  }

  /** Names of its arrays, in the order of its heads. */
  List<String> headNames() {
    List<String> names = new ArrayList<>();
    record().path("heads").forEach(head -> names.add(head.path("name").asText()));
    return names;
  }

  /** Name of its format. */
  String format() {
    return inside == null ? record().path("outputFormat").asText() : inside.format().name();
  }

  /** Order of its axes. */
  Axes axes() {
    return Axes.parse(record().path(inside == null ? "outputAxes" : "axes").asText());
  }
}
