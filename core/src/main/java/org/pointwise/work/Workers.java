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
 * A plan's workers in one process, which its threads hand to one another, and what every runner
 * does with them. Thread-safe.
 */
public final class Workers implements AutoCloseable {
  /** After the last unit of a share. */
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
  private final Supplier<UnitWorker> make;
  private final Queue<UnitWorker> idle = new ConcurrentLinkedQueue<>();

  public Workers(UnitPlan plan, ByteStores stores) {
    this.plan = plan;
    this.stores = stores;
    this.make = FACTORY.workers(plan, stores);
  }

  /** Takes the numbers of a unit. */
  @FunctionalInterface
  public interface PartialSums {
    void add(long ordinal, double[] numbers);
  }

  /**
   * One thread's share of a round.
   *
   * @param run the unique name of the run, which its receipts carry
   * @param log the name of this share's receipts among those of all runs
   * @param marked whether the run's mark is known to be there at this moment
   * @param retry whether an earlier attempt failed
   * @param parameters of the round, empty where there are none
   * @param wanted as for {@link PreparedUnit#run}
   */
  public record Share(
      String run,
      String log,
      boolean marked,
      boolean retry,
      double[] parameters,
      Runnable wanted) {}

  public UnitPlan plan() {
    return plan;
  }

  /** Units that keep what they read, ready to be done once and again. */
  public List<PreparedUnit> load(long first, long end, Runnable wanted) {
    UnitWorker worker = borrow();
    List<PreparedUnit> units = new ArrayList<>();
    try {
      for (long ordinal = first; ordinal < end; ordinal++) {
        units.add(worker.unit(ordinal, wanted));
      }
    } catch (RuntimeException | Error e) {
      worker.close();
      throw e;
    }
    idle.add(worker);
    return units;
  }

  /**
   * Does units, and keeps their receipts where the plan has them stored.
   *
   * @param next gives the ordinal of the next unit; {@link #END} after the last
   * @param ready units that are ready; null to make them
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
      LongFunction<PreparedUnit> made = ordinal -> worker.unit(ordinal, share.wanted());
      try {
        if (plan instanceof StoringPlan storing) {
          LockWatch mark =
              new LockWatch(storing.destination(), stores, share.run(), share.marked());
          mark.require();
          try (ReceiptLog receipts = new ReceiptLog(storing, stores, share.log())) {
            Stored stored = new Stored(mark, receipts);
            each(next, share, made, stored, numbers, totals, progress);
          }
        } else {
          each(next, share, made, null, numbers, totals, progress);
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

  /** What goes with units that store. */
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
      share.wanted().run();
      if (stored != null) {
        stored.mark.require();
      }
      long begun = System.currentTimeMillis();
      UnitResult result = ready.apply(ordinal).run(share.parameters(), share.wanted());
      Receipt receipt = result.receipt();
      if (receipt != null && stored != null) {
        stored.receipts.add(receipt);
        totals.add(receipt, begun, System.currentTimeMillis());
        progress.done(1, receipt.pixels(), receipt.bytesIn());
      } else {
        totals.addUnit(begun, System.currentTimeMillis());
        progress.done(1, 0, 0);
      }
      numbers.add(ordinal, result.numbers());
    }
  }

  private UnitWorker borrow() {
    UnitWorker worker = idle.poll();
    return worker != null ? worker : make.get();
  }

  /** Closes those that nobody uses. */
  @Override
  public void close() {
    for (UnitWorker worker = idle.poll(); worker != null; worker = idle.poll()) {
      worker.close();
    }
  }
}
