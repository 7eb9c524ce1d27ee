package org.pointwise.plan;

/**
 * How a reduction goes about its work. What it stores of an input without damage does not depend on
 * it.
 *
 * @param sync whether an object is on the disk before it gets its name
 * @param changed what to do where the input changed since an earlier run
 * @param past whether the input of those shards is looked at, too, that an append keeps
 * @param bad what becomes of chunks that cannot be decoded
 */
public record RunPolicy(boolean sync, ChangedInput changed, boolean past, BadInput bad) {
  public static final RunPolicy STANDARD =
      new RunPolicy(true, ChangedInput.REFUSE, true, BadInput.FAIL);
}
