package org.pointwise.plan;

import java.util.List;
import org.pointwise.format.ArrayInfo;

/**
 * A plan whose units store their results and are recorded by receipts, so that a run continues
 * where a previous run was stopped.
 */
public sealed interface StoringPlan extends UnitPlan permits ReducePlan, MomentsPlan {
  ArrayInfo input();

  /** Absolute path or URI of the output; the run folder lies beside it. */
  String destination();

  /** The lines that determine the result; their hash is the fingerprint. */
  List<String> fingerprintInputs();

  /** Those of {@link #fingerprintInputs} that stay the same while the input grows by images. */
  List<String> lineageInputs();

  /**
   * Maximum bytes outside the heap of one task: the context of the codec, and the direct buffer
   * that the JVM keeps for each thread, which is as long as the longest read or write.
   */
  long nativeBytesPerTask();
}
