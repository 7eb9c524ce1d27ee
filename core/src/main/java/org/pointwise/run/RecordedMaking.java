package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;

/** What an output is recorded to have been made with. */
record RecordedMaking(String output, ByteStores stores) {
  /** Layers, normalised as the output's heads are recorded to be. */
  List<PointwiseLayer> asRecorded(List<PointwiseLayer> layers) throws IOException {
    JsonNode heads = described().path("heads");
    List<PointwiseLayer> made = new ArrayList<>();
    for (PointwiseLayer layer : layers) {
      String text = heads.path(made.size()).path(RunFolder.NORMALISE).asText();
      made.add(
          text.isEmpty()
              ? layer
              : layer.withNormalisation(Normalisation.valueOf(text.toUpperCase(Locale.ROOT))));
    }
    return made;
  }

  /**
   * Refuses other layers than those of the heads, in their order, and another scaling.
   *
   * @param read how the input is read now
   */
  void require(List<PointwiseLayer> layers, Scaling read) throws IOException {
    JsonNode heads = described().path("heads");
    requireScaling(read);
    for (int i = 0; i < layers.size(); i++) {
      requireRecorded(heads.path(i), layers.get(i));
    }
  }

  /** Numbers that mean something else would all be found wrong. */
  private void requireScaling(Scaling read) throws IOException {
    ObjectNode plan = RunFolder.of(output, stores).plan();
    for (JsonNode fact : plan == null ? JsonText.object() : plan.path("seriesFacts")) {
      String made = fact.asText();
      if (made.startsWith("dequantisation ") && !made.contains("[" + read + ",")) {
        throw new InvalidInputException(
            "Cannot verify %s: it was made with %s but the input is read with %s; give the --scale and --offset that it was made with"
                .formatted(output, made.replaceAll(".*\\[(scale=.*), nodata=.*", "$1"), read));
      }
    }
  }

  private void requireRecorded(JsonNode head, PointwiseLayer layer) {
    String then = head.path("weightsSha256").asText();
    if (!then.isEmpty() && !then.equals(layer.sha256())) {
      throw new InvalidInputException(
          "Cannot verify %s: its array %s was made by another layer than is given (%d → %d %s of %s, SHA-256 %.12s; given is %d → %d %s, %.12s); give the --weights, --bias and --activation that it was made with"
              .formatted(
                  output,
                  head.path("name").asText(),
                  head.path("inChannels").asInt(),
                  head.path("outChannels").asInt(),
                  head.path("activation").asText(),
                  head.path("weights").asText(),
                  then,
                  layer.inChannels(),
                  layer.outChannels(),
                  layer.activation(),
                  layer.sha256()));
    }
  }

  private ObjectNode described() throws IOException {
    OutputManifest manifest = OutputManifest.read(output, stores);
    ObjectNode ours = manifest.ours() != null ? manifest.ours() : manifest.plan();
    return Objects.requireNonNullElse(ours, JsonText.object());
  }
}
