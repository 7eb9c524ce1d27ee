package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.RecordedOutput;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.MetadataRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.Status;

/**
 * The recorded metadata of an existing output.
 *
 * @param record the documents
 * @param content their content
 * @param recorded the record of the output in them
 * @param stored the record of the output in its own metadata; null if that is gone or damaged
 */
record FoundMetadata(
    MetadataRecord record,
    RecordedOutput content,
    OutputRecord recorded,
    @Nullable OutputRecord stored) {
  OutputFormat format() {
    return content.format();
  }

  /**
   * Returns the objects of coordinates that an interrupted run has recorded but not stored, by key.
   *
   * @param store of the output
   * @param copies the run folder
   */
  Map<String, byte[]> missingObjects(ByteStore store, ByteStore copies) throws IOException {
    Map<String, byte[]> missing = new TreeMap<>();
    if (copies.list(RunFolder.NEW_COORDINATES).isEmpty()) {
      return missing;
    }
    for (Map.Entry<String, String> object : record.written().objects().entrySet()) {
      String key = object.getKey();
      byte[] copy = copies.get(ByteStore.join(RunFolder.NEW_COORDINATES, key));
      if (copy != null
          && Hashes.sha256(copy).equals(object.getValue())
          && !Arrays.equals(copy, store.get(key))) {
        missing.put(key, copy);
      }
    }
    return missing;
  }

  /**
   * Returns the key of an object of coordinates that is neither as it was stored nor {@link
   * #missingObjects missing}; null if there is none.
   */
  @Nullable String damagedObject(ByteStore store, ByteStore copies) throws IOException {
    Map<String, byte[]> missing = missingObjects(store, copies);
    for (Map.Entry<String, String> object : record.written().objects().entrySet()) {
      byte[] bytes = store.get(object.getKey());
      if (!missing.containsKey(object.getKey())
          && (bytes == null || !Hashes.sha256(bytes).equals(object.getValue()))) {
        return object.getKey();
      }
    }
    return null;
  }

  Map<String, ObjectNode> documents() {
    return record.written().documents();
  }

  /** Returns the record in the output's own metadata if no field of it is damaged. */
  @Nullable OutputRecord trusted() {
    return stored != null && recorded.differences(stored).isEmpty() ? stored : null;
  }

  /**
   * Compares the stored metadata with the record.
   *
   * @param store of the output
   * @return one sentence for each difference
   */
  List<String> problems(ByteStore store) throws IOException {
    List<String> problems = new ArrayList<>();
    for (HeadRecord head : recorded.heads()) {
      if (documents().keySet().stream().noneMatch(key -> key.startsWith(head.name() + "/"))) {
        problems.add("what was recorded of the metadata of %s is gone".formatted(head.name()));
      }
    }
    problems.addAll(format().differences(store, record.written()));
    if (stored == null) {
      if (problems.isEmpty()) {
        problems.add("the attributes of the group no longer record what the output is");
      }
      return problems;
    }
    List<String> differences = recorded.differences(stored);
    if (!differences.isEmpty()) {
      problems.add(
          "the record in the attributes of the group differs from what was stored: "
              + String.join(", ", differences));
    } else if (stored.status() == Status.COMPLETE && stored.appending().images() != 0) {
      problems.add(
          "the record in the attributes of the group has the status complete, although %s being appended"
              .formatted(Count.of(stored.appending().images(), "image is", "images are")));
    }
    return problems;
  }
}
