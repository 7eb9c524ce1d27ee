package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.Existing;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.SourceRecord;

/** Determines what a reduction may do with an existing output. Writes nothing. */
final class ExistingRules {
  private final ReducePlan plan;
  private final String fingerprint;
  private final ExistingOutput output;
  private final ByteStores stores;

  ExistingRules(ReducePlan plan, String fingerprint, ExistingOutput output, ByteStores stores) {
    this.plan = plan;
    this.fingerprint = fingerprint;
    this.output = output;
    this.stores = stores;
  }

  /**
   * Checks that the run may use the output's location.
   *
   * @return the fingerprint of the existing output; null if there is none
   * @throws InvalidInputException if the run may not
   */
  @Nullable String require(Existing existing) throws IOException {
    new OutputGuard(stores)
        .reads(plan.input().uri())
        .writes(plan.spec().output())
        .writes(RunFolder.uri(plan.spec().output()))
        .requireDisjoint();
    Replacement replacement = new Replacement(plan.destination(), stores);
    if (existing != Existing.OVERWRITE_NOW && replacement.ready()) {
      return null; // a new output takes its place first
    }
    String recorded = output.fingerprint();
    if (existing == Existing.CONTINUE || existing.appends()) {
      output.requireRecorded();
    }
    if (recorded != null && !recorded.equals(fingerprint) && existing == Existing.CONTINUE) {
      throw new InvalidInputException(
          "Cannot write to %s: it holds the output of another plan (%s); use %s--overwrite to replace it%s, or another output"
              .formatted(
                  plan.spec().output(),
                  RunFolder.of(plan.spec().output(), stores).difference(plan),
                  append(),
                  contents()));
    }
    if (existing == Existing.CONTINUE && output.isAppending()) {
      throw new InvalidInputException(
          "Cannot write to %s: an append to it has not ended; run that again first, or use --overwrite to replace the output%s; an append with --append-new can also be dropped by --drop-unfinished"
              .formatted(plan.spec().output(), contents()));
    }
    boolean overwrites = existing == Existing.OVERWRITE || existing == Existing.OVERWRITE_NOW;
    if (overwrites && recorded != null && !output.isForeign()) {
      output.requireNothingAdded();
    }
    if (existing == Existing.OVERWRITE && keepsExisting()) {
      replacement.requirePossible();
    }
    return recorded;
  }

  /**
   * Returns whether the existing output is kept until a new output is complete. An unfinished
   * output of this plan is not kept but continued, unless other images are being appended to it.
   */
  boolean keepsExisting() throws IOException {
    String recorded = output.fingerprint();
    boolean continued =
        recorded != null
            && recorded.equals(fingerprint)
            && !output.complete()
            && !output.isAppending();
    return recorded != null && (!continued || output.isForeign());
  }

  /** Describes an unfinished run with {@code --overwrite}, for people; empty if there is none. */
  private String interrupted() throws IOException {
    Replacement replacement = new Replacement(plan.destination(), stores);
    return replacement.fingerprint() == null
        ? ""
        : "; an interrupted run with --overwrite left %s, which the same run continues; delete it if it is not wanted"
            .formatted(replacement.uri());
  }

  /** Describes the option that keeps the existing output; empty if there is none. */
  private String append() throws IOException {
    PlanRecord recorded = RunFolder.of(plan.spec().output(), stores).plan();
    if (recorded == null) {
      return "";
    }
    if (recorded.lineage().equals(PlanRecord.lineage(plan))) {
      return "--append where its input has only grown, ";
    }
    List<String> sourceNow = AppendLayout.sourceOf(plan.input());
    boolean sameLayers = layers(recorded.lineageInputs()).equals(layers(plan.lineageInputs()));
    return sameLayers
            && !plan.spec().format().perFile()
            && !AppendLayout.sourceOf(recorded.lineageInputs()).equals(sourceNow)
        ? "--append-new where these are new images, "
        : "";
  }

  /** Returns the lines of a plan that describe its layers, and the version of its output. */
  private static List<String> layers(List<String> lineageInputs) {
    return lineageInputs.stream()
        .filter(line -> line.startsWith("head ") || line.startsWith("pointwise "))
        .toList();
  }

  /** Describes what an output of several inputs contains; empty for other outputs. */
  private String contents() throws IOException {
    List<SourceRecord> sources = SourceList.read(plan.destination(), stores).sources();
    int count = sources.size();
    return count < 2
        ? ""
        : " with its %s of %s"
            .formatted(Count.of(sources.get(count - 1).end(), "image"), Count.of(count, "input"));
  }

  private String newImages(String recorded) throws IOException {
    long past = plan.input().past();
    long images = plan.input().shape().n();
    if (recorded.equals(fingerprint) && output.complete()) {
      return "has all images of the input already; only shards that are not stored are computed";
    }
    if (past == images) {
      return "has all images of the input already";
    }
    return images <= plan.storedImages()
        ? "keeps its %s; images %d to %d, which the input has again, are stored again if its chunks have changed"
            .formatted(Count.of(images, "image"), past, images - 1)
        : "grows by %s, from %d to %d; the source of its first %s is not read"
            .formatted(Count.of(images - past, "image"), past, images, Count.of(past, "image"));
  }

  /**
   * Returns what a run would do with the existing output, for people; empty if there is none.
   *
   * @throws InvalidInputException if the run would be refused
   */
  String describe(Existing existing) {
    try {
      String recorded = require(existing);
      if (existing != Existing.OVERWRITE_NOW
          && new Replacement(plan.destination(), stores).ready()) {
        return "a complete new output replaces it first";
      }
      if (recorded == null) {
        return "";
      }
      return switch (existing) {
        case CONTINUE ->
            "of the same plan; only shards that are not stored are computed; ends with code 3 where the input of others changed"
                + interrupted();
        case APPEND -> "grows by the images that the input has gained" + interrupted();
        case APPEND_NEW -> newImages(recorded) + interrupted();
        case OVERWRITE_NOW -> "is deleted%s before the work begins".formatted(contents());
        case OVERWRITE ->
            keepsExisting()
                ? "stays until the new output is complete, which needs space for both; then it is deleted"
                    + contents()
                    + (fingerprint.equals(new Replacement(plan.destination(), stores).fingerprint())
                        ? "; the new one was begun and is continued"
                        : "")
                : "unfinished, of the same plan; only shards that are not stored, or whose input changed, are computed";
      };
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot read %s: %s; check the path and your rights, and run the same command again"
              .formatted(plan.destination(), e),
          e);
    }
  }
}
