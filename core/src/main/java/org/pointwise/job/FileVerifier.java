package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.format.ObjectChecker.Finding;
import org.pointwise.format.StoredState;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectHash;
import org.pointwise.work.ReceiptFiles;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Verifies the files of an output, one by one. Deletes damaged files if requested, but none that no
 * run recorded.
 */
final class FileVerifier {
  private final String output;
  private final RunFolder folder;
  private final ByteStores stores;
  private final boolean deep;
  private final boolean delete;

  FileVerifier(String output, RunFolder folder, ByteStores stores, boolean deep, boolean delete) {
    this.output = output;
    this.folder = folder;
    this.stores = stores;
    this.deep = deep;
    this.delete = delete;
  }

  /**
   * Verifies all files and adds the findings to {@code findings}.
   *
   * @param plan the plan in the run folder
   */
  void verify(PlanRecord plan, VerificationFindings findings) throws IOException {
    if (!folder.succeeded()) {
      findings.addUnfinished("the run did not end: run the same command again to continue");
    }
    ReceiptIndex.OfFiles receipts = ReceiptFiles.files(folder, plan.lineage());
    findings.addBadPixels(receipts.badPixels());
    long unrecorded = plan.files() - receipts.objects().size();
    if (unrecorded > 0) {
      findings.count(StoredState.NEVER_WRITTEN, unrecorded);
      findings.addObject(StoredState.NEVER_WRITTEN, unrecorded + " files", "no run recorded them");
    }
    ByteStore store = stores.open(output);
    List<String> damaged = new ArrayList<>();
    for (Map.Entry<String, Expected> object : receipts.objects().entrySet()) {
      String key = object.getKey();
      Finding finding = file(store, key, object.getValue());
      addFinding(findings, finding.state(), key, finding.detail());
      if (finding.state().deletable()) {
        damaged.add(key);
      }
    }
    Set<String> endings = new HashSet<>();
    receipts.objects().keySet().forEach(key -> endings.add(ending(key)));
    addLeftOvers("", store, receipts.objects().keySet(), endings, findings);
    if (delete && !damaged.isEmpty()) {
      folder.clearSuccess();
      for (String key : damaged) {
        store.delete(key);
      }
      findings.addDeleted(damaged.size());
    }
  }

  /**
   * Adds the files in and below a folder that readers could take for a part of the output: those
   * that no run recorded but whose names end like those of the output.
   */
  private static void addLeftOvers(
      String inside,
      ByteStore store,
      Set<String> recorded,
      Set<String> endings,
      VerificationFindings findings)
      throws IOException {
    for (String name : store.list(inside)) {
      String key = ByteStore.join(inside, name);
      if (recorded.contains(key)) {
        continue;
      }
      if (endings.contains(ending(name))) {
        addFinding(
            findings, StoredState.LEFT_OVER, key, "no run recorded it: move it out of the output");
      } else if (store.size(key) < 0) {
        addLeftOvers(key, store, recorded, endings, findings);
      }
    }
  }

  private static String ending(String name) {
    return name.substring(Math.max(0, name.lastIndexOf('.')));
  }

  private static void addFinding(
      VerificationFindings findings, StoredState state, String key, String detail) {
    findings.count(state, 1);
    if (state.isError() && !(state == StoredState.NEVER_WRITTEN && findings.unfinished())) {
      findings.addObject(state, key, detail);
    }
  }

  /** Compares a file with its receipt. */
  private Finding file(ByteStore store, String key, Expected expected) throws IOException {
    long size = store.size(key);
    if (size < 0) {
      return new Finding(StoredState.NEVER_WRITTEN, "it is gone");
    }
    if (size != expected.bytes()) {
      return new Finding(
          size < expected.bytes() ? StoredState.TORN : StoredState.FOREIGN,
          "it has %d bytes but %d were written".formatted(size, expected.bytes()));
    }
    if (expected.hash() == null) {
      return new Finding(
          StoredState.UNPROVEN,
          "no receipt has its hash; run the same command again, or drop an append that has not ended; where that refuses, --overwrite makes all of the output again and needs all inputs");
    }
    if (!deep) {
      return new Finding(StoredState.WHOLE, "");
    }
    String sha256 = ObjectHash.sha256(store, key, size, new Bytes());
    if (sha256 == null || !expected.hash().equals(ObjectHash.ofHex(sha256))) {
      return new Finding(
          StoredState.CORRUPT,
          "its SHA-256 is %s but one that begins with %s was stored"
              .formatted(sha256, expected.hash()));
    }
    return new Finding(StoredState.WHOLE, "");
  }
}
