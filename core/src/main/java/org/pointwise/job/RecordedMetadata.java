package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.RecordedOutput;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.store.OverlaidStore;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.MetadataRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;

/**
 * The metadata of an output of arrays as the last run wrote it. With other metadata, readers decode
 * intact objects wrongly. Therefore {@code verify} compares the stored metadata with the record,
 * and {@code reduce} uses the record and writes it again.
 */
final class RecordedMetadata {
  private final String output;
  private final ByteStores stores;
  private final RunFolder folder;

  RecordedMetadata(String output, ByteStores stores) {
    this.output = output;
    this.stores = stores;
    this.folder = RunFolder.of(output, stores);
  }

  /** Records the metadata that was written. */
  static void record(ReducePlan plan, WrittenMetadata written, ByteStores stores)
      throws IOException {
    RunFolder.of(plan.destination(), stores)
        .writeMetadata(
            new MetadataRecord(PlanRecord.fingerprint(plan), PlanRecord.lineage(plan), written));
  }

  /** Returns the record in the group's own metadata; null if that is gone or damaged. */
  private @Nullable OutputRecord own() throws IOException {
    try {
      RecordedOutput inside = OutputFormats.recorded(stores.open(output));
      return inside == null || inside.record() == null ? null : new OutputRecord(inside.record());
    } catch (InvalidInputException e) {
      return null; // damaged
    }
  }

  /**
   * Returns the recorded metadata of the existing output; null if there is no output or no record.
   * A record is missing if an earlier version made the output, or if a run was stopped after it
   * wrote the metadata and before it wrote the record.
   *
   * @throws org.pointwise.errors.CorruptDataException if the record is damaged
   */
  private @Nullable MetadataRecord read(@Nullable OutputRecord own) throws IOException {
    MetadataRecord recorded = folder.metadata();
    if (recorded == null || stores.open(output).list("").isEmpty()) {
      return null;
    }
    if (own != null) {
      return recorded.fingerprint().equals(own.fingerprint()) ? recorded : null;
    }
    PlanRecord plan = folder.plan();
    return plan != null && plan.lineage().equals(recorded.lineage()) ? recorded : null;
  }

  /**
   * Returns the problems of the output's metadata, one sentence each, with the remedy.
   *
   * @param manifest of the output
   */
  List<String> problems(OutputManifest manifest) throws IOException {
    OutputRecord own = own();
    MetadataRecord recorded;
    try {
      recorded = read(own);
    } catch (InvalidInputException e) {
      return List.of(e.getMessage() + "; run reduce again");
    }
    if (recorded == null) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    for (HeadRecord head : manifest.heads()) {
      if (recorded.written().documents().keySet().stream().noneMatch(of(head))) {
        found.add("what was recorded of the metadata of %s is gone".formatted(head.name()));
      }
    }
    found.addAll(manifest.format().differences(stores.open(output), recorded.written()));
    if (own == null && found.isEmpty()) {
      found.add("the attributes of the group no longer record what the output is");
    }
    found.replaceAll(problem -> problem + "; run reduce again");
    return found;
  }

  /**
   * Returns whether there is a record, possibly damaged, from which {@link #problems} can find
   * problems.
   */
  boolean isKnown() throws IOException {
    try {
      return read(own()) != null;
    } catch (InvalidInputException e) {
      return true;
    }
  }

  /**
   * Returns the same stores with the recorded metadata in place of the output's own: of its arrays,
   * and of their group if the group has no record. For reading only.
   */
  ByteStores view() throws IOException {
    Map<String, byte[]> documents = new HashMap<>();
    replaced().forEach((key, document) -> documents.put(key, JsonText.bytes(document)));
    if (documents.isEmpty()) {
      return stores;
    }
    return new View(output, stores, documents);
  }

  private record View(String output, ByteStores stores, Map<String, byte[]> documents)
      implements ByteStores {
    @Override
    public ByteStore open(String uri) {
      ByteStore store = stores.open(uri);
      if (!uri.equals(output) && !uri.startsWith(output + "/")) {
        return store;
      }
      String within = uri.equals(output) ? "" : uri.substring(output.length() + 1) + "/";
      Map<String, byte[]> below = new HashMap<>();
      documents.forEach(
          (key, document) -> {
            if (key.startsWith(within)) {
              below.put(key.substring(within.length()), document);
            }
          });
      return new OverlaidStore(store, below);
    }

    @Override
    public void release() {
      stores.release();
    }

    @Override
    public String canonical(String uri) {
      return stores.canonical(uri);
    }
  }

  /** Writes the recorded metadata again if the stored metadata differs. */
  void restore() throws IOException {
    Map<String, ObjectNode> documents = replaced();
    if (!documents.isEmpty() && !problems(OutputManifest.read(output, stores)).isEmpty()) {
      ByteStore store = stores.open(output);
      for (Map.Entry<String, ObjectNode> document : documents.entrySet()) {
        store.put(document.getKey(), JsonText.bytes(document.getValue()));
      }
    }
  }

  private Map<String, ObjectNode> replaced() throws IOException {
    Map<String, ObjectNode> documents = new HashMap<>();
    OutputRecord own = own();
    MetadataRecord recorded;
    try {
      recorded = read(own);
    } catch (InvalidInputException e) {
      return documents; // the run writes the metadata anew
    }
    if (recorded != null) {
      PlanRecord plan = folder.plan();
      List<HeadRecord> heads = own != null ? own.heads() : plan == null ? List.of() : plan.heads();
      Predicate<String> isOurs = key -> heads.stream().anyMatch(head -> of(head).test(key));
      recorded
          .written()
          .documents()
          .forEach(
              (key, document) -> {
                if (key.contains("/") ? isOurs.test(key) : own == null) {
                  documents.put(key, document);
                }
              });
    }
    return documents;
  }

  /** Returns a test whether a document belongs to a head's array. */
  private static Predicate<String> of(HeadRecord head) {
    return key -> key.startsWith(head.name() + "/");
  }
}
