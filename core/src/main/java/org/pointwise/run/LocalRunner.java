package org.pointwise.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.pointwise.conv.KernelChoice;
import org.pointwise.errors.IncompleteRunException;
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
  public String describe() {
    return "local, %d threads".formatted(threads);
  }

  @Override
  public RunTotals run(UnitPlan plan, String run, Progress progress) {
    AtomicLong next = new AtomicLong();
    int workers = (int) Math.min(threads, plan.unitCount());
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    try {
      List<Future<RunTotals>> parts = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        String log = "%s-%03d".formatted(run, i);
        parts.add(pool.submit(() -> work(plan, log, next, progress)));
      }
      RunTotals totals = new RunTotals();
      for (Future<RunTotals> part : parts) {
        totals.add(part.get());
      }
      return totals;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("A worker failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncompleteRunException(
          "Interrupted; what is stored is whole, run the same command again to continue", e);
    } finally {
      next.set(plan.unitCount()); // the others stop after the unit they are in
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

  private RunTotals work(UnitPlan plan, String log, AtomicLong next, Progress progress) {
    UnitWorker worker = UnitWorker.of(plan, stores, KernelChoice.forThisJvm());
    RunTotals totals = new RunTotals();
    try (ReceiptLog receipts = new ReceiptLog(plan.destination(), stores, log)) {
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
    return totals;
  }
}
