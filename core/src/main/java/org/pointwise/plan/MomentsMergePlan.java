package org.pointwise.plan;

/**
 * The plan of one level of merging the parts that the units of a {@link MomentsPlan} stored. A unit
 * merges up to {@link #FAN} stored parts of the level below and stores the result as one part.
 * Immutable.
 *
 * @param output output of the moments pass, whose run folder holds the parts
 * @param parts the folder of the parts in that run folder
 * @param level level of the parts that this plan makes; parts of level 0 are those of the pass
 *     itself
 * @param first first part of the level below
 * @param end the part after the last one of the level below
 * @param bytesPerTask maximum heap bytes of a unit
 */
public record MomentsMergePlan(
    String output, String parts, int level, long first, long end, long bytesPerTask)
    implements UnitPlan {
  /** Parts per merge: a power of two, hence a complete subtree of the tree over the tiles. */
  public static final int FAN = 32;

  @Override
  public long unitCount() {
    return lastPart() - firstPart();
  }

  /** The plan of the next level, which merges the parts that this one makes. */
  public MomentsMergePlan above() {
    return new MomentsMergePlan(output, parts, level + 1, firstPart(), lastPart(), bytesPerTask);
  }

  /** The first part that the plan makes. */
  public long firstPart() {
    return first / FAN;
  }

  /** The part after the last one that the plan makes. */
  public long lastPart() {
    return (end + FAN - 1) / FAN;
  }

  /** The first part that a unit reads. */
  public long begin(long unit) {
    return Math.max(first, (firstPart() + unit) * FAN);
  }

  /** The part after the last one that a unit reads. */
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
