package org.pointwise.job;

import java.io.IOException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.RecordedOutput;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.RunLock;
import org.pointwise.work.manifest.OutputRecord;

/**
 * Deletes an output and its records. If that is interrupted, no run takes what is left for a
 * complete output: the output is marked as incomplete first, and what could restore its metadata
 * and earlier objects is deleted. The documents of an output's group are deleted last.
 */
final class Deletion {
  private Deletion() {}

  /**
   * Deletes the output.
   *
   * @throws IncompleteRunException if a run of another plan took this one for dead; its output is
   *     not deleted
   */
  static void run(String uri, ByteStores stores, RunLock lock) throws IOException {
    lock.requireHeld();

    RunFolder folder = RunFolder.of(uri, stores);
    ByteStore output = stores.open(uri).withStaging(RunFolder.staging(uri));
    if (!reopen(output)) {
      deleteNames(output, true); // damaged documents would stop each later run
    }
    lock.requireHeld();
    folder.deleteRestorable();
    deleteNames(output, false);
    lock.requireHeld();
    deleteNames(output, true);
    output.delete("");
    folder.delete();
  }

  /** Marks an output of arrays as incomplete; returns false if its metadata is damaged. */
  private static boolean reopen(ByteStore output) throws IOException {
    RecordedOutput found;
    try {
      found = OutputFormats.recorded(output);
    } catch (InvalidInputException e) {
      return false;
    }
    if (found != null && found.record() != null) {
      OutputRecord.reopen(found.format(), output);
    }
    return true;
  }

  /** Deletes the metadata documents of Zarr directly under the output, or everything else. */
  private static void deleteNames(ByteStore output, boolean documents) throws IOException {
    for (String name : output.list("")) {
      if (documents == (name.startsWith(".z") || name.equals("zarr.json"))) {
        output.delete(name);
      }
    }
  }
}
