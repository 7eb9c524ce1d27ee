package org.pointwise.plan;

/** How a run treats input objects that changed since a previous run computed shards from them. */
public enum ChangedInput {
  /** The run ends at the first such object. */
  REFUSE,
  /** The shards are computed again. */
  RECOMPUTE,
  /** The shards are kept: the content is the same, for instance because the input was copied. */
  ACCEPT
}
