package org.pointwise.work;

import java.io.IOException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.plan.StoringPlan;

/**
 * Does units of a plan, one after another. Confined to one thread at a time: readers, kernels and
 * writers keep their buffers.
 */
public interface UnitWorker extends AutoCloseable {
  /**
   * Makes a unit ready: reads what it keeps where its plan says so. A unit that keeps nothing is
   * done before the worker makes the next.
   *
   * @param wanted called before each tile is read; what it throws gives the unit up
   * @throws org.pointwise.errors.InvalidInputException when the input is damaged
   * @throws IncompleteRunException when the store fails
   */
  PreparedUnit unit(long ordinal, Runnable wanted);

  /** Closes readers and kernels; no unit is made any more. */
  @Override
  default void close() {}

  /** What is said when the store fails. */
  static IncompleteRunException unfinished(long ordinal, StoringPlan plan, Exception e) {
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
