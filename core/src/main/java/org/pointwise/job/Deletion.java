package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.RecordedOutput;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.Status;

/**
 * Deletes an output of arrays and its records. A mark in the run folder lets the next run recognise
 * what an interrupted deletion has left: without the mark, the records would describe the remains
 * as an output. An output that was put in its place since then is not taken for remains.
 */
final class Deletion {
  private static final String FINGERPRINT = "fingerprint";
  private static final String NAMES = "names";

  private final ByteStore output;
  private final RunFolder folder;

  Deletion(String output, ByteStores stores) {
    this.output = stores.open(output);
    this.folder = RunFolder.of(output, stores);
  }

  /** Returns whether a deletion has begun and not ended, and nothing else was stored since. */
  boolean isUnfinished() throws IOException {
    byte[] text = folder.store().get(RunFolder.DELETING);
    if (text == null) {
      return false;
    }
    try {
      JsonNode mark = JsonText.parse(text, RunFolder.DELETING);
      Set<String> names = new HashSet<>();
      mark.path(NAMES).forEach(name -> names.add(name.asText()));
      OutputRecord record = record();
      boolean remains =
          record == null
              || (record.status() == Status.INCOMPLETE
                  && mark.path(FINGERPRINT).asText().equals(record.fingerprint()));
      return remains && names.containsAll(output.list(""));
    } catch (InvalidInputException e) {
      return false; // damaged: the usual checks apply
    }
  }

  private @Nullable OutputRecord record() throws IOException {
    RecordedOutput found = OutputFormats.recorded(output);
    ObjectNode json = found == null ? null : found.record();
    return json == null ? null : new OutputRecord(json);
  }

  /** Deletes the output and its records, or what is left of them. */
  void run() throws IOException {
    if (!isUnfinished()) {
      mark();
    }
    output.delete("");
    folder.delete();
  }

  private void mark() throws IOException {
    RecordedOutput found;
    try {
      found = OutputFormats.recorded(output);
    } catch (InvalidInputException e) {
      return; // damaged, so that no run takes it for an output
    }
    ObjectNode record = found == null ? null : found.record();
    if (found == null || record == null) {
      return;
    }
    ObjectNode mark = JsonText.object().put(FINGERPRINT, new OutputRecord(record).fingerprint());
    output.list("").forEach(mark.putArray(NAMES)::add);
    folder.store().put(RunFolder.DELETING, JsonText.bytes(mark));
    OutputRecord.reopen(found.format(), output); // a complete output is none of the remains
  }
}
