package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.StoredArray;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.ArrayDescriptions;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.Status;

/**
 * The metadata by which readers decode the arrays of a complete output: recorded in its run folder
 * when it is completed, since whole objects are read wrongly by other metadata.
 */
final class RecordedMetadata {
  private RecordedMetadata() {}

  /** Records what the arrays of an output say of themselves. */
  static void record(ReducePlan plan, ByteStores stores) throws IOException {
    ByteStore output = stores.open(plan.destination());
    Map<String, Map<String, String>> byName = new LinkedHashMap<>();
    for (Head head : plan.spec().heads()) {
      StoredArray array = plan.spec().format().array(output, head.name(), plan.output().axes());
      byName.put(head.name(), Objects.requireNonNull(array).describe());
    }
    RunFolder.of(plan.destination(), stores).writeArrays(new ArrayDescriptions(byName));
  }

  /** What is wrong with the arrays' metadata, a sentence each; nothing of an incomplete output. */
  static List<String> problems(String output, OutputManifest manifest, ByteStores stores)
      throws IOException {
    OutputRecord ours = manifest.ours();
    RunFolder folder = RunFolder.of(output, stores);
    ArrayDescriptions recorded = folder.arrays();
    if (ours == null
        || recorded == null
        || ours.status() != Status.COMPLETE
        || !folder.succeeded()) {
      return List.of();
    }
    List<String> problems = new ArrayList<>();
    ByteStore store = stores.open(output);
    for (String name : recorded.byName().keySet()) {
      try {
        StoredArray array = manifest.format().array(store, name, ours.axes());
        List<String> differences =
            array == null ? List.of() : recorded.differences(name, array.describe());
        if (!differences.isEmpty()) {
          problems.add(
              "the metadata of %s says otherwise than when it was completed: %s; run reduce again"
                  .formatted(name, String.join("; ", differences)));
        }
      } catch (InvalidInputException e) {
        problems.add("the metadata of %s: %s; run reduce again".formatted(name, e.getMessage()));
      }
    }
    return problems;
  }
}
