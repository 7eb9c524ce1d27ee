package org.pointwise.run;

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
import java.util.function.ObjIntConsumer;
import org.pointwise.conv.KernelChoice;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.learn.SumTree;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.Resources;
import org.pointwise.plan.SumPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.store.ByteStores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads of this JVM, each taking the next unit. */
public final class LocalRunner implements Runner {
  private static final Logger LOG = LoggerFactory.getLogger(LocalRunner.class);

  private final ByteStores stores;
  private final int threads;
  private final Resources resources;

  /** With all that this JVM has. */
  public LocalRunner(ByteStores stores, int threads) {
    this(stores, threads, Resources.here(threads));
  }

  /**
   * @param resources that each thread may use
   */
  public LocalRunner(ByteStores stores, int threads, Resources resources) {
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
      parts.add(() -> work(plan, run, earlier, log, next, progress));
    }
    RunTotals totals = new RunTotals();
    // After a failure the others stop at the end of the unit they are in.
    together(parts, () -> next.set(plan.unitCount())).forEach(totals::add);
    return totals;
  }

  /**
   * Does all at once. The first failure, whichever part it is of, stops the others and is thrown
   * once none is running.
   *
   * @return the results in the order in which parts ended
   */
  private <T> List<T> together(List<Callable<T>> parts, Runnable stop) {
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

  @Override
  public Session open(MapPlan plan) {
    plan.requireFits(resources);
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
    public double[] sum(double[] parameters, Progress progress) {
      SumPlan sums = (SumPlan) plan;
      SumTree<double[]> tree = new SumTree<>(sums::add);
      each(
          parameters,
          progress,
          (answer, unit) -> {
            synchronized (tree) {
              tree.add(unit, answer);
            }
          });
      return tree.total(sums.nothing());
    }

    @Override
    public List<double[]> map(double[] parameters, Progress progress) {
      double[][] answers = new double[Math.toIntExact(plan.unitCount())][];
      each(parameters, progress, (answer, unit) -> answers[unit] = answer);
      return List.of(answers);
    }

    private void each(double[] parameters, Progress progress, ObjIntConsumer<double[]> answered) {
      int units = Math.toIntExact(plan.unitCount());
      AtomicLong next = new AtomicLong();
      List<Callable<Boolean>> parts = new ArrayList<>();
      for (int i = 0; i < Math.min(threads, units); i++) {
        parts.add(
            () -> {
              for (int unit = (int) next.getAndIncrement();
                  unit < units;
                  unit = (int) next.getAndIncrement()) {
                answered.accept(unit(unit).apply(parameters), unit);
                progress.done(1, 0, 0);
              }
              return true;
            });
      }
      together(parts, () -> next.set(units));
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
      UnitPlan plan,
      String run,
      EarlierRuns earlier,
      String log,
      AtomicLong next,
      Progress progress) {
    RunMark mark = new RunMark(plan.destination(), stores, run, true);
    RunTotals totals = new RunTotals();
    try (UnitWorker worker = UnitWorker.of(plan, stores, KernelChoice.forThisJvm(), earlier);
        ReceiptLog receipts = new ReceiptLog(plan, stores, log)) {
      for (long ordinal = next.getAndIncrement();
          ordinal < plan.unitCount();
          ordinal = next.getAndIncrement()) {
        mark.require();
        long begun = System.currentTimeMillis();
        Receipt receipt = worker.run(ordinal, () -> {});
        receipts.add(receipt);
        totals.add(receipt, begun, System.currentTimeMillis());
        progress.done(1, receipt.pixels(), receipt.bytesIn());
      }
    }
    totals.endPart(false);
    return totals;
  }
}
