package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsWriter;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;

/**
 * The layers of an output's heads, kept in its run folder as safetensors: an output can be verified
 * without the files that its layers came from.
 */
public final class RecordedLayers {
  private RecordedLayers() {}

  /** Stores the layers of a plan. */
  static void write(ReducePlan plan, RunFolder folder) throws IOException {
    for (Head head : plan.spec().heads()) {
      folder.store().put(key(head.name()), WeightsWriter.safetensors(head.layer()));
    }
  }

  /** Stores the layers of a plan that are not stored. */
  static void restore(ReducePlan plan, RunFolder folder) throws IOException {
    for (Head head : plan.spec().heads()) {
      if (folder.store().size(key(head.name())) < 0) {
        folder.store().put(key(head.name()), WeightsWriter.safetensors(head.layer()));
      }
    }
  }

  private static String key(String head) {
    return "%s/%s.safetensors".formatted(RunFolder.LAYERS, head);
  }

  /**
   * Reads the layers of an output, in the order of its heads.
   *
   * @throws InvalidInputException where they are not recorded, or are not those that made it
   */
  public static List<PointwiseLayer> read(String output, ByteStores stores) throws IOException {
    List<PointwiseLayer> layers = new ArrayList<>();
    for (HeadRecord head : OutputManifest.read(output, stores).heads()) {
      WeightsRef file =
          new WeightsRef(RunFolder.uri(output) + "/" + key(head.name()), null, null, null, null);
      PointwiseLayer layer = head.normalised(Weights.read(stores, file, 0).layer());
      if (!layer.sha256().equals(head.weightsSha256())) {
        throw new InvalidInputException(
            "Cannot use %s: it is not the layer that made the array %s"
                .formatted(file, head.name()));
      }
      layers.add(layer);
    }
    return layers;
  }
}
