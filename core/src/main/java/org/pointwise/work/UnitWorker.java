package org.pointwise.work;

import java.io.IOException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.plan.StoringPlan;

/**
 * Executes units of a plan, one after another. Confined to one thread at a time, because readers,
 * kernels and writers reuse their buffers.
 */
public interface UnitWorker extends AutoCloseable {
  /**
   * Prepares a unit. Where the plan's units keep data, reads the data. A unit that keeps nothing
   * must be run before the worker prepares the next one.
   *
   * @param cancellationCheck called before each tile is read; an exception that it throws aborts
   *     the unit
   * @throws org.pointwise.errors.InvalidInputException when the input is damaged
   * @throws IncompleteRunException when the store fails
   */
  PreparedUnit unit(long ordinal, Runnable cancellationCheck);

  /** Closes readers and kernels; no unit may be prepared after this call. */
  @Override
  default void close() {}

  /** The exception to throw when the store fails. */
  static IncompleteRunException unfinished(long ordinal, StoringPlan plan, Exception e) {
    Throwable cause = e.getCause() instanceof IOException inner ? inner : e;
    String kind = cause.getClass().getSimpleName();
    return new IncompleteRunException(
        "Cannot finish unit %d of %s: %s; what is stored is whole, remove the cause and run the same command again"
            .formatted(
                ordinal,
                plan.destination(),
                cause.getMessage() == null ? kind : kind + ": " + cause.getMessage()),
        e);
  }
}
