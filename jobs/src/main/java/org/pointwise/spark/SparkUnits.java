package org.pointwise.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.pointwise.learn.SumTree;
import org.pointwise.plan.StoringPlan;
import org.pointwise.plan.TaskRanges;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.Progress;
import org.pointwise.work.RunTotals;
import org.pointwise.work.Runner;
import org.pointwise.work.Runner.Round;
import org.pointwise.work.Workers;
import scala.Tuple2;

/**
 * Runs rounds of Spark jobs over the units of a plan. Units that keep what they read form an RDD in
 * the memory of their executors; lost units are read again.
 */
final class SparkUnits implements Runner.Session {
  private final JavaSparkContext spark;
  private final long driverBytes;
  private final UnitPlan plan;
  private final int tasks;
  private final long count;
  private final int batches;
  private final Broadcast<byte[]> work;
  private final @Nullable JavaRDD<PreparedUnit> kept;

  /**
   * @param tasks number of concurrent tasks
   * @param driverBytes the largest size of the sums that the driver receives at once
   */
  SparkUnits(JavaSparkContext spark, UnitPlan plan, int tasks, long driverBytes) {
    this.spark = spark;
    this.driverBytes = driverBytes;
    this.plan = plan;
    this.tasks = tasks;
    this.count = plan.unitCount() - plan.firstUnit();
    this.batches = count == 0 ? 0 : batches(plan, tasks).count();
    this.work = spark.broadcast(SparkWire.encode(plan));
    this.kept = plan.cachesUnits() && batches > 0 ? kept() : null;
  }

  /** Reports ended units to the driver through accumulators. */
  private record Done(LongAccumulator units, LongAccumulator pixels, LongAccumulator bytes)
      implements Progress, Serializable {
    @Override
    public void done(long moreUnits, long morePixels, long moreBytes) {
      units.add(moreUnits);
      pixels.add(morePixels);
      bytes.add(moreBytes);
    }
  }

  /**
   * Divides units into ranges: of decreasing length if units store objects, else aligned, so that
   * the sums of a range are a node of the tree of sums.
   */
  private static TaskRanges batches(UnitPlan plan, int tasks) {
    long count = plan.unitCount() - plan.firstUnit();
    return plan instanceof StoringPlan
        ? TaskRanges.of(count, tasks)
        : TaskRanges.aligned(count, tasks);
  }

  private JavaRDD<Object> numbered() {
    return spark.sc().range(0, batches, 1, batches).toJavaRDD();
  }

  private JavaRDD<PreparedUnit> kept() {
    Broadcast<byte[]> sent = work;
    int atOnce = tasks;
    return numbered()
        .flatMap(
            batch -> {
              SparkJobs.beginTask();
              TaskContext task = TaskContext.get();
              Workers workers = SparkWire.workers(sent.value());
              TaskRanges runs = batches(workers.plan(), atOnce);
              int run = ((Long) batch).intValue();
              return workers
                  .load(runs.first(run), runs.end(run), () -> requireWanted(task))
                  .iterator();
            })
        .persist(StorageLevel.MEMORY_ONLY());
  }

  @Override
  public Round run(String run, double[] parameters, Progress progress) {
    if (batches == 0) {
      return new Round(new RunTotals(), plan.zero());
    }
    Broadcast<byte[]> sent = work;
    Broadcast<double[]> given = spark.broadcast(parameters);
    int atOnce = tasks;
    LongAccumulator units = spark.sc().longAccumulator("units");
    LongAccumulator pixels = spark.sc().longAccumulator("pixels");
    LongAccumulator bytes = spark.sc().longAccumulator("bytes in");
    Done done = new Done(units, pixels, bytes);
    Thread announcer = SparkJobs.tell(progress, units, pixels, bytes);
    SparkGroup group = SparkGroup.begin(spark, describe());
    try {
      JavaRDD<byte[]> parts =
          kept == null
              ? numbered()
                  .mapPartitionsWithIndex(
                      (batch, any) -> {
                        Workers workers = SparkWire.workers(sent.value());
                        return share(workers, run, batch, atOnce, given.value(), null, done);
                      },
                      false)
              : kept.mapPartitionsWithIndex(
                  (batch, ready) -> {
                    Workers workers = SparkWire.workers(sent.value());
                    return share(workers, run, batch, atOnce, given.value(), ready, done);
                  },
                  false);
      RunTotals totals = new RunTotals();
      SumTree<double[]> tree = new SumTree<>(plan::add);
      SparkJobs.collect(added(parts), group::cancel)
          .forEach(part -> SparkWire.take(part, totals, tree));
      return new Round(totals, tree.total(plan.zero()));
    } finally {
      group.end();
      announcer.interrupt();
      SparkJobs.uninterrupted(given::destroy);
    }
  }

