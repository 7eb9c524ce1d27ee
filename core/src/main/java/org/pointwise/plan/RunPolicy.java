package org.pointwise.plan;

/**
 * How a reduction is carried out. The stored bytes do not depend on it, unless the input is
 * damaged.
 *
 * @param sync whether an object is synchronised to disk before it gets its name
 * @param changedInput treatment of input that changed since a previous run
 * @param checksPast whether to check the input of the shards that an append keeps, too
 * @param badInput treatment of chunks that cannot be decoded
 */
public record RunPolicy(
    boolean sync, ChangedInput changedInput, boolean checksPast, BadInput badInput) {
  public static final RunPolicy STANDARD =
      new RunPolicy(true, ChangedInput.REFUSE, true, BadInput.FAIL);
}
