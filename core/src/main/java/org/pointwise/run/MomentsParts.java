package org.pointwise.run;

import org.pointwise.plan.MomentsPlan;

/**
 * Names of what the units of a pass for moments store. Each plan has a folder of its own, so that
 * what a task of another plan stores too late is never taken for a part of this one.
 */
final class MomentsParts {
  private MomentsParts() {}

  /** The folder of a plan's parts. */
  static String of(MomentsPlan plan) {
    return RunFolder.PARTS + "/" + RunFolder.fingerprint(plan).substring(0, 16);
  }

  /**
   * Where a part is stored.
   *
   * @param parts the folder
   * @param level of merging; what a unit of the pass found is of level 0
   */
  static String key(String parts, int level, long part) {
    return "%s/%d-%06d.safetensors".formatted(parts, level, part);
  }
}
