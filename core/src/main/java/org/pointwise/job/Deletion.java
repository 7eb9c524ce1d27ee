package org.pointwise.job;

import java.io.IOException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.RecordedOutput;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.OutputRecord;

/**
 * Deletes an output and its records. If that is interrupted, no run takes what is left for a
 * complete output: the output is marked as incomplete first, and the record from which its metadata
 * could be restored is deleted. The metadata of the group itself is deleted last.
 */
final class Deletion {
  private Deletion() {}

  static void run(String uri, ByteStores stores) throws IOException {
    RunFolder folder = RunFolder.of(uri, stores);
    ByteStore output = stores.open(uri).withStaging(RunFolder.staging(uri));
    reopen(output);
    folder.store().delete(RunFolder.METADATA);
    for (String name : output.list("")) {
      if (!isDocument(name)) {
        output.delete(name);
      }
    }
    output.delete("");
    folder.delete();
  }

  private static void reopen(ByteStore output) throws IOException {
    RecordedOutput found;
    try {
      found = OutputFormats.recorded(output);
    } catch (InvalidInputException e) {
      return; // no run can read it
    }
    if (found != null && found.record() != null) {
      OutputRecord.reopen(found.format(), output);
    }
  }

  /** Returns whether a name is that of a metadata document of Zarr. */
  private static boolean isDocument(String name) {
    return name.startsWith(".z") || name.equals("zarr.json");
  }
}
