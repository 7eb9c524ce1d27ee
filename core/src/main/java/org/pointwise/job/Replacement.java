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
          RunFolder.METRICS,
          RunFolder.REPORT,
          RunFolder.METADATA,
          RunFolder.LAYERS,
          RunFolder.PLAN);

  private final String output;
  private final ExistingOutput there;
  private final RunFolder folder; // of the existing output
  private final ByteStore parent;
  private final String place;
  private final String within; // prefix of the run folder
  private final String made;
  private final String records;

  Replacement(String output, ByteStores stores) {
    this.output = output;
    this.there = new ExistingOutput(output, stores);
    this.folder = RunFolder.of(output, stores);
    this.parent = stores.open(ByteStores.parent(output));
    this.place = ByteStores.name(output);
    this.within = ByteStores.name(RunFolder.uri(output)) + "/";
    this.made = within + NEW;
    this.records = within + RunFolder.uri(NEW);
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
    if (!parent.movable(place)) {
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
    String here = within + "probe";
    String beside = place + ".pointwise-probe";
    try {
      parent.delete(beside);
      parent.put(here + "/empty", new byte[0]);
      try {
        parent.move(here, beside);
        parent.move(beside, here);
      } catch (IOException e) {
        throw new InvalidInputException(
            "Cannot replace %s at the end: a folder cannot be renamed from %s to its side (%s); use --overwrite=now to delete it before the work begins, or another output"
                .formatted(output, RunFolder.uri(output), e),
            e);
      }
    } finally {
      parent.delete(here);
    }
  }

  /** Returns whether a new output is complete and has yet to take its place, wholly or in part. */
  boolean ready() throws IOException {
    return reached(RunFolder.SUCCESS) || reached(BEGUN);
  }

  /** Returns whether an exchange has begun: the output and its records may be of two plans. */
  boolean exchanging() throws IOException {
    return reached(BEGUN);
  }

  private boolean reached(String mark) throws IOException {
    return parent.size(records + "/" + mark) >= 0;
  }

  private void reach(String mark) throws IOException {
    parent.put(records + "/" + mark, new byte[0]);
  }

  /** Returns the fingerprint of the new output, unfinished or complete; null if there is none. */
  @Nullable String fingerprint() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? null : plan.fingerprint();
  }

  private @Nullable PlanRecord plan() throws IOException {
    byte[] text = parent.get(records + "/" + RunFolder.PLAN);
    return text == null ? null : PlanRecord.parse(text, records + "/" + RunFolder.PLAN);
  }

  /**
   * Moves the new output, which is {@link #ready}, to its place, or continues an interrupted
   * exchange.
   *
   * @throws InvalidInputException if something exists there that no run of this project made
   */
  void exchange(RunLock lock) throws IOException {
    if (!reached(BEGUN)) {
      there.fingerprint(); // refuses an output that no run made
      deleteOld();
      reach(BEGUN);
    }
    if (!reached(PLACED)) {
      putAside(lock);
      putInPlace(lock);
      reach(PLACED);
    }
    if (!reached(CLEARED)) {
      for (String name : RECORDS) {
        lock.requireHeld();
        parent.delete(within + name);
      }
      reach(CLEARED);
    }
    for (String name : RECORDS) {
      if (exists(records + "/" + name) && !reached(MOVED + name)) {
        lock.requireHeld();
        parent.delete(within + name); // left by an abandoned process of the old output
        parent.move(records + "/" + name, within + name);
        reach(MOVED + name);
      }
    }
    rename();
    folder.markSuccess();
    lock.requireHeld();
    parent.delete(made); // left by abandoned processes
    parent.move(records, within + RunFolder.uri(OLD));
    deleteOld();
  }

  /** Moves the old output out of its place, unless that is done already. */
  private void putAside(RunLock lock) throws IOException {
    if (exists(within + OLD)) {
      return;
    }
    boolean succeeded = folder.succeeded();
    folder.clearSuccess();
    lock.requireHeld();
    if (!exists(place)) {
      parent.put(within + OLD + "/none", new byte[0]);
      return;
    }
    try {
      parent.move(place, within + OLD);
    } catch (IOException e) {
      if (succeeded) {
        folder.markSuccess(); // the old output stays in its place
      }
      throw e;
    }
  }

  private void putInPlace(RunLock lock) throws IOException {
    if (!exists(place)) {
      lock.requireHeld();
      parent.delete(place); // an empty folder
      parent.move(made, place);
    } else if (!placed()) {
      throw new InvalidInputException(
          "Cannot put the new output in its place: something was written to %s while it was free; move that away and run the same command again"
              .formatted(output));
    }
  }

  /** Returns whether the output that lies in the place is the new one. */
  private boolean placed() throws IOException {
    String recorded = there.recorded();
    return recorded == null
        ? parent.list(place).containsAll(parent.list(made))
        : recorded.equals(fingerprint());
  }

  private boolean exists(String key) throws IOException {
    return parent.size(key) >= 0 || !parent.list(key).isEmpty();
  }

  /** Updates the location of the output in the plan and in the report. */
  private void rename() throws IOException {
    PlanRecord plan = folder.plan();
    if (plan != null) {
      folder.writePlan(plan.at(output));
    }
    byte[] text = parent.get(within + RunFolder.REPORT);
    if (text != null) {
      folder.writeReport(JsonText.parse(text, within + RunFolder.REPORT).put("output", output));
    }
  }

  /** Deletes the old output that an exchange moved aside. */
  void deleteOld() throws IOException {
    parent.delete(within + OLD);
    parent.delete(within + RunFolder.uri(OLD));
  }

  /** Deletes the new output with its records, and the old output that an exchange moved aside. */
  void delete() throws IOException {
    deleteOld();
    parent.delete(records + "/" + RunFolder.SUCCESS);
    parent.delete(records + "/" + BEGUN);
    parent.delete(made);
    parent.delete(records);
  }
}
