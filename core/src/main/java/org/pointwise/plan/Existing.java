package org.pointwise.plan;

/** What a reduction does with an output that already exists. */
public enum Existing {
  /** Continues the output if the same plan made it; otherwise refuses. */
  CONTINUE,
  /** Makes a new output, which replaces the existing one when it is complete. */
  OVERWRITE,
  /** Deletes the output before the work begins, if this software made it. */
  OVERWRITE_NOW,
  /** Adds the images that the input has gained, if the plan has an append layout. */
  APPEND,
  /** Adds all images of the input, which has none of those that the output was made of. */
  APPEND_NEW;

  /** Whether images are added to the output. */
  public boolean appends() {
    return this == APPEND || this == APPEND_NEW;
  }
}
