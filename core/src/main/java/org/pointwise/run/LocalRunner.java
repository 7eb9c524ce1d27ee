package org.pointwise.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.pointwise.conv.KernelChoice;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.store.ByteStores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads of this JVM, each taking the next unit. */
public final class LocalRunner implements Runner {
  private static final Logger LOG = LoggerFactory.getLogger(LocalRunner.class);

  private final ByteStores stores;
  private final int threads;

  public LocalRunner(ByteStores stores, int threads) {
    this.stores = stores;
    this.threads = threads;
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
    return "local, %d threads".formatted(threads);
  }

  @Override
  public RunTotals run(UnitPlan plan, String run, Progress progress) {
    AtomicLong next = new AtomicLong(plan.firstUnit());
    int workers = (int) Math.min(threads, plan.unitCount() - plan.firstUnit());
    EarlierRuns earlier = new EarlierRuns(plan, stores);
    List<Callable<RunTotals>> parts = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      String log = "%s-%03d".formatted(run, i);
      parts.add(() -> work(plan, earlier, log, next, progress));
    }
    RunTotals totals = new RunTotals();
    // After a failure the others stop at the end of the unit they are in.
    together(parts, () -> next.set(plan.unitCount())).forEach(totals::add);
    return totals;
  }

  /** Does all at once; the first failure is thrown once none is running. */
  private static <T> List<T> together(List<Callable<T>> parts, Runnable stop) {
    if (parts.isEmpty()) {
      return List.of();
    }
    ExecutorService pool = Executors.newFixedThreadPool(parts.size());
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<T> part : parts) {
        futures.add(pool.submit(part));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
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

  @Override
  public Session open(MapPlan plan) {
    return new LocalSession(plan);
  }

  private final class LocalSession implements Session {
    private final MapPlan plan;
    private final MapUnit[] kept;

    LocalSession(MapPlan plan) {
      this.plan = plan;
      this.kept = new MapUnit[plan.keeps() ? Math.toIntExact(plan.unitCount()) : 0];
    }

    @Override
    public List<double[]> map(double[] parameters, Progress progress) {
      int units = Math.toIntExact(plan.unitCount());
      double[][] answers = new double[units][];
      AtomicLong next = new AtomicLong();
      List<Callable<Boolean>> parts = new ArrayList<>();
      for (int i = 0; i < Math.min(threads, units); i++) {
        parts.add(
            () -> {
              for (int unit = (int) next.getAndIncrement();
                  unit < units;
                  unit = (int) next.getAndIncrement()) {
                answers[unit] = unit(unit).apply(parameters);
                progress.done(1, 0, 0);
              }
              return true;
            });
      }
      together(parts, () -> next.set(units));
      return List.of(answers);
    }

    private MapUnit unit(int ordinal) {
      if (!plan.keeps()) {
        return MapUnit.of(plan, ordinal, stores, KernelChoice.forThisJvm());
      }
      MapUnit unit = kept[ordinal];
      if (unit == null) {
        unit = MapUnit.of(plan, ordinal, stores, KernelChoice.forThisJvm());
        kept[ordinal] = unit; // each is only ever one thread's; together() publishes it
      }
      return unit;
    }

    @Override
    public void close() {
      Arrays.fill(kept, null);
    }
  }

  private RunTotals work(
      UnitPlan plan, EarlierRuns earlier, String log, AtomicLong next, Progress progress) {
    UnitWorker worker = UnitWorker.of(plan, stores, KernelChoice.forThisJvm(), earlier);
    RunTotals totals = new RunTotals();
    try (ReceiptLog receipts = new ReceiptLog(plan, stores, log)) {
      for (long ordinal = next.getAndIncrement();
          ordinal < plan.unitCount();
          ordinal = next.getAndIncrement()) {
        long begun = System.currentTimeMillis();
        Receipt receipt = worker.run(ordinal);
        receipts.add(receipt);
        totals.add(receipt, begun, System.currentTimeMillis());
        progress.done(1, receipt.pixels(), receipt.bytesIn());
      }
    }
    totals.endPart(false);
    return totals;
  }
}
