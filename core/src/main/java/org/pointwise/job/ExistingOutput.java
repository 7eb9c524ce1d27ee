package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Compression;
import org.pointwise.format.StoredLayout;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Describes what exists at the location of an output before a run begins. Each call reads it again.
 */
public final class ExistingOutput {
  private final String uri;
  private final ByteStores stores;
  private final ByteStore output;
  private final RunFolder folder;

  ExistingOutput(String uri, ByteStores stores) {
    this.uri = uri;
    this.stores = stores;
    this.output = stores.open(uri);
    this.folder = RunFolder.of(uri, stores);
  }

  /**
   * Returns how the heads of an output are compressed, as recorded by its plan or, if a new output
   * is about to take its place, by that output's plan; empty if no plan records it.
   */
  public static List<Compression> compressions(String output, ByteStores stores)
      throws IOException {
    Replacement replacement = new Replacement(output, stores);
    List<Compression> staged =
        replacement.ready() ? RunFolder.of(replacement.uri(), stores).compressions() : List.of();
    return staged.isEmpty() ? RunFolder.of(output, stores).compressions() : staged;
  }

  /**
   * Returns the layout of the arrays of an output, as recorded by its plan or, if a new output is
   * about to take its place, by that output's plan; null if no output exists, if it has another
   * format, or if no plan records its layout.
   */
  public static @Nullable StoredLayout layout(String output, String format, ByteStores stores)
      throws IOException {
    Replacement replacement = new Replacement(output, stores);
    PlanRecord staged = replacement.ready() ? RunFolder.of(replacement.uri(), stores).plan() : null;
    if (staged == null && stores.open(output).list("").isEmpty()) {
      return null; // records of a deleted output
    }
    PlanRecord plan = staged == null ? RunFolder.of(output, stores).plan() : staged;
    return plan == null || !plan.format().equals(format) ? null : plan.storedLayout();
  }

  /**
   * Returns the fingerprint of the plan that made the output; null if nothing exists there.
   *
   * @throws InvalidInputException if something else exists there
   */
  @Nullable String fingerprint() throws IOException {
    if (output.size("") >= 0) {
      throw new InvalidInputException(
          "Cannot write to %s: it is a file; choose another output".formatted(uri));
    }
    if (output.list("").isEmpty()) {
      return null;
    }
    String recorded = recorded();
    if (recorded == null) {
      recorded = folder.fingerprint();
    }
    if (recorded == null) {
      throw new InvalidInputException(
          "Cannot write to %s: it exists and Pointwise did not write it; choose another output, or remove it"
              .formatted(uri));
    }
    return recorded;
  }

  /** Returns whether metadata that no run made is in the place of an output on record. */
  boolean isForeign() throws IOException {
    return new RecordedMetadata(uri, stores).isForeign();
  }

  /**
   * Checks that nothing is lost by replacing the output.
   *
   * @throws InvalidInputException if it contains what no run stored
   */
  void requireNothingAdded() throws IOException {
    List<String> added = new RecordedMetadata(uri, stores).added();
    if (!added.isEmpty()) {
      throw new InvalidInputException(
          "Cannot replace %s: it contains %s, which no run stored; move %s elsewhere first"
              .formatted(
                  uri,
                  String.join(", ", added.subList(0, Math.min(5, added.size()))),
                  added.size() == 1 ? "it" : "them"));
    }
  }

  /**
   * Checks that a run that keeps what exists may write to it.
   *
   * @throws InvalidInputException if it {@link #isForeign}
   */
  void requireRecorded() throws IOException {
    RecordedMetadata recorded = new RecordedMetadata(uri, stores);
    if (recorded.isForeign()) {
      throw recorded.foreign();
    }
  }

  /**
   * Returns the fingerprint in the output's own attributes; null if it has none, as a folder of
   * files.
   */
  @Nullable String recorded() throws IOException {
    OutputRecord recorded = OutputManifest.read(uri, stores).outputRecord();
    return recorded == null ? null : recorded.fingerprint();
  }

  /** Returns whether an append to the output has begun and not ended. */
  boolean isAppending() throws IOException {
    OutputRecord recorded = OutputManifest.read(uri, stores).outputRecord();
    return recorded != null && recorded.isAppending();
  }

  /**
   * Returns whether all shards of the output's plan are stored and none has been computed again
   * since.
   */
  boolean complete() throws IOException {
    return folder.succeeded() && OutputManifest.read(uri, stores).isComplete();
  }
}
