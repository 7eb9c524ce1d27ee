package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStores;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;

/** The layers and the scaling that an output was made with, as recorded. */
record RecordedProvenance(String output, ByteStores stores) {
  private static final int MAX_SHOWN = 200;

  /** Returns the layers with the normalisations recorded for the output's heads. */
  List<PointwiseLayer> withRecordedNormalisations(List<PointwiseLayer> layers) throws IOException {
    List<HeadRecord> heads = OutputManifest.read(output, stores).heads();
    List<PointwiseLayer> result = new ArrayList<>();
    for (PointwiseLayer layer : layers) {
      result.add(result.size() < heads.size() ? heads.get(result.size()).normalised(layer) : layer);
    }
    return result;
  }

  /**
   * Checks that the layers are those of the heads, in their order, and that the scaling is the
   * recorded one.
   *
   * @param read the scaling with which the input is read now
   * @throws InvalidInputException if one of them is not
   */
  void require(List<PointwiseLayer> layers, Scaling read) throws IOException {
    List<HeadRecord> heads = OutputManifest.read(output, stores).heads();
    requireScaling(read);
    for (int i = 0; i < Math.min(heads.size(), layers.size()); i++) {
      requireRecorded(heads.get(i), layers.get(i));
    }
  }

  /** Checks the scaling. With another scaling, all numbers would be reported as wrong. */
  private void requireScaling(Scaling read) throws IOException {
    OutputManifest manifest = OutputManifest.read(output, stores);
    PlanRecord plan = manifest.plan();
    OutputRecord record = manifest.outputRecord();
    String result =
        plan != null ? plan.otherScaling(read) : record == null ? null : record.otherScaling(read);
    if (result != null) {
      throw new InvalidInputException(
          "Cannot verify %s: it was made with %s; give the --scale and --offset that it was made with"
              .formatted(output, brief(result)));
    }
  }

  /** Shortens a text, which may list one scale per channel. */
  private static String brief(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + " …";
  }

  private void requireRecorded(HeadRecord head, PointwiseLayer layer) {
    String recorded = head.weightsSha256();
    if (!recorded.isEmpty() && !recorded.equals(layer.sha256())) {
      throw new InvalidInputException(
          "Cannot verify %s: its array %s was made by another layer than is given (%d → %d %s of %s, SHA-256 %.12s; given is %d → %d %s, %.12s); give the --weights, --bias and --activation that it was made with"
              .formatted(
                  output,
                  head.name(),
                  head.inChannels(),
                  head.outChannels(),
                  head.activation(),
                  head.weights(),
                  recorded,
                  layer.inChannels(),
                  layer.outChannels(),
                  layer.activation(),
                  layer.sha256()));
    }
  }
}
