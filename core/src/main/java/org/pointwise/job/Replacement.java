package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.work.RunFolder;
import org.pointwise.work.RunLock;
import org.pointwise.work.manifest.PlanRecord;

/**
 * A new output that is made beside an existing one and takes its place when complete. The new
 * output {@code replacement} and its run folder {@code replacement.pointwise} both lie in the run
 * folder of the existing output, which stays whole and readable until then.
 *
 * <p>The exchange consists of a few renames: the old output to {@code replaced}, the new one to the
 * place of the old one, and the records likewise. It begins when the new run folder has its {@code
 * _SUCCESS}. Empty objects in the new run folder record the completed steps; the next run finishes
 * an interrupted exchange. Between the first two renames there is no output. An abandoned process
 * of the new run may store an object in {@code replacement} at any time; therefore nothing is
 * inferred from the objects there.
 */
final class Replacement {
  private static final String NEW = "replacement";
  private static final String OLD = "replaced";

  /** The exchange has begun: {@link #OLD} holds nothing but what this exchange moves there. */
  private static final String BEGUN = "_BEGUN";

  /** The new output is in the place of the old one. */
  private static final String PLACED = "_PLACED";

  /** All records of the old output are deleted. */
  private static final String CLEARED = "_CLEARED";

  /** Prefix of the mark of a record that has been moved to its place. */
  private static final String MOVED = "_MOVED_";

  /**
   * Records that move with the output. The plan is last, because it identifies the plan of the
   * others.
   */
  private static final List<String> RECORDS =
      List.of(
          RunFolder.RECEIPTS,
          RunFolder.PARTS,
          RunFolder.APPENDED,
          RunFolder.IMAGES,
          RunFolder.NEW_IMAGES,
          RunFolder.SOURCES,
          RunFolder.PAST_COUNTS,
          RunFolder.PAST_OBJECTS,
          RunFolder.METRICS,
          RunFolder.REPORT,
          RunFolder.METADATA,
          RunFolder.LAYERS,
          RunFolder.PLAN);

  private final String output;
  private final ExistingOutput existingOutput;
  private final RunFolder folder; // of the existing output
  private final ByteStore parent;
  private final String outputName;
  private final String folderPrefix; // prefix of the run folder
  private final String stagedOutput;
  private final String stagedRecords;

  Replacement(String output, ByteStores stores) {
    this.output = output;
    this.existingOutput = new ExistingOutput(output, stores);
    this.folder = RunFolder.of(output, stores);
    this.parent = stores.open(ByteStores.parent(output));
    this.outputName = ByteStores.name(output);
    this.folderPrefix = ByteStores.name(RunFolder.uri(output)) + "/";
    this.stagedOutput = folderPrefix + NEW;
    this.stagedRecords = folderPrefix + RunFolder.uri(NEW);
  }

  /** Returns where the new output is made. */
  String uri() {
    return RunFolder.uri(output) + "/" + NEW;
  }

  /**
   * Checks that the output can be exchanged.
   *
   * @throws InvalidInputException that describes the remedy
   */
  void requirePossible() throws IOException {
    if (!parent.movable(outputName)) {
      throw new InvalidInputException(
          "Cannot replace %s at the end: it lies in an object store, or is a link or a mount point, and cannot be renamed; use --overwrite=now to delete it before the work begins, or another output"
              .formatted(output));
    }
  }

  /**
   * Checks that a folder can be renamed from the run folder to the side of the output and back, as
   * in an exchange.
   *
   * @throws InvalidInputException if it cannot
   */
  void requireRenames() throws IOException {
    String probe = folderPrefix + "probe";
    String sibling = outputName + ".pointwise-probe";
    try {
      parent.delete(sibling);
      parent.put(probe + "/empty", new byte[0]);
      try {
        parent.move(probe, sibling);
        parent.move(sibling, probe);
      } catch (IOException e) {
        throw new InvalidInputException(
            "Cannot replace %s at the end: a folder cannot be renamed from %s to its side (%s); use --overwrite=now to delete it before the work begins, or another output"
                .formatted(output, RunFolder.uri(output), e),
            e);
      }
    } finally {
      parent.delete(probe);
    }
  }

  /** Returns whether a new output is complete and has yet to take its place, wholly or in part. */
  boolean ready() throws IOException {
    return isMarked(RunFolder.SUCCESS) || isMarked(BEGUN);
  }

  /** Returns whether an exchange has begun: the output and its records may be of two plans. */
  boolean exchanging() throws IOException {
    return isMarked(BEGUN);
  }

