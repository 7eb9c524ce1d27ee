package org.pointwise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Companions;
import org.pointwise.format.Subset;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;

/** Describes learned layers in reports and dry runs. */
final class FitDescription {
  private FitDescription() {}

  /**
   * Writes the layer, the channels that it selects, and warnings.
   *
   * @param input the input; null for moments files
   * @param companions those of the input
   */
  static void put(
      ObjectNode report, LearnedLayer learned, @Nullable ArrayInfo input, Companions companions) {
    ObjectNode layer = report.putObject("layer");
    learned.metadata().forEach(layer::put);
    layer.put("activation", learned.layer().activation().toString());
    layer.put("sha256", learned.layer().sha256());
    if (input != null && !input.describeSubset().isEmpty()) {
      report.put("part", input.describeSubset());
    }
    ArrayNode selected = SelectedBands.list(learned.layer(), companions);
    if (selected != null) {
      Subset subset = input == null ? null : input.subset();
      for (JsonNode channel : selected) {
        int index = channel.path("channel").asInt(); // among those that were read
        ((ObjectNode) channel)
            .put("inputChannel", subset == null ? index : subset.channels().get(index));
      }
      report.set(SelectedBands.NAME, selected);
    }
    learned.warnings().forEach(report.putArray("warnings")::add);
  }

  /**
   * Writes the files and how many pixels they were computed from.
   *
   * @param saved the file of the moments; null if it was not written
   */
  static void putFiles(
      ObjectNode report, FeatureMoments moments, List<String> written, @Nullable String saved) {
    written.forEach(report.putArray("files")::add);
    if (saved != null) {
      report.put("moments", saved);
    }
    report.put("maskedPixels", moments.masked()).put("nonFinitePixels", moments.nonFinitePixels());
  }
}
