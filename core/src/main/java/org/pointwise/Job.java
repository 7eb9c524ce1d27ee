package org.pointwise;

import java.io.IOException;
import java.util.List;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStores;

/**
 * A planned job. Nothing is written before {@link #run}; what was refused of the spec was refused
 * when it was planned. Runs once. Confined to one thread.
 *
 * @param <R> what it reports
 */
public abstract class Job<R extends Report> {
  /** What planning starts from. */
  record Setting(ByteStores stores, Execution execution, Listener listener, long begunNanos) {
    static Setting of(ByteStores stores, Execution execution, Listener listener) {
      return new Setting(stores, execution, listener, System.nanoTime());
    }
  }

  private final Setting setting;
  private final long planNanos;
  private boolean begun;

  Job(Setting setting) {
    this.setting = setting;
    this.planNanos = System.nanoTime() - setting.begunNanos();
  }

  final ByteStores stores() {
    return setting.stores();
  }

  final Execution execution() {
    return setting.execution();
  }

  /** What is likely to be a mistake, a line each. */
  public List<String> warnings() {
    return List.of();
  }

  /** The plan as JSON text. */
  public abstract String json() throws IOException;

  /**
   * What the machines have for each task.
   *
   * @throws org.pointwise.errors.InvalidInputException where the plan needs more
   */
  public abstract Resources requireFits();

  /** Runs to the end, calling the listener that {@link Pointwise#with} was given. */
  public final R run() throws IOException {
    return run(setting.listener());
  }

  /**
   * Runs to the end, or continues what was interrupted of the same plan.
   *
   * @throws org.pointwise.errors.PointwiseException where it cannot
   * @throws IllegalStateException where it has run: plan it again
   */
  public final R run(Listener listener) throws IOException {
    if (begun) {
      throw new IllegalStateException("A job runs once; plan it again");
    }
    begun = true;
    warnings().forEach(listener::warning);
    return execute(listener, System.nanoTime() - planNanos);
  }

  /**
   * Runs.
   *
   * @param started when the job would have begun, had it run as soon as it was planned, by {@link
   *     System#nanoTime}
   */
  abstract R execute(Listener listener, long started) throws IOException;
}