  /** Returns the description of the job in Spark's UI. */
  private String describe() {
    return plan instanceof StoringPlan storing
        ? "Pointwise: %d units of %s".formatted(count, storing.destination())
        : "Pointwise: %s of %d units"
            .formatted(plan.getClass().getSimpleName().replace("Plan", ""), count);
  }

  /** Runs the units of one task and returns its totals and the sums of its units. */
  private static Iterator<byte[]> share(
      Workers workers,
      String run,
      int batch,
      int tasks,
      double[] parameters,
      @Nullable Iterator<PreparedUnit> ready,
      Done done) {
    SparkJobs.beginTask();
    TaskContext task = TaskContext.get();
    UnitPlan plan = workers.plan();
    TaskRanges runs = batches(plan, tasks);
    AtomicLong next = new AtomicLong(plan.firstUnit() + runs.first(batch));
    long end = plan.firstUnit() + runs.end(batch);
    String log = "%s-%06d-%d".formatted(run, batch, task.attemptNumber());
    boolean retry = task.attemptNumber() > 0;
    SumTree<double[]> tree = new SumTree<>(plan::add);
    LongFunction<PreparedUnit> units = ready == null ? null : ordinal -> ready.next();
    RunTotals totals =
        workers.run(
            new Workers.Share(run, log, false, retry, parameters, () -> requireWanted(task)),
            () -> next.get() < end ? next.getAndIncrement() : Workers.END,
            units,
            (ordinal, numbers) -> {
              if (numbers.length > 0) {
                tree.add(ordinal, numbers);
              }
            },
            done);
    return encoded(totals, tree);
  }

  private static Iterator<byte[]> encoded(RunTotals totals, SumTree<double[]> tree) {
    List<byte[]> parts = new ArrayList<>();
    parts.add(SparkWire.encode(totals));
    tree.nodes().forEach(node -> parts.add(SparkWire.encode(node)));
    return parts.iterator();
  }

  /**
   * Ends the task if Spark has killed it, because a duplicate ended first or its job was cancelled.
   */
  private static void requireWanted(TaskContext task) {
    if (task.isInterrupted()) {
      throw new TaskKilledException("killed");
    }
  }

  /**
   * Returns the parts. Adds them on executors first if their size exceeds the limit of the driver.
   */
  private JavaRDD<byte[]> added(JavaRDD<byte[]> parts) {
    long nodeBytes = (long) plan.zero().length * Double.BYTES;
    int bits = nodeBytes == 0 ? 0 : TaskRanges.bits(count, tasks);
    int groupBits = bits;
    while ((count >> groupBits) * nodeBytes > driverBytes) {
      groupBits++;
    }
    if (groupBits == bits) {
      return parts;
    }
    int group = groupBits;
    Broadcast<byte[]> sent = work;
    return parts
        .mapToPair(part -> new Tuple2<>(SparkWire.first(part) >> group, part))
        .groupByKey()
        .values()
        .flatMap(
            some -> {
              UnitPlan known = SparkWire.workers(sent.value()).plan();
              RunTotals totals = new RunTotals();
              SumTree<double[]> tree = new SumTree<>(known::add);
              some.forEach(part -> SparkWire.take(part, totals, tree));
              return encoded(totals, tree);
            });
  }

  @Override
  public void close() {
    SparkJobs.uninterrupted(
        () -> {
          if (kept != null) {
            kept.unpersist(false);
          }
          work.destroy();
        });
  }
}
