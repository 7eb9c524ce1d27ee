package org.pointwise.work;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.SumTree;
import org.pointwise.plan.Resources;
import org.pointwise.plan.UnitPlan;
import org.pointwise.store.ByteStores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes units on threads of this JVM; each thread takes the next unit. */
public final class LocalRunner implements Runner {
  private static final Logger LOG = LoggerFactory.getLogger(LocalRunner.class);

  private final ByteStores stores;
  private final int threads;
  private final Resources resources;

  /** A runner with all resources of this JVM. */
  public LocalRunner(ByteStores stores, int threads) {
    this(stores, threads, Resources.ofThisJvm(threads));
  }

  /**
   * A runner with limited resources.
   *
   * @param resources resources for this number of threads
   */
  public LocalRunner(ByteStores stores, int threads, Resources resources) {
    if (threads < 1) {
      throw new InvalidInputException(
          "Cannot use %s: give --threads 1 or more".formatted(Count.of(threads, "thread")));
    }
    this.stores = stores;
    this.threads = threads;
    this.resources = resources;
  }

  @Override
  public Resources resources() {
    return resources;
  }

  @Override
  public int tasks() {
    return threads;
  }

  @Override
  public int tasksPerProcess() {
    return threads;
  }

  @Override
  public Map<String, String> versions() {
    return Map.of();
  }

  @Override
  public String describe() {
    return "local, " + Count.of(threads, "thread");
  }

  @Override
  public Session open(UnitPlan plan) {
    plan.requireFits(resources);
    return new LocalSession(plan);
  }

  /**
   * Executes all parts at once, each on its own thread. The first failure in time stops the other
   * parts; it is thrown when no part is running.
   *
   * @return the results in the order in which the parts ended
   */
  private <T> List<T> runAll(List<Callable<T>> parts, Runnable stop) {
    if (parts.isEmpty()) {
      return List.of();
    }
    ExecutorService pool = Executors.newFixedThreadPool(parts.size());
    try {
      CompletionService<T> ended = new ExecutorCompletionService<>(pool);
      for (Callable<T> part : parts) {
        ended.submit(
            () -> {
              try {
                return part.call();
              } finally {
                stores.release();
              }
            });
      }
      List<T> results = new ArrayList<>();
      while (results.size() < parts.size()) {
        results.add(ended.take().get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("A worker failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncompleteRunException(
          "Interrupted; what is stored is whole, run the same command again to continue", e);
    } finally {
      stop.run();
      awaitEnd(pool);
    }
  }

  private static void awaitEnd(ExecutorService pool) {
    pool.shutdown();
    try {
      while (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.info("Waiting for the units under way");
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private final class LocalSession implements Session {
    private final UnitPlan plan;
    private final Workers workers;
    private final @Nullable PreparedUnit[] prepared;

    LocalSession(UnitPlan plan) {
      this.plan = plan;
      this.workers = new Workers(plan, stores);
      this.prepared = new PreparedUnit[plan.cachesUnits() ? Math.toIntExact(plan.unitCount()) : 0];
    }

    @Override
    public Round run(String run, double[] parameters, Progress progress) {
      SumTree<double[]> tree = new SumTree<>(plan::add);
      Workers.PartialSums numbers =
          (ordinal, some) -> {
            if (some.length > 0) {
              synchronized (tree) {
                tree.add(ordinal, some);
              }
            }
          };
      AtomicLong next = new AtomicLong(plan.firstUnit());
      int parts = (int) Math.min(threads, plan.unitCount() - plan.firstUnit());
      List<Callable<RunTotals>> shares = new ArrayList<>();
      for (int i = 0; i < parts; i++) {
        String log = "%s-%03d".formatted(run, i);
        Workers.Share share = new Workers.Share(run, log, true, false, parameters, () -> {});
        shares.add(
            () ->
                workers.run(
                    share,
                    () -> next(next),
                    plan.cachesUnits() ? this::ready : null,
                    numbers,
                    progress));
      }
      RunTotals totals = new RunTotals();
      // After a failure, the other threads stop at the end of their current unit.
      runAll(shares, () -> next.set(plan.unitCount())).forEach(totals::add);
      return new Round(totals, tree.total(plan.zero()));
    }

    private long next(AtomicLong next) {
      long ordinal = next.getAndIncrement();
      return ordinal < plan.unitCount() ? ordinal : Workers.END;
    }

    private PreparedUnit ready(long ordinal) {
      PreparedUnit unit = prepared[(int) ordinal];
      if (unit == null) {
        unit = workers.load(ordinal, ordinal + 1, () -> {}).get(0);
        prepared[(int) ordinal] = unit; // one thread per element; together() publishes it
      }
      return unit;
    }

    @Override
    public void close() {
      Arrays.fill(prepared, null);
      workers.close();
    }
  }
}
