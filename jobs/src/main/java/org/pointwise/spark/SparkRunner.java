package org.pointwise.spark;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.plan.Resources;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Runner;
import scala.Tuple2;

/**
 * Runs a plan on Spark: ordinals go out, totals come back; tensors never cross the wire.
 *
 * <p>What crosses the wire ({@link SparkWire}): the plan (one broadcast), the parameters of a round
 * (another), {@link org.pointwise.work.RunTotals} and sums of units' numbers. Retries, speculation
 * and stragglers are Spark's; units are idempotent. A Spark that runs already is joined, whatever
 * its settings, and goes on.
 */
public final class SparkRunner implements Runner, AutoCloseable {
  /** On a cluster, units are shared out for at least so many tasks at once. */
  private static final int CLUSTER_TASKS = 128;

  /** What units' sums may bring to the driver at once; more are added up on executors first. */
  private static final long DRIVER_BYTES = 64L << 20;

  private final JavaSparkContext spark;
  private final boolean started; // else it was running, and goes on
  private final UnaryOperator<Resources> limit;
  private final long driverBytes;
  private @Nullable Resources known; // as first found: what was proven stays so

  private SparkRunner(
      JavaSparkContext spark, boolean started, UnaryOperator<Resources> limit, long driverBytes) {
    this.spark = spark;
    this.started = started;
    this.limit = limit;
    this.driverBytes = driverBytes;
  }

  /** The same runner, with another limit to what units' sums bring to the driver at once. */
  SparkRunner with(long otherDriverBytes) {
    return new SparkRunner(spark, started, limit, otherDriverBytes);
  }

  /**
   * Joins the Spark that runs in this JVM, else starts it.
   *
   * @param master null for the one that spark-submit sets, else {@code local[*]}
   * @param limit what of the memory that is found a task may use
   */
  public static SparkRunner open(
      String name, @Nullable String master, UnaryOperator<Resources> limit) {
    if (isRunning()) {
      return join(new JavaSparkContext(SparkContext.getOrCreate()), master, limit);
    }
    SparkConf conf = new SparkConf().setIfMissing("spark.app.name", name);
    if (master != null) {
      conf.setMaster(master);
    }
    conf.setIfMissing("spark.master", "local[*]");
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.ui.enabled", "false")
          .setIfMissing("spark.driver.host", "127.0.0.1")
          .setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    try {
      JavaSparkContext spark = Logs.whileStarting(() -> new JavaSparkContext(conf));
      spark.setLocalProperty(SparkJobs.LOG_LEVEL, Logs.chosenLevel());
      requireRegistered(spark);
      return new SparkRunner(spark, true, limit, DRIVER_BYTES);
    } catch (InvalidInputException e) {
      throw e;
    } catch (Exception e) { // Scala throws checked ones unannounced
      throw new InvalidInputException(
          "Cannot start Spark on %s: %s; check --master and Spark's settings, or use --runner local"
              .formatted(
                  conf.get("spark.master"),
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  /** Joins a Spark that runs, and goes on afterwards. */
  static SparkRunner join(JavaSparkContext spark) {
    return join(spark, null, UnaryOperator.identity());
  }

  private static SparkRunner join(
      JavaSparkContext spark, @Nullable String master, UnaryOperator<Resources> limit) {
    if (master != null && !master.equals(spark.master())) {
      throw new InvalidInputException(
          "Cannot run on %s: a Spark runs in this process already, on %s; leave out --master, stop it first, or use --runner local"
              .formatted(master, spark.master()));
    }
    spark.setLocalProperty(SparkJobs.LOG_LEVEL, Logs.chosenLevel());
    return new SparkRunner(spark, false, limit, DRIVER_BYTES);
  }

  /** Whether a Spark runs in this JVM. */
  public static boolean isRunning() {
    return SparkEnv.get() != null;
  }

  /** A standalone master that never answered leaves a context on which every job would hang. */
  private static void requireRegistered(JavaSparkContext spark) {
    if (spark.master().startsWith("spark://")
        && spark.sc().applicationId().startsWith("spark-application-")) {
      throw new InvalidInputException(
          "Cannot start Spark on %s: its master does not answer; check --master, or use --runner local"
              .formatted(spark.master()));
    }
  }

  public static String sparkVersion() {
    return org.apache.spark.package$.MODULE$.SPARK_VERSION();
  }

  /** Of the Spark that runs in this JVM, else of the one that would start. */
  private static SparkConf settings() {
    SparkEnv environment = SparkEnv.get();
    return environment == null ? new SparkConf() : environment.conf();
  }

  /** The master of the Spark that runs, else the one that spark-submit set, else a local one. */
  public static String master() {
    return settings().get("spark.master", "local");
  }

  /** Settings for Hadoop that Spark was given ({@code spark.hadoop.*}), on driver and executors. */
  public static Map<String, String> hadoopSettings() {
    Map<String, String> settings = new HashMap<>();
    for (Tuple2<String, String> entry : settings().getAllWithPrefix("spark.hadoop.")) {
      settings.put(entry._1(), entry._2());
    }
    return settings;
  }

  @Override
  public int tasks() {
    return spark.isLocal() ? ExecutorCores.here(spark) : spark.defaultParallelism();
  }

  /**
   * For how many tasks at once units are shared out: executors may still come, so on a cluster for
   * more than those that are there when a job begins.
   */
  private int atOnce() {
    return Math.max(spark.isLocal() ? 1 : CLUSTER_TASKS, tasks());
  }

  @Override
  public int tasksPerProcess() {
    return spark.isLocal()
        ? tasks()
        : Math.max(1, ExecutorCores.of(spark) / spark.getConf().getInt("spark.task.cpus", 1));
  }

  @Override
  public Map<String, String> versions() {
    return Map.of("spark", sparkVersion(), "hadoop", HadoopSettings.version());
  }

  @Override
  public String describe() {
    return "Spark %s, %s, %d cores".formatted(sparkVersion(), spark.master(), tasks());
  }

  /** Memory that a task has: its share of the executor's heap, four fifths of it for data. */
  @Override
  public Resources resources() {
    Resources found = known == null ? found() : known;
    known = found;
    return found;
  }

  private Resources found() {
    SparkConf conf = spark.getConf();
    int tasks = tasksPerProcess();
    if (spark.isLocal()) {
      return limit.apply(Resources.here(tasks));
    }
    long heap = conf.getSizeAsBytes("spark.executor.memory", "1g");
    return limit.apply(
        Resources.of(tasks, heap, "spark.executor.memory=%dm", overhead(conf, heap) / tasks));
  }

  /** Memory of an executor beside its heap, as its cluster manager grants it. */
  private static long overhead(SparkConf conf, long heap) {
    double factor = conf.getDouble("spark.executor.memoryOverheadFactor", 0.1);
    long min = conf.getSizeAsBytes("spark.executor.minMemoryOverhead", "384m");
    long standard = Math.max((long) (heap * factor), min);
    return conf.getSizeAsBytes("spark.executor.memoryOverhead", standard + "b");
  }

  @Override
  public Session open(UnitPlan plan) {
    plan.requireFits(resources());
    return new SparkUnits(spark, plan, atOnce(), driverBytes);
  }

  @Override
  public void close() {
    if (started) {
      Logs.whileStopping(spark::close);
    }
  }
}
