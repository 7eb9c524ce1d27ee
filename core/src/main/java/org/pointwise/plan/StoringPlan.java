package org.pointwise.plan;

import java.util.List;
import org.pointwise.format.ArrayInfo;

/**
 * A plan whose units store their results and are known from receipts, so that a run continues where
 * an earlier one was stopped.
 */
public sealed interface StoringPlan extends UnitPlan permits ReducePlan, MomentsPlan {
  ArrayInfo input();

  /** Absolute path or URI; the run folder lies beside it. */
  String destination();

  /** What determines the result, one fact a line; its hash is the fingerprint. */
  List<String> fingerprintInputs();

  /** Those of the facts that stay the same while the input grows by images. */
  List<String> lineageInputs();

  /**
   * Bytes beside the heap that one task needs at most: the codec's context, and the direct buffer
   * that the JVM keeps for each thread, as long as the longest read or write.
   */
  long nativeBytesPerTask();
}
