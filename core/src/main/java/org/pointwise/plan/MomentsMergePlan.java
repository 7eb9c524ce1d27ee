package org.pointwise.plan;

/**
 * One level of the merging of what the units of a {@link MomentsPlan} stored: a unit puts up to
 * {@link #FAN} stored parts of the level below together and stores them as one. Immutable.
 *
 * @param output of the pass, in whose run folder the parts are
 * @param parts the folder of the parts in that run folder
 * @param level of what is made; parts of level 0 are those of the pass itself
 * @param first part of the level below
 * @param end the part after its last
 * @param bytesPerTask that a unit takes at most
 */
public record MomentsMergePlan(
    String output, String parts, int level, long first, long end, long bytesPerTask)
    implements UnitPlan {
  /** A whole branch of the binary tree over a pass's cells. */
  public static final int FAN = 32;

  @Override
  public long unitCount() {
    return lastPart() - firstPart();
  }

  /** The level that merges what this one makes. */
  public MomentsMergePlan above() {
    return new MomentsMergePlan(output, parts, level + 1, firstPart(), lastPart(), bytesPerTask);
  }

  /** The first part that is made. */
  public long firstPart() {
    return first / FAN;
  }

  /** The part after the last that is made. */
  public long lastPart() {
    return (end + FAN - 1) / FAN;
  }

  /** The first part that a unit reads. */
  public long begin(long unit) {
    return Math.max(first, (firstPart() + unit) * FAN);
  }

  /** The part after the last that a unit reads. */
  public long end(long unit) {
    return Math.min(end, (firstPart() + unit + 1) * FAN);
  }

  @Override
  public void requireFits(Resources resources) {
    resources.requireHeap(
        "Cannot put the moments of %s together".formatted(output),
        bytesPerTask,
        ", or fewer tasks at once");
  }
}
