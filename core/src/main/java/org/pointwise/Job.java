package org.pointwise;

import java.io.IOException;
import java.util.List;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStores;

/**
 * A planned job. Planning checks the spec and refuses it if it is invalid; nothing is written
 * before {@link #run}. A job runs once. Confined to one thread.
 *
 * @param <R> the type of its report
 */
public abstract class Job<R extends Report> {
  /** The context in which a job is planned. */
  record Setting(ByteStores stores, Execution execution, Listener listener, long startedNanos) {
    static Setting of(ByteStores stores, Execution execution, Listener listener) {
      return new Setting(stores, execution, listener, System.nanoTime());
    }
  }

  private final Setting setting;
  private final long planNanos;
  private boolean hasRun;

  Job(Setting setting) {
    this.setting = setting;
    this.planNanos = System.nanoTime() - setting.startedNanos();
  }

  final ByteStores stores() {
    return setting.stores();
  }

  final Execution execution() {
    return setting.execution();
  }

  /** Returns descriptions of likely mistakes, one line each. */
  public List<String> warnings() {
    return List.of();
  }

  /** Returns the plan as JSON text. May refuse the plan as {@link #requireFits} does. */
  public abstract String json() throws IOException;

  /**
   * Checks that the plan fits into memory and returns the resources of each task.
   *
   * @throws org.pointwise.errors.InvalidInputException if the plan requires more memory than a task
   *     has
   */
  public abstract Resources requireFits();

  /**
   * Runs the job to its end with the listener that was given to {@link Pointwise#with}. See {@link
   * #run(Listener)}.
   */
  public final R run() throws IOException {
    return run(setting.listener());
  }

  /**
   * Runs the job to its end, or continues an interrupted run of the same plan.
   *
   * @throws org.pointwise.errors.PointwiseException if the job fails
   * @throws IllegalStateException if the job has already run; plan it again
   */
  public final R run(Listener listener) throws IOException {
    if (hasRun) {
      throw new IllegalStateException("A job runs once; plan it again");
    }
    hasRun = true;
    warnings().forEach(listener::warning);
    return execute(listener, System.nanoTime() - planNanos);
  }

  /**
   * Runs the job.
   *
   * @param started the {@link System#nanoTime} of the begin of {@link #run}, minus the duration of
   *     planning: reported durations include planning, but not the time between planning and
   *     running
   */
  abstract R execute(Listener listener, long started) throws IOException;
}
