package org.pointwise.job;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.Safetensors;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Names of the parts, or partial sums, that the units of a moments pass store. Each plan has its
 * own folder, so that an object stored late by a task of another plan is never taken for a part of
 * this plan.
 */
final class MomentsParts {
  /** Name under which a part records the digests of the objects that it was computed from. */
  static final String INPUTS = "inputs";

  private MomentsParts() {}

  /** Returns the folder of a plan's parts. */
  static String of(MomentsPlan plan) {
    return RunFolder.PARTS + "/" + PlanRecord.fingerprint(plan).substring(0, 16);
  }

  /**
   * Returns the key of a part.
   *
   * @param parts the folder
   * @param level of merging; parts stored by units of the pass itself have level 0
   */
  static String key(String parts, int level, long part) {
    return "%s/%d-%06d.safetensors".formatted(parts, level, part);
  }

  /** Returns the input digests that a stored part records; null if it records none. */
  static @Nullable String inputs(ByteStore folder, String key) throws IOException {
    return Safetensors.open(folder, key).recorded(INPUTS);
  }

  /** Reads a part that a unit stored. */
  static MomentsFile.Contents read(ByteStore folder, String key) throws IOException {
    if (folder.size(key) < 0) {
      throw new IncompleteRunException(
          "Cannot read %s/%s: it is gone, since another run of the same plan has ended; run the same command again"
              .formatted(folder.uri(), key));
    }
    return MomentsFile.read(folder, key);
  }
}
