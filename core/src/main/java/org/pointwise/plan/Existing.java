package org.pointwise.plan;

/** What a reduction does with an output that is there already. */
public enum Existing {
  /** Continue it where the same plan made it, else refuse. */
  CONTINUE,
  /** Make a new one, and have it take the place of what is there when it is complete. */
  OVERWRITE,
  /** Delete it, if it is ours, before the work begins. */
  OVERWRITE_NOW,
  /** Add the images that the input has gained, where the plan says so. */
  APPEND
}
