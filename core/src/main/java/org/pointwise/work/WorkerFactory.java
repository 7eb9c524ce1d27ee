package org.pointwise.work;

import java.util.function.Supplier;
import org.pointwise.plan.UnitPlan;
import org.pointwise.store.ByteStores;

/** Makes workers of plans. Found by {@code ServiceLoader}: who runs units knows no job. */
public interface WorkerFactory {
  /**
   * What makes the workers of one process.
   *
   * @return thread-safe
   */
  Supplier<UnitWorker> workers(UnitPlan plan, ByteStores stores);
}
