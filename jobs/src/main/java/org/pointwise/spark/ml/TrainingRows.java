package org.pointwise.spark.ml;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Network;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Network.Pixels;
import org.pointwise.learn.SumTree;
import org.pointwise.spark.SparkGroup;
import org.pointwise.spark.SparkJobs;
import org.pointwise.tensor.PixelSample;
import scala.Tuple2;

/**
 * A sample of rows that executors keep, in memory or on their disks, to train networks on. Sums
 * over the rows are added in the order of partitions and tiles, and so do not depend on the order
 * in which tasks end; those of one partition are bit-identical to those of an array {@code x,c}
 * with the same pixels. Confined to one thread.
 */
public final class TrainingRows implements AutoCloseable {
  /** The driver takes sums of this size in any case. */
  private static final long DRIVER_BYTES = 64L << 20;

  /** The driver takes the sums of so many tasks in any case. */
  private static final long MIN_TASKS = 32;

  /** A task with fewer bytes of rows would take longer to start than to run. */
  private static final long TASK_BYTES = 1L << 20;

  private static final int MAX_TASKS = 256;

  /** What Spark adds to the result of a task, at most. */
  private static final long RESULT_OVERHEAD_BYTES = 64L << 10;

  private final JavaSparkContext spark;
  private final JavaPairRDD<Long, float[]> tiles;
  private final boolean labelled;

  private TrainingRows(JavaSparkContext spark, JavaPairRDD<Long, float[]> tiles, boolean labelled) {
    this.spark = spark;
    this.tiles = tiles.persist(StorageLevel.MEMORY_AND_DISK());
    this.labelled = labelled;
  }

  /**
   * Samples rows. They are read when they are used first.
   *
   * @param moments of all rows
   * @param sample decides over a row by the number of its partition (n) and its number in it (x)
   * @param networks those that will be trained, which {@link #requireFit fit}
   */
  public static TrainingRows of(
      FeatureRows rows, FeatureMoments moments, PixelSample sample, List<Network> networks) {
    long sumBytes = 0;
    for (Network network : networks) {
      sumBytes = Math.max(sumBytes, Double.BYTES * network.gradientLength());
    }
    FeatureColumn column = rows.column();
    Labels labels = rows.labels();
    int channels = moments.channels();
    double fraction = sample.fraction();
    long seed = sample.seed();
    JavaPairRDD<Long, float[]> tiles =
        rows.rows()
            .mapPartitionsWithIndex(
                (part, values) ->
                    new SampledTiles(
                        column.type(),
                        part,
                        new PixelSample(fraction, seed),
                        new UsableRows(column, labels, channels, values),
                        labels != null),
                false)
            .mapToPair(tile -> tile);
    int partitions = tiles.getNumPartitions();
    double sampled = sample.fraction() * moments.count() * channels * Float.BYTES;
    long full = Math.max(1, (long) (sampled / TASK_BYTES));
    int tasks = (int) Math.min(Math.min(partitions, full), tasks(sumBytes, rows.resultBytes()));
    return new TrainingRows(
        new JavaSparkContext(rows.rows().context()),
        tasks < partitions
            ? tiles.repartitionAndSortWithinPartitions(new Neighbours(partitions, tasks))
            : tiles,
        labels != null);
  }

  /**
   * Checks that a task may return the sums of networks.
   *
   * @throws InvalidInputException if the sums of a network are more than Spark's driver takes
   */
  public static void requireFit(FeatureRows rows, List<Network> networks) {
    networks.forEach(network -> requireFit(network, rows.resultBytes()));
  }

  private static void requireFit(Network network, long limit) {
    long bytes = Double.BYTES * network.gradientLength() + RESULT_OVERHEAD_BYTES;
    if (bytes > limit) {
      throw new InvalidInputException(
          "Cannot train %d → %d → %d channels: the sums have %d MiB but a task of this Spark returns at most %d MiB; set a smaller k, use fewer classes, or raise spark.driver.maxResultSize (at most 2047m are used)"
              .formatted(
                  network.in(), network.hidden(), network.out(), (bytes >> 20) + 1, limit >> 20));
    }
  }

  /** Returns a number of tasks whose sums the driver takes at once. */
  private static long tasks(long sumBytes, long limit) {
    long taken = Math.min(limit / 2, Math.max(DRIVER_BYTES, MIN_TASKS * sumBytes));
    return Math.max(1, Math.min(taken / sumBytes, MAX_TASKS));
  }

  /** Puts tiles of neighbouring partitions together. */
  private static final class Neighbours extends Partitioner {
    private static final long serialVersionUID = 1;

    private final long partitions;
    private final int tasks;

    Neighbours(int partitions, int tasks) {
      this.partitions = partitions;
      this.tasks = tasks;
    }

    @Override
    public int numPartitions() {
      return tasks;
    }

    @Override
    public int getPartition(Object key) {
      return (int) (SampledTiles.part((Long) key) * (long) tasks / partitions);
    }
  }

  /**
   * Returns the sums of a network's loss and gradient over all rows.
   *
   * @param parameters those of the network
   */
  public Gradient sum(Network network, double[] parameters) {
    Broadcast<double[]> sent = spark.broadcast(parameters);
    int in = network.in();
    int hidden = network.hidden();
    int out = network.out();
    Network.Objective objective = network.objective();
    boolean withLabels = labelled;
    SparkGroup group = SparkGroup.begin(spark, "Pointwise: training");
    try {
      JavaRDD<double[]> parts =
          tiles.mapPartitions(
              some -> {
                Network ours = new Network(in, hidden, out, objective);
                return some.hasNext()
                    ? Collections.singleton(sum(ours, sent.value(), some, withLabels)).iterator()
                    : Collections.emptyIterator();
              });
      Gradient total = new Gradient(network);
      FeatureRows.run(parts::collect).forEach(total::add);
      return total;
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      if (e instanceof InterruptedException) {
        SparkJobs.uninterrupted(group::cancel); // Spark would go on
      }
      throw e;
    } finally {
      group.end();
      SparkJobs.uninterrupted(sent::destroy);
    }
  }

  /** Adds the tiles of whole partitions, which are in their order. */
  private static double[] sum(
      Network network, double[] parameters, Iterator<Tuple2<Long, float[]>> tiles, boolean labels) {
    Gradient total = new Gradient(network);
    SumTree<double[]> tree = tree();
    int part = -1;
    while (tiles.hasNext()) {
      Tuple2<Long, float[]> tile = tiles.next();
      int next = SampledTiles.part(tile._1());
      if (next != part) {
        total.add(tree.total(new Gradient(network).toArray()));
        tree = tree();
        part = next;
      }
      Pixels pixels = pixels(tile._2(), network.in(), labels);
      tree.add(SampledTiles.tile(tile._1()), network.gradient(parameters, pixels).toArray());
    }
    total.add(tree.total(new Gradient(network).toArray()));
    return total.toArray();
  }

  private static SumTree<double[]> tree() {
    return new SumTree<>(
        (left, right) -> {
          for (int i = 0; i < left.length; i++) {
            left[i] += right[i];
          }
          return left;
        });
  }

  private static Pixels pixels(float[] numbers, int channels, boolean labelled) {
    int count = numbers.length / (channels + (labelled ? 1 : 0));
    int @Nullable [] labels = labelled ? new int[count] : null;
    for (int i = 0; i < count && labels != null; i++) {
      labels[i] = (int) numbers[count * channels + i];
    }
    return new Pixels(numbers, labels, count);
  }

  /** Releases the rows. */
  @Override
  public void close() {
    SparkJobs.uninterrupted(() -> tiles.unpersist(false));
  }
}
