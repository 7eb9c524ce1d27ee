package org.pointwise.work;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pointwise.plan.StoringPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.store.ByteStores;

/**
 * A pool of workers of one plan, shared by the threads of one process, and the loop over units that
 * all runners use. Thread-safe.
 */
public final class Workers implements AutoCloseable {
  /** Marks the end of a share, in place of an ordinal. */
  public static final long END = -1;

  private static final WorkerFactory FACTORY =
      ServiceLoader.load(WorkerFactory.class, WorkerFactory.class.getClassLoader())
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "META-INF/services/%s is not in the jar; merge service files where jars are put together"
                          .formatted(WorkerFactory.class.getName())));

  private final UnitPlan plan;
  private final ByteStores stores;
  private final Supplier<UnitWorker> workerSupplier;
  private final Queue<UnitWorker> idle = new ConcurrentLinkedQueue<>();

  public Workers(UnitPlan plan, ByteStores stores) {
    this.plan = plan;
    this.stores = stores;
    this.workerSupplier = FACTORY.workers(plan, stores);
  }

  /** Receives the numbers of a unit. */
  @FunctionalInterface
  public interface PartialSums {
    void add(long ordinal, double[] numbers);
  }

  /**
   * One thread's share of a round.
   *
   * @param run the unique name of the run, which its receipts carry
   * @param log the name of this share's receipts, unique among all runs
   * @param marked whether the run's mark is known to exist at this moment
   * @param retry whether a previous attempt failed
   * @param parameters parameters of the round; empty where there are none
   * @param cancellationCheck as for {@link PreparedUnit#run}
   */
  public record Share(
      String run,
      String log,
      boolean marked,
      boolean retry,
      double[] parameters,
      Runnable cancellationCheck) {}

  public UnitPlan plan() {
    return plan;
  }

  /** Prepares units that keep their data, to be run repeatedly. */
  public List<PreparedUnit> load(long first, long end, Runnable cancellationCheck) {
    UnitWorker worker = borrow();
    List<PreparedUnit> units = new ArrayList<>();
    try {
      for (long ordinal = first; ordinal < end; ordinal++) {
        units.add(worker.unit(ordinal, cancellationCheck));
      }
    } catch (RuntimeException | Error e) {
      worker.close();
      throw e;
    }
    idle.add(worker);
    return units;
  }

  /**
   * Runs units, and stores their receipts where the plan stores results.
   *
   * @param next returns the ordinal of the next unit; {@link #END} after the last
   * @param ready returns prepared units; null to prepare each unit when it is its turn
   * @param numbers receives the numbers of each unit
   */
  public RunTotals run(
      Share share,
      LongSupplier next,
      @Nullable LongFunction<PreparedUnit> ready,
      PartialSums numbers,
      Progress progress) {
    RunTotals totals = new RunTotals();
    if (ready != null) {
      each(next, share, ready, null, numbers, totals, progress);
    } else {
      UnitWorker worker = borrow();
      LongFunction<PreparedUnit> prepare =
          ordinal -> worker.unit(ordinal, share.cancellationCheck());
      try {
        if (plan instanceof StoringPlan storing) {
          LockWatch mark =
              new LockWatch(storing.destination(), stores, share.run(), share.marked());
          mark.require();
          try (ReceiptLog receipts = new ReceiptLog(storing, stores, share.log())) {
            Stored stored = new Stored(mark, receipts);
            each(next, share, prepare, stored, numbers, totals, progress);
          }
        } else {
          each(next, share, prepare, null, numbers, totals, progress);
        }
      } catch (RuntimeException | Error e) {
        worker.close();
        throw e;
      }
      idle.add(worker);
    }
    totals.endPart(share.retry());
    return totals;
  }

  /** The mark and the receipts of a plan that stores results. */
  private record Stored(LockWatch mark, ReceiptLog receipts) {}

  private static void each(
      LongSupplier next,
      Share share,
      LongFunction<PreparedUnit> ready,
      @Nullable Stored stored,
      PartialSums numbers,
      RunTotals totals,
      Progress progress) {
    for (long ordinal = next.getAsLong(); ordinal != END; ordinal = next.getAsLong()) {
      share.cancellationCheck().run();
      if (stored != null) {
        stored.mark.require();
      }
      long startedMillis = System.currentTimeMillis();
      UnitResult result = ready.apply(ordinal).run(share.parameters(), share.cancellationCheck());
      Receipt receipt = result.receipt();
      if (receipt != null && stored != null) {
        stored.receipts.add(receipt);
        totals.add(receipt, startedMillis, System.currentTimeMillis());
        progress.done(1, receipt.pixels(), receipt.bytesIn());
      } else {
        totals.addUnit(startedMillis, System.currentTimeMillis());
        progress.done(1, 0, 0);
      }
      numbers.add(ordinal, result.numbers());
    }
  }

  private UnitWorker borrow() {
    UnitWorker worker = idle.poll();
    return worker != null ? worker : workerSupplier.get();
  }

  /** Closes the idle workers. */
  @Override
  public void close() {
    for (UnitWorker worker = idle.poll(); worker != null; worker = idle.poll()) {
      worker.close();
    }
  }
}
