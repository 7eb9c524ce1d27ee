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
import org.pointwise.errors.Count;
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
  private final Broadcast<byte[]> encodedPlan;
  private final DriverSettings settings;
  private final @Nullable JavaRDD<PreparedUnit> preparedUnits;

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
    this.settings = DriverSettings.current();
    this.encodedPlan = spark.broadcast(SparkWire.encode(plan));
    this.preparedUnits = plan.cachesUnits() && batches > 0 ? prepareUnits() : null;
  }

  /** Reports ended units to the driver through accumulators. */
  private record Done(LongAccumulator units, LongAccumulator pixels, LongAccumulator bytes)
      implements Progress, Serializable {
    @Override
    public void done(long addedUnits, long addedPixels, long addedBytes) {
      units.add(addedUnits);
      pixels.add(addedPixels);
      bytes.add(addedBytes);
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

  private JavaRDD<Object> batchNumbers() {
    return spark.sc().range(0, batches, 1, batches).toJavaRDD();
  }

  private JavaRDD<PreparedUnit> prepareUnits() {
    Broadcast<byte[]> planBytes = encodedPlan;
    DriverSettings driver = settings;
    int taskCount = tasks;
    return batchNumbers()
        .flatMap(
            batch -> {
              SparkJobs.beginTask(driver);
              TaskContext task = TaskContext.get();
              Workers workers = SparkWire.workers(planBytes.value());
              TaskRanges ranges = batches(workers.plan(), taskCount);
              int range = ((Long) batch).intValue();
              return workers
                  .load(ranges.first(range), ranges.end(range), () -> requireNotKilled(task))
                  .iterator();
            })
        .persist(StorageLevel.MEMORY_ONLY());
  }

  @Override
  public Round run(String run, double[] parameters, Progress progress) {
    if (batches == 0) {
      return new Round(new RunTotals(), plan.zero());
    }
    Broadcast<byte[]> planBytes = encodedPlan;
    Broadcast<double[]> broadcastParameters = spark.broadcast(parameters);
    DriverSettings driver = settings;
    int taskCount = tasks;
    LongAccumulator units = spark.sc().longAccumulator("units");
    LongAccumulator pixels = spark.sc().longAccumulator("pixels");
    LongAccumulator bytes = spark.sc().longAccumulator("bytes in");
    Done done = new Done(units, pixels, bytes);
    Thread reporter = SparkJobs.startProgressReporter(progress, units, pixels, bytes);
    SparkGroup group = SparkGroup.begin(spark, describe());
    try {
      JavaRDD<byte[]> parts =
          preparedUnits == null
              ? batchNumbers()
                  .mapPartitionsWithIndex(
                      (batch, ignored) -> {
                        SparkJobs.beginTask(driver);
                        Workers workers = SparkWire.workers(planBytes.value());
                        return runBatch(
                            workers,
                            run,
                            batch,
                            taskCount,
                            broadcastParameters.value(),
                            null,
                            done);
                      },
                      false)
              : preparedUnits.mapPartitionsWithIndex(
                  (batch, prepared) -> {
                    SparkJobs.beginTask(driver);
                    Workers workers = SparkWire.workers(planBytes.value());
                    return runBatch(
                        workers,
                        run,
                        batch,
                        taskCount,
                        broadcastParameters.value(),
                        prepared,
                        done);
                  },
                  false);
      RunTotals totals = new RunTotals();
      SumTree<double[]> tree = new SumTree<>(plan::add);
      SparkJobs.collect(addOnExecutors(parts), group::cancel)
          .forEach(part -> SparkWire.addPart(part, totals, tree));
      return new Round(totals, tree.total(plan.zero()));
    } finally {
      group.end();
      reporter.interrupt();
      SparkJobs.uninterrupted(broadcastParameters::destroy);
    }
  }

  /** Returns the description of the job in Spark's UI. */
  private String describe() {
    return plan instanceof StoringPlan storing
        ? "Pointwise: %s of %s".formatted(Count.of(count, "unit"), storing.destination())
        : "Pointwise: %s of %s"
            .formatted(
                plan.getClass().getSimpleName().replace("Plan", ""), Count.of(count, "unit"));
  }

  /** Runs the units of one task and returns its totals and the sums of its units. */
  private static Iterator<byte[]> runBatch(
      Workers workers,
      String run,
      int batch,
      int tasks,
      double[] parameters,
      @Nullable Iterator<PreparedUnit> prepared,
      Done done) {
    TaskContext task = TaskContext.get();
    UnitPlan plan = workers.plan();
    TaskRanges ranges = batches(plan, tasks);
    AtomicLong next = new AtomicLong(plan.firstUnit() + ranges.first(batch));
    long end = plan.firstUnit() + ranges.end(batch);
    String log = "%s-%06d-%d".formatted(run, batch, task.attemptNumber());
    boolean retry = task.attemptNumber() > 0;
    SumTree<double[]> tree = new SumTree<>(plan::add);
    LongFunction<PreparedUnit> units = prepared == null ? null : ordinal -> prepared.next();
    RunTotals totals =
        workers.run(
            new Workers.Share(run, log, false, retry, parameters, () -> requireNotKilled(task)),
            () -> next.get() < end ? next.getAndIncrement() : Workers.END,
            units,
            (ordinal, sums) -> {
              if (sums.length > 0) {
                tree.add(ordinal, sums);
              }
            },
            done);
    return encode(totals, tree);
  }

  private static Iterator<byte[]> encode(RunTotals totals, SumTree<double[]> tree) {
    List<byte[]> parts = new ArrayList<>();
    parts.add(SparkWire.encode(totals));
    tree.nodes().forEach(node -> parts.add(SparkWire.encode(node)));
    return parts.iterator();
  }

  /**
   * Ends the task if Spark has killed it, because a duplicate ended first or its job was cancelled.
   */
  private static void requireNotKilled(TaskContext task) {
    if (task.isInterrupted()) {
      throw new TaskKilledException("killed");
    }
  }

  /**
   * Returns the parts. Adds them on executors first if their size exceeds the limit of the driver.
   */
  private JavaRDD<byte[]> addOnExecutors(JavaRDD<byte[]> parts) {
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
    Broadcast<byte[]> planBytes = encodedPlan;
    return parts
        .mapToPair(part -> new Tuple2<>(SparkWire.firstLeaf(part) >> group, part))
        .groupByKey()
        .values()
        .flatMap(
            groupParts -> {
              UnitPlan groupPlan = SparkWire.workers(planBytes.value()).plan();
              RunTotals totals = new RunTotals();
              SumTree<double[]> tree = new SumTree<>(groupPlan::add);
              groupParts.forEach(part -> SparkWire.addPart(part, totals, tree));
              return encode(totals, tree);
            });
  }

  @Override
  public void close() {
    SparkJobs.uninterrupted(
        () -> {
          if (preparedUnits != null) {
            preparedUnits.unpersist(false);
          }
          encodedPlan.destroy();
        });
  }
}
