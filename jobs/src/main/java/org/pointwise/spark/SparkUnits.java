package org.pointwise.spark;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.pointwise.conv.KernelChoice;
import org.pointwise.hadoop.Stores;
import org.pointwise.learn.SumTree;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.SumPlan;
import org.pointwise.run.MapUnit;
import org.pointwise.run.Progress;
import org.pointwise.run.Runner;
import scala.Tuple2;

/**
 * Units as an RDD, kept on their executors where the plan says so; lost ones are read again. A
 * partition has 2^{@code bits} units from a multiple of that on, so that its sum is one node of the
 * tree.
 */
final class SparkUnits implements Runner.Session {
  /** A unit and its ordinal. */
  private record Numbered(long ordinal, MapUnit unit) {}

  private final JavaSparkContext spark;
  private final long driverBytes;
  private final MapPlan plan;
  private final Broadcast<byte[]> work;
  private final JavaRDD<Numbered> units;
  private final int bits;

  /**
   * @param atOnce tasks that may run at once
   * @param driverBytes what units' sums may bring to the driver at once
   */
  SparkUnits(JavaSparkContext spark, MapPlan plan, int atOnce, long driverBytes) {
    this.spark = spark;
    this.driverBytes = driverBytes;
    this.plan = plan;
    Broadcast<byte[]> sent = spark.broadcast(SparkWire.encode(plan));
    this.work = sent;
    long count = plan.unitCount();
    long each = Math.max(1, count / (atOnce * 4L));
    int shift = 63 - Long.numberOfLeadingZeros(each);
    this.bits = shift;
    int partitions = Math.toIntExact(((count - 1) >> shift) + 1);
    this.units =
        spark
            .sc()
            .range(0, partitions, 1, partitions)
            .toJavaRDD()
            .flatMap(
                partition -> {
                  long first = (Long) partition << shift;
                  return LongStream.range(first, Math.min(count, first + (1L << shift)))
                      .mapToObj(ordinal -> numbered(SparkWire.mapPlan(sent.value()), ordinal))
                      .iterator();
                });
    if (plan.keeps()) {
      units.persist(StorageLevel.MEMORY_ONLY());
    }
  }

  private static Numbered numbered(MapPlan plan, long ordinal) {
    return new Numbered(ordinal, MapUnit.of(plan, ordinal, Stores.ANY, KernelChoice.forThisJvm()));
  }

  @Override
  public double[] sum(double[] parameters, Progress progress) {
    double[] nothing = ((SumPlan) plan).nothing();
    int groupBits = bits;
    while ((plan.unitCount() >> groupBits) * nothing.length * Double.BYTES > driverBytes) {
      groupBits++;
    }
    int group = groupBits;
    Broadcast<byte[]> shared = work;
    return asked(
        parameters,
        progress,
        (sent, done) -> {
          JavaRDD<byte[]> sums =
              units.mapPartitions(
                  part -> {
                    SparkJobs.beginTask();
                    SumTree<double[]> tree = tree(SparkWire.mapPlan(shared.value()));
                    while (part.hasNext()) {
                      Numbered unit = part.next();
                      tree.add(unit.ordinal(), unit.unit().apply(sent.value()));
                      done.add(1);
                    }
                    return tree.nodes().stream().map(SparkWire::encode).iterator();
                  });
          if (group > bits) {
            sums =
                sums.mapToPair(sum -> new Tuple2<>(SparkWire.first(sum) >> group, sum))
                    .groupByKey()
                    .values()
                    .flatMap(
                        some -> {
                          SumTree<double[]> tree = tree(SparkWire.mapPlan(shared.value()));
                          some.forEach(sum -> tree.add(SparkWire.node(sum)));
                          return tree.nodes().stream().map(SparkWire::encode).iterator();
                        });
          }
          SumTree<double[]> tree = tree(plan);
          SparkJobs.collect(sums).forEach(sum -> tree.add(SparkWire.node(sum)));
          return tree.total(nothing);
        });
  }

  private static SumTree<double[]> tree(MapPlan plan) {
    return new SumTree<>(((SumPlan) plan)::add);
  }

  @Override
  public List<double[]> map(double[] parameters, Progress progress) {
    return asked(
        parameters,
        progress,
        (sent, done) ->
            SparkJobs.collect(
                units.map(
                    unit -> {
                      SparkJobs.beginTask();
                      double[] answer = unit.unit().apply(sent.value());
                      done.add(1);
                      return answer;
                    })));
  }

  /** Sends the parameters and reports progress while a job runs. */
  private <T> T asked(
      double[] parameters,
      Progress progress,
      BiFunction<Broadcast<double[]>, LongAccumulator, T> job) {
    Broadcast<double[]> sent = spark.broadcast(parameters);
    LongAccumulator done = spark.sc().longAccumulator("units");
    LongAccumulator none = spark.sc().longAccumulator("none");
    Thread teller = SparkJobs.tell(progress, done, none, none);
    SparkGroup group =
        SparkGroup.begin(
            spark,
            "Pointwise: %s of %d units"
                .formatted(plan.getClass().getSimpleName().replace("Plan", ""), plan.unitCount()));
    try {
      return job.apply(sent, done);
    } finally {
      group.end();
      teller.interrupt();
      sent.destroy();
    }
  }

  @Override
  public void close() {
    units.unpersist(false);
    work.destroy();
  }
}
