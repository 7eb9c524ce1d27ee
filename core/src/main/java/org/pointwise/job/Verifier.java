package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.work.Progress;
import org.pointwise.work.RunFolder;
import org.pointwise.work.RunLock;
import org.pointwise.work.Runner;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Determines which objects of an output are whole, missing or damaged, from the objects and the
 * receipts of the runs that made the output. A {@link Runner} verifies arrays; folders of files are
 * verified one file at a time.
 */
public final class Verifier {
  private final ByteStores stores;
  private final Runner runner;
  private final boolean deep;
  private final boolean delete;
  private final boolean continued;

  /**
   * @param runner verifies arrays; an output whose objects do not fit its memory is refused
   * @param deep whether to read every byte, instead of lengths and shard indexes alone
   * @param delete whether to delete damaged and left-over objects, and to mark the output
   *     incomplete, so that the next run writes them again
   * @param continued whether to continue an interrupted verification: objects of arrays that it
   *     verified, and whose length and time of change are the same, are not verified again
   */
  public Verifier(
      ByteStores stores, Runner runner, boolean deep, boolean delete, boolean continued) {
    this.stores = stores;
    this.runner = runner;
    this.deep = deep;
    this.delete = delete;
    this.continued = continued;
  }

  /**
   * Verifies an output of this project.
   *
   * @throws InvalidInputException if there is no such output
   */
  public VerificationFindings verify(String output, Progress progress) {
    if (!delete) {
      return examine(output, progress);
    }
    // Objects that another run stores meanwhile would be deleted as left over.
    String run = RunFolder.runName(Instant.now());
    RunFolder folder = RunFolder.of(output, stores);
    try {
      if (folder.plan() == null) {
        return examine(output, progress); // no output, or no plan to delete by
      }
      try (RunLock lock = RunLock.acquire(folder, output, run, "verify-" + run)) {
        VerificationFindings findings = examine(output, progress);
        lock.requireHeld();
        return findings;
      }
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
  }

  private VerificationFindings examine(String output, Progress progress) {
    VerificationFindings findings = new VerificationFindings();
    try {
      RunFolder folder = RunFolder.of(output, stores);
      if (new Replacement(output, stores).ready()) {
        findings.end();
        findings.addUnfinished(
            "a new output is about to take its place: run the same command again to finish the exchange");
        return findings;
      }
      RecordedMetadata recorded = new RecordedMetadata(output, stores);
      if (recorded.isForeign()) {
        findings.end();
        findings.addProblem(
            "it is a group or an array that no run made, in the place of the output that the run folder beside it records: remove one of the two, or run the same command with --overwrite");
        return findings;
      }
      OutputManifest manifest = OutputManifest.read(output, stores);
      findings.setCommand(manifest.command());
      OutputRecord record = manifest.outputRecord();
      PlanRecord plan = manifest.plan();
      if (record != null) {
        requireOnePlan(record.lineage(), plan, findings);
        List<String> problems = recorded.problems();
        if (!problems.isEmpty()) {
          findings.end();
          problems.forEach(findings::addProblem);
          return findings; // this metadata does not describe its objects
        }
        boolean known = recorded.isKnown();
        if (!known && (plan == null || plan.lineage().equals(record.lineage()))) {
          findings.addUnproven(
              "nothing records its metadata as it was stored%s: run the same %s again"
                  .formatted(delete ? ", so nothing is deleted by it" : "", findings.command()));
        }
        if (known && plan == null) {
          findings.addUnproven(
              "its run folder lacks plan.json: run the same %s again"
                  .formatted(findings.command()));
        }
        new ArrayVerifier(
                output, manifest.format(), folder, stores, runner, deep, delete && known, continued)
            .verify(record, plan, findings, progress);
      } else if (plan != null && !plan.format().isEmpty() && !manifest.format().perFile()) {
        findings.end();
        recorded.problems().forEach(findings::addProblem);
        if (folder.succeeded()) {
          findings.addProblem(
              "its own metadata is gone, which lists its arrays: run %s again"
                  .formatted(findings.command()));
        } else {
          findings.addUnfinished(
              "the run ended before it stored anything: run the same command again");
        }
      } else if (plan != null) {
        new FileVerifier(output, folder, stores, deep, delete).verify(plan, findings);
      } else {
        throw new InvalidInputException(
            "Cannot verify %s: it is not an output of Pointwise (no 'pointwise' in its attributes, no run folder beside it); check the path"
                .formatted(output));
      }
    } catch (IOException | UncheckedIOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
    return findings;
  }

  /**
   * Returns whether the metadata describes the arrays of an output as they were stored. Reads no
   * objects.
   *
   * @throws IOException if the store fails
   */
  public static boolean isDescribed(String output, ByteStores stores) throws IOException {
    RecordedMetadata recorded = new RecordedMetadata(output, stores);
    if (recorded.isForeign()) {
      return false;
    }
    OutputManifest manifest = OutputManifest.read(output, stores);
    PlanRecord plan = manifest.plan();
    boolean recordMissing =
        manifest.outputRecord() == null
            && plan != null
            && !plan.format().isEmpty()
            && !manifest.format().perFile();
    return !recordMissing && recorded.problems().isEmpty();
  }

  private static void requireOnePlan(
      String lineage, @Nullable PlanRecord plan, VerificationFindings findings) {
    if (plan != null && !plan.lineage().equals(lineage)) {
      findings.addUnproven(
          "the run folder beside it is of another plan: its receipts do not count");
    }
  }
}
