package org.pointwise.plan;

import java.util.List;
import org.pointwise.format.ArrayInfo;

/** A plan whose units are done one by one, wherever a runner puts them, each storing its result. */
public sealed interface UnitPlan permits ReducePlan, MomentsPlan {
  /** How many units there are; they are numbered from 0. */
  long unitCount();

  /** The first unit to do; those before it are done and stay as they are. */
  long firstUnit();

  ArrayInfo input();

  /** Absolute path or URI; the run folder lies beside it. */
  String destination();

  /** What determines the result, one fact a line; its hash is the fingerprint. */
  List<String> facts();

  /** Those of the facts that stay the same while the input grows by images. */
  List<String> seriesFacts();

  /** Bytes of the heap that one task needs at most. */
  long bytesPerTask();

  /**
   * Bytes beside the heap that one task needs at most: the codec's context, and the direct buffer
   * that the JVM keeps for each thread, as long as the longest read or write.
   */
  long nativeBytesPerTask();

  /**
   * Proves that the plan fits the machines.
   *
   * @throws org.pointwise.errors.InvalidInputException with both numbers and the options to change
   */
  void requireFits(Resources resources);
}
