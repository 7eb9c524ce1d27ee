package org.pointwise.work;

import java.util.function.Supplier;
import org.pointwise.plan.UnitPlan;
import org.pointwise.store.ByteStores;

/**
 * Makes the workers of plans. Found by {@link java.util.ServiceLoader}, so that runners do not
 * depend on jobs.
 */
public interface WorkerFactory {
  /**
   * A supplier of the workers of one process.
   *
   * @return thread-safe
   */
  Supplier<UnitWorker> workers(UnitPlan plan, ByteStores stores);
}
