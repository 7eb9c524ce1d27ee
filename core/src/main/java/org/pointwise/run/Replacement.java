package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;

/**
 * An output that is made beside the one whose place it takes once it is complete: {@code
 * replacement} and its own run folder {@code replacement.pointwise}, both in the run folder of the
 * output. What is there stays whole and readable until then.
 *
 * <p>The exchange is a few renames: the old output to {@code replaced}, the new one to its place,
 * and the records likewise. It begins when the new run folder has its {@code _SUCCESS}, and is
 * finished by the next run should it be cut short. Between the first two renames there is no
 * output.
 */
final class Replacement {
  private static final String NEW = "replacement";
  private static final String OLD = "replaced";

  /** Records that move with the output; the plan last, since it says whose the others are. */
  private static final List<String> RECORDS =
      List.of(
          RunFolder.RECEIPTS,
          RunFolder.PARTS,
          RunFolder.APPENDED,
          RunFolder.IMAGES,
          RunFolder.METRICS,
          RunFolder.REPORT,
          RunFolder.PLAN);

  private final String output;
  private final RunFolder folder; // of the output that is there
  private final ByteStore parent;
  private final String place;
  private final String within; // prefix of the run folder

  Replacement(String output, ByteStores stores) {
    this.output = output;
    this.folder = RunFolder.of(output, stores);
    this.parent = stores.open(ByteStores.parent(output));
    this.place = ByteStores.name(output);
    this.within = ByteStores.name(RunFolder.uri(output)) + "/";
  }

  /** Where the new output is made. */
  String uri() {
    return RunFolder.uri(output) + "/" + NEW;
  }

  /**
   * Refuses what cannot be exchanged.
   *
   * @throws InvalidInputException that says what to do
   */
  void requirePossible() throws IOException {
    if (!parent.movable(place)) {
      throw new InvalidInputException(
          "Cannot replace %s at the end: it lies in an object store, or is a link or a mount point, and cannot be renamed; use --overwrite=now to delete it before the work begins, or another output"
              .formatted(output));
    }
  }

  /** Whether a new output is complete and waits to take its place. */
  boolean ready() throws IOException {
    return parent.size(within + RunFolder.uri(NEW) + "/" + RunFolder.SUCCESS) >= 0;
  }

  /** Whether one was begun. */
  boolean begun() throws IOException {
    return !parent.list(within + NEW).isEmpty();
  }

  /** Puts the new output, which is {@link #ready}, in its place; again where it was cut short. */
  void exchange() throws IOException {
    String made = within + NEW;
    String records = within + RunFolder.uri(NEW);
    if (!parent.list(made).isEmpty()) {
      for (String name : RECORDS) {
        if (!exists(records + "/" + name)) {
          parent.delete(within + name); // the old output's alone
        }
      }
      folder.clearSuccess();
      if (!parent.list(place).isEmpty()) {
        deleteOld();
        parent.move(place, within + OLD);
      }
      parent.move(made, place);
    }
    for (String name : RECORDS) {
      if (exists(records + "/" + name)) {
        parent.delete(within + name);
        parent.move(records + "/" + name, within + name);
      }
    }
    name(RunFolder.PLAN);
    name(RunFolder.REPORT);
    folder.markSuccess();
    parent.move(records, within + RunFolder.uri(OLD));
    deleteOld();
  }

  private boolean exists(String key) throws IOException {
    return parent.size(key) >= 0 || !parent.list(key).isEmpty();
  }

  /** Has a record say where the output lies now. */
  private void name(String record) throws IOException {
    byte[] text = parent.get(within + record);
    if (text != null) {
      ObjectNode json = JsonText.parse(text, within + record).put("output", output);
      parent.put(within + record, JsonText.bytes(json));
    }
  }

  /** Deletes what an exchange has put aside. */
  void deleteOld() throws IOException {
    parent.delete(within + OLD);
    parent.delete(within + RunFolder.uri(OLD));
  }

  /** Deletes all of it. */
  void delete() throws IOException {
    deleteOld();
    parent.delete(within + RunFolder.uri(NEW));
    parent.delete(within + NEW);
  }
}
