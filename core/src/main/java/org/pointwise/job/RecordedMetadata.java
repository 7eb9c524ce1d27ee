package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.RecordedOutput;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.store.OverlaidStore;
import org.pointwise.store.OverlaidStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.MetadataRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;

/**
 * The metadata of an output of arrays as the last run recorded it. With other metadata, readers
 * decode intact objects wrongly. Therefore {@code verify} compares the stored metadata with the
 * record, and {@code reduce} uses the record and writes it again.
 *
 * <p>A run writes the record before the metadata. Stored metadata that differs is therefore either
 * damaged or of an earlier run, and to write the recorded metadata is right in both cases. The
 * exceptions are the status of the output and the append in progress, which runs change in the
 * group's own metadata alone.
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

  /**
   * Returns the record of the existing output; null if there is no output or no record of it. A
   * record is missing if an earlier version made the output.
   *
   * @throws InvalidInputException if the record is damaged
   */
  private @Nullable FoundMetadata find() throws IOException {
    MetadataRecord recorded = folder.metadata();
    ByteStore store = stores.open(output);
    if (recorded == null
        || store.list("").isEmpty()
        || new Replacement(output, stores).exchanging()) {
      return null;
    }
    FoundMetadata found;
    try {
      found = read(recorded, store);
    } catch (InvalidInputException e) {
      throw MetadataRecord.damaged(ByteStore.join(folder.store().uri(), RunFolder.METADATA), e);
    }
    return isOfOutput(found) ? found : null;
  }

  private FoundMetadata read(MetadataRecord recorded, ByteStore store) throws IOException {
    OutputFormat format = OutputFormats.named(recorded.format());
    format.requireReadable(recorded.written());
    RecordedOutput content =
        format.recorded(new OverlaidStore(store, bytes(recorded.written()), Set.of()));
    ObjectNode recordJson = content == null ? null : content.record();
    if (content == null || recordJson == null) {
      throw new CorruptDataException("it lacks the record of the output");
    }
    return new FoundMetadata(recorded, content, new OutputRecord(recordJson), storedRecord(format));
  }

  /**
   * Returns what lies directly under the output although no run stored it, such as an array that
   * somebody added; empty if nothing records what a run stored.
   */
  List<String> added() throws IOException {
    FoundMetadata found = findIntact();
    if (found == null) {
      return List.of();
    }
    Set<String> stored = new HashSet<>();
    found.documents().keySet().forEach(key -> stored.add(key.split("/", 2)[0]));
    found.record().written().objects().keySet().forEach(key -> stored.add(key.split("/", 2)[0]));
    // Metadata documents that a client added, such as consolidated metadata, are no data.
    return stores.open(output).list("").stream()
        .filter(name -> !stored.contains(name) && !name.startsWith(".z"))
        .filter(name -> !name.equals("zarr.json"))
        .toList();
  }

  /** As {@link #find}; null if the record is damaged: the run writes the metadata anew. */
  private @Nullable FoundMetadata findIntact() throws IOException {
    try {
      return find();
    } catch (InvalidInputException e) {
      return null;
    }
  }

  private static Map<String, byte[]> bytes(WrittenMetadata written) {
    Map<String, byte[]> documents = new HashMap<>();
    written.documents().forEach((key, document) -> documents.put(key, JsonText.bytes(document)));
    return documents;
  }

  /** Returns the record in the output's own metadata; null if that is gone or damaged. */
  private @Nullable OutputRecord storedRecord(OutputFormat format) throws IOException {
    try {
      RecordedOutput content = format.recorded(stores.open(output));
      return content == null || content.record() == null
          ? null
          : new OutputRecord(content.record());
    } catch (InvalidInputException e) {
      return null; // damaged
    }
  }

  /** Returns whether the record describes the output that exists. */
  private boolean isOfOutput(FoundMetadata found) throws IOException {
    OutputRecord own = found.stored();
    if (own != null) {
      return found.record().lineage().equals(own.lineage())
          || found.record().fingerprint().equals(own.fingerprint());
    }
    PlanRecord plan = folder.plan();
    return plan != null
        && plan.lineage().equals(found.record().lineage())
        && !isForeign(found.recorded().heads());
  }

  /**
   * Returns whether valid metadata that no run of this project wrote is in the place of an output
   * that the run folder records.
   */
  boolean isForeign() throws IOException {
    PlanRecord plan = folder.plan();
    return plan != null && isForeign(plan.heads());
  }

  private boolean isForeign(List<HeadRecord> heads) throws IOException {
    ByteStore store = stores.open(output);
    boolean other = false;
    for (OutputFormat format : OutputFormats.all()) {
      if (storedRecord(format) != null) {
        return false;
      }
      other |= format.holdsOther(store);
    }
    for (HeadRecord head : other ? heads : List.<HeadRecord>of()) {
      for (OutputFormat format : OutputFormats.all()) {
        if (head.json().equals(format.arrayRecord(store, head.name()))) {
          return false;
        }
      }
    }
    return other;
  }

  /** Returns the exception for an output whose place is taken by {@link #isForeign} metadata. */
  InvalidInputException foreign() {
    return new InvalidInputException(
        "Cannot write to %s: it is a group or an array that no run made, in the place of the output that %s records; choose another output, or use --overwrite to replace it"
            .formatted(output, folder.store().uri()));
  }

  /**
   * Returns the content of the output's metadata: as recorded, with the present status and the
   * append in progress; without a record, as its own metadata has it; null if it has none.
   */
  @Nullable RecordedOutput content() throws IOException {
    FoundMetadata found = findIntact();
    if (found == null) {
      return OutputFormats.recorded(stores.open(output));
    }
    OutputRecord own = found.trusted();
    OutputRecord present = own == null ? found.recorded() : found.recorded().inStateOf(own);
    return new RecordedOutput(found.format(), present.json(), found.content().imageNames());
  }

  /**
   * Returns the problems of the output's metadata, one sentence each, with the remedy. Empty if
   * nothing is recorded.
   */
  List<String> problems() throws IOException {
    List<String> problems = new ArrayList<>();
    String command = "the same command";
    try {
      FoundMetadata found = find();
      if (found != null) {
        command = HeadRecord.command(found.recorded().heads());
        problems.addAll(found.problems(stores.open(output)));
      }
    } catch (InvalidInputException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    String remedy = "; run %s again".formatted(command);
    problems.replaceAll(problem -> problem + remedy);
    return problems;
  }

  /**
   * Returns whether there is a record, possibly damaged, from which {@link #problems} can find
   * problems.
   */
  boolean isKnown() throws IOException {
    try {
      return find() != null;
    } catch (InvalidInputException e) {
      return true;
    }
  }

  /** As {@link FoundMetadata#damagedObject}. */
  @Nullable String damagedObject() throws IOException {
    FoundMetadata found = findIntact();
    return found == null ? null : found.damagedObject(stores.open(output), folder.store());
  }

  /**
   * Returns the same stores with the recorded metadata in place of the output's own, and without
   * documents that readers may use instead. For reading only.
   */
  ByteStores view() throws IOException {
    FoundMetadata found = findIntact();
    if (found == null) {
      return stores;
    }
    Map<String, byte[]> contents = bytes(found.record().written());
    contents.putAll(found.missingObjects(stores.open(output), folder.store()));
    return new OverlaidStores(
        output, stores, contents, found.format().otherDocuments(found.record().written()));
  }

  /**
   * Writes the recorded metadata again if the stored metadata differs, and removes documents that
   * readers may use instead. The group keeps its own document if the record in it is intact.
   *
   * <p>Another run of the same plan may record and write other metadata at the same time. The
   * record is therefore read again before each document is written.
   */
  void restore() throws IOException {
    FoundMetadata found = findIntact();
    while (found != null && !found.problems(stores.open(output)).isEmpty() && !restore(found)) {
      found = findIntact();
    }
  }

  /** Returns false if the record has changed meanwhile. */
  private boolean restore(FoundMetadata found) throws IOException {
    ByteStore store = stores.open(output);
    for (String key : found.format().otherDocuments(found.record().written())) {
      if (store.size(key) >= 0) {
        store.delete(key);
      }
    }
    for (Map.Entry<String, byte[]> object :
        found.missingObjects(store, folder.store()).entrySet()) {
      if (!isCurrent(found)) {
        return false;
      }
      store.put(object.getKey(), object.getValue());
    }
    for (Map.Entry<String, ObjectNode> document : found.documents().entrySet()) {
      String key = document.getKey();
      if (!key.contains("/") && found.trusted() != null) {
        continue;
      }
      byte[] text = JsonText.bytes(document.getValue());
      if (!isCurrent(found)) {
        return false;
      }
      store.put(key, text);
    }
    return isCurrent(found);
  }

  private boolean isCurrent(FoundMetadata found) throws IOException {
    try {
      return Objects.equals(found.record(), folder.metadata());
    } catch (InvalidInputException e) {
      return false; // damaged meanwhile
    }
  }
}
