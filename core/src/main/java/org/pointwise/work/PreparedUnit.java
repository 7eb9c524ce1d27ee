package org.pointwise.work;

/** A unit that is ready to run. Confined to one thread at a time. */
@FunctionalInterface
public interface PreparedUnit {
  /**
   * Runs the unit, or finds its result already stored.
   *
   * @param parameters parameters of this round; empty where there are none
   * @param cancellationCheck called before each tile is read; an exception that it throws aborts
   *     the unit
   * @throws org.pointwise.errors.InvalidInputException when the input is damaged or a result does
   *     not fit its type
   * @throws org.pointwise.errors.IncompleteRunException when the store fails
   */
  UnitResult run(double[] parameters, Runnable cancellationCheck);
}
