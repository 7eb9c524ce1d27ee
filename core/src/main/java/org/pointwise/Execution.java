package org.pointwise;

import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStores;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Runner;

/** Where the units of a job run. Confined to one thread. */
public interface Execution extends AutoCloseable {
  /** Who runs them; made when it is first asked for. */
  Runner runner();

  /** What a task will have; a runner is made for the answer only where nothing else knows it. */
  Resources resources();

  /** What this process has for one task, where it works alone. */
  Resources driver();

  /** Closes the runner, if it was made here. */
  @Override
  void close();

  /** Threads of this JVM, which share its heap. */
  static Execution threads(ByteStores stores, int threads) {
    return of(new LocalRunner(stores, threads, Resources.here(threads)));
  }

  /** A runner that is there already, and stays open. */
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
      public Resources driver() {
        return Resources.here(1);
      }

      @Override
      public void close() {}
    };
  }
}
