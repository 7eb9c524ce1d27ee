package org.pointwise;

import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStores;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Runner;

/** Provides the runner and the memory for the units of jobs. Confined to one thread. */
public interface Execution extends AutoCloseable {
  /** Returns the runner. The first call may create it. */
  Runner runner();

  /**
   * Returns the resources of a task. Creates the runner only if they cannot be determined
   * otherwise.
   */
  Resources resources();

  /**
   * Returns the number of units that run at once in all processes. Creates the runner only if it
   * cannot be determined otherwise.
   */
  int tasks();

  /**
   * Returns the resources of this process for a single task, for work that does not run on the
   * runner.
   */
  Resources driver();

  /** Closes the runner if this execution created it. */
  @Override
  void close();

  /** Returns an execution on threads of this JVM, which share its heap. */
  static Execution threads(ByteStores stores, int threads) {
    return of(new LocalRunner(stores, threads, Resources.ofThisJvm(threads)));
  }

  /** Returns an execution on an existing runner, which {@link #close} does not close. */
  static Execution of(Runner runner) {
    return new Execution() {
      @Override
      public Runner runner() {
        return runner;
      }

      @Override
      public Resources resources() {
        return runner.resources();
      }

      @Override
      public int tasks() {
        return runner.tasks();
      }

      @Override
      public Resources driver() {
        return Resources.ofThisJvm(1);
      }

      @Override
      public void close() {}
    };
  }
}