  private boolean isMarked(String mark) throws IOException {
    return parent.size(stagedRecords + "/" + mark) >= 0;
  }

  private void mark(String mark) throws IOException {
    parent.put(stagedRecords + "/" + mark, new byte[0]);
  }

  /** Returns the fingerprint of the new output, unfinished or complete; null if there is none. */
  @Nullable String fingerprint() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? null : plan.fingerprint();
  }

  private @Nullable PlanRecord plan() throws IOException {
    byte[] text = parent.get(stagedRecords + "/" + RunFolder.PLAN);
    return text == null ? null : PlanRecord.parse(text, stagedRecords + "/" + RunFolder.PLAN);
  }

  /**
   * Moves the new output, which is {@link #ready}, to its place, or continues an interrupted
   * exchange.
   *
   * @throws InvalidInputException if something exists there that no run of this project made
   */
  void exchange(RunLock lock) throws IOException {
    if (!isMarked(BEGUN)) {
      existingOutput.fingerprint(); // refuses an output that no run made
      deleteOld();
      mark(BEGUN);
    }
    if (!isMarked(PLACED)) {
      moveOldAway(lock);
      moveNewIntoPlace(lock);
      mark(PLACED);
    }
    if (!isMarked(CLEARED)) {
      for (String name : RECORDS) {
        lock.requireHeld();
        parent.delete(folderPrefix + name);
      }
      mark(CLEARED);
    }
    for (String name : RECORDS) {
      if (exists(stagedRecords + "/" + name) && !isMarked(MOVED + name)) {
        lock.requireHeld();
        parent.delete(folderPrefix + name); // left by an abandoned process of the old output
        parent.move(stagedRecords + "/" + name, folderPrefix + name);
        mark(MOVED + name);
      }
    }
    rename();
    folder.markSuccess();
    lock.requireHeld();
    parent.delete(stagedOutput); // left by abandoned processes
    parent.move(stagedRecords, folderPrefix + RunFolder.uri(OLD));
    deleteOld();
  }

  /** Moves the old output out of its place, unless that is done already. */
  private void moveOldAway(RunLock lock) throws IOException {
    if (exists(folderPrefix + OLD)) {
      return;
    }
    boolean succeeded = folder.succeeded();
    folder.clearSuccess();
    lock.requireHeld();
    if (!exists(outputName)) {
      parent.put(folderPrefix + OLD + "/none", new byte[0]);
      return;
    }
    try {
      parent.move(outputName, folderPrefix + OLD);
    } catch (IOException e) {
      if (succeeded) {
        folder.markSuccess(); // the old output stays in its place
      }
      throw e;
    }
  }

  private void moveNewIntoPlace(RunLock lock) throws IOException {
    if (!exists(outputName)) {
      lock.requireHeld();
      parent.delete(outputName); // an empty folder
      parent.move(stagedOutput, outputName);
    } else if (!isInPlace()) {
      throw new InvalidInputException(
          "Cannot put the new output in its place: something was written to %s while it was free; move that away and run the same command again"
              .formatted(output));
    }
  }

  /** Returns whether the output that lies in the place is the new one. */
  private boolean isInPlace() throws IOException {
    String recorded = existingOutput.recorded();
    return recorded == null
        ? parent.list(outputName).containsAll(parent.list(stagedOutput))
        : recorded.equals(fingerprint());
  }

  private boolean exists(String key) throws IOException {
    return parent.size(key) >= 0 || !parent.list(key).isEmpty();
  }

  /** Updates the location of the output in the plan and in the report. */
  private void rename() throws IOException {
    PlanRecord plan = folder.plan();
    if (plan != null) {
      folder.writePlan(plan.withOutput(output));
    }
    byte[] text = parent.get(folderPrefix + RunFolder.REPORT);
    if (text != null) {
      folder.writeReport(
          JsonText.parse(text, folderPrefix + RunFolder.REPORT).put("output", output));
    }
  }

  /** Deletes the old output that an exchange moved aside. */
  void deleteOld() throws IOException {
    parent.delete(folderPrefix + OLD);
    parent.delete(folderPrefix + RunFolder.uri(OLD));
  }

  /** Deletes the new output with its records, and the old output that an exchange moved aside. */
  void delete() throws IOException {
    deleteOld();
    parent.delete(stagedRecords + "/" + RunFolder.SUCCESS);
    parent.delete(stagedRecords + "/" + BEGUN);
    parent.delete(stagedOutput);
    parent.delete(stagedRecords);
  }
}
