package org.pointwise.plan;

/** What to do where objects of the input changed since an earlier run computed shards from them. */
public enum ChangedInput {
  /** The run ends at the first. */
  REFUSE,
  /** The shards are computed again. */
  RECOMPUTE,
  /** The shards stay: the content is the same, of a copy for instance. */
  ACCEPT
}
