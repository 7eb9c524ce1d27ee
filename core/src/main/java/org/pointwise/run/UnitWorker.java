package org.pointwise.run;

import java.io.IOException;
import org.pointwise.conv.KernelChoice;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.store.ByteStores;

/**
 * Does one unit after another. Confined to one thread: kernel, reader and writers keep their
 * buffers.
 */
public sealed interface UnitWorker extends AutoCloseable permits ReduceWorker, MomentsWorker {
  /**
   * Computes and stores a unit, or finds it stored.
   *
   * @param wanted called before each tile is read; what it throws gives the unit up
   * @throws org.pointwise.errors.InvalidInputException when the input is damaged or a result does
   *     not fit its type
   * @throws IncompleteRunException when the store fails
   */
  Receipt run(long ordinal, Runnable wanted);

  /** Closes reader and kernel; no unit is done any more. */
  @Override
  void close();

  /**
   * A worker for one thread; opens what the plan reads and writes.
   *
   * @param earlier shared by the workers of a process
   */
  static UnitWorker of(UnitPlan plan, ByteStores stores, KernelChoice choice, EarlierRuns earlier) {
    if (plan instanceof MomentsPlan moments) {
      return new MomentsWorker(moments, stores, choice);
    }
    return new ReduceWorker((ReducePlan) plan, stores, choice, earlier);
  }

  /** What is said when the store fails. */
  static IncompleteRunException unfinished(long ordinal, UnitPlan plan, Exception e) {
    Throwable cause = e.getCause() instanceof IOException inner ? inner : e;
    String kind = cause.getClass().getSimpleName();
    return new IncompleteRunException(
        "Cannot finish unit %d of %s: %s; what is stored is whole, mend the cause and run the same command again"
            .formatted(
                ordinal,
                plan.destination(),
                cause.getMessage() == null ? kind : kind + ": " + cause.getMessage()),
        e);
  }
}
