package org.pointwise.work;

/** A unit that is ready to be done. Confined to one thread at a time. */
@FunctionalInterface
public interface PreparedUnit {
  /**
   * Does the unit, or finds it done.
   *
   * @param parameters of this round, empty where there are none
   * @param wanted called before each tile is read; what it throws gives the unit up
   * @throws org.pointwise.errors.InvalidInputException when the input is damaged or a result does
   *     not fit its type
   * @throws org.pointwise.errors.IncompleteRunException when the store fails
   */
  UnitResult run(double[] parameters, Runnable wanted);
}
