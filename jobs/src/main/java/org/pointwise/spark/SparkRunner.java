package org.pointwise.spark;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.plan.Resources;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Runner;
import scala.Tuple2;

/**
 * Runs plans on Spark. The driver sends unit numbers and receives totals; no pixels are sent
 * between driver and executors.
 *
 * <p>{@link SparkWire} defines what is sent: the plan (one broadcast), the parameters of a round
 * (another broadcast), {@link org.pointwise.work.RunTotals}, and the sums of units. Spark
 * implements retries, speculation and the handling of stragglers; units are idempotent. A Spark
 * that is already running is joined, whatever its settings, and keeps running.
 */
public final class SparkRunner implements Runner, AutoCloseable {
  /** On a cluster, units are divided for at least this number of concurrent tasks. */
  private static final int CLUSTER_TASKS = 128;

  /**
   * The largest size of the sums that the driver receives at once. Larger amounts are first added
   * on executors.
   */
  private static final long DRIVER_BYTES = 64L << 20;

  private final JavaSparkContext spark;
  private final boolean started; // false: it was already running and keeps running
  private final UnaryOperator<Resources> limit;
  private final long driverBytes;
  private @Nullable Resources detectedResources; // cached, so that a plan that fitted stays valid

  private SparkRunner(
      JavaSparkContext spark, boolean started, UnaryOperator<Resources> limit, long driverBytes) {
    this.spark = spark;
    this.started = started;
    this.limit = limit;
    this.driverBytes = driverBytes;
  }

  /** Returns this runner with another limit for the sums that the driver receives at once. */
  SparkRunner withDriverBytes(long otherDriverBytes) {
    return new SparkRunner(spark, started, limit, otherDriverBytes);
  }

  /**
   * Joins the Spark that runs in this JVM, or starts Spark.
   *
   * @param name name of the application if Spark is started
   * @param master null for the master that spark-submit sets, else {@code local[*]}
   * @param limit maps the detected resources to those that a task may use
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
      spark.setLocalProperty(SparkJobs.STARTED, "true");
      requireRegistered(spark);
      return new SparkRunner(spark, true, limit, DRIVER_BYTES);
    } catch (InvalidInputException e) {
      throw e;
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      String remedy =
          reason.contains("DRIVER_MEMORY")
              ? "use a larger heap, such as JAVA_OPTS=-Xmx1g"
              : "check --master and Spark's settings";
      throw new InvalidInputException(
          "Cannot start Spark on %s: %s; %s, or use --runner local"
              .formatted(conf.get("spark.master"), reason, remedy),
          e);
    }
  }

  /** Joins a running Spark, which keeps running afterwards. */
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

  /** Returns whether Spark is running in this JVM. */
  public static boolean isRunning() {
    return SparkEnv.get() != null;
  }

  /** Returns whether Spark is running in this JVM as the driver. */
  static boolean isDriver() {
    return isRunning() && "driver".equals(SparkEnv.get().executorId());
  }

  /** Refuses a context whose standalone master never answered: every job on it would hang. */
  private static void requireRegistered(JavaSparkContext spark) {
    if (spark.master().startsWith("spark://")
        && spark.sc().applicationId().startsWith("spark-application-")) {
      throw new InvalidInputException(
          "Cannot start Spark on %s: its master does not answer; check --master, or use --runner local"
              .formatted(spark.master()));
    }
  }

  /** Returns the version of Spark on the class path. */
  public static String sparkVersion() {
    return org.apache.spark.package$.MODULE$.SPARK_VERSION();
  }

  /**
   * Returns the settings of the Spark that runs in this JVM, else those with which Spark would
   * start.
   */
  private static SparkConf settings() {
    SparkEnv environment = SparkEnv.get();
    return environment == null ? new SparkConf() : environment.conf();
  }

  /**
   * Returns the master of the running Spark, else the one that spark-submit sets, else {@code
   * local[*]}.
   */
  public static String master() {
    return settings().get("spark.master", "local[*]");
  }

  /**
   * Returns the settings for Hadoop that Spark was given ({@code spark.hadoop.*}), without the
   * prefix. Works on the driver and on executors.
   */
  public static Map<String, String> hadoopSettings() {
    Map<String, String> settings = new HashMap<>();
    for (Tuple2<String, String> entry : settings().getAllWithPrefix("spark.hadoop.")) {
      settings.put(entry._1(), entry._2());
    }
    return settings;
  }

  @Override
  public int tasks() {
    return spark.isLocal() ? ExecutorCores.localThreads(spark) : spark.defaultParallelism();
  }

  /**
   * Returns the number of concurrent tasks for which units are divided. On a cluster, it is at
   * least {@link #CLUSTER_TASKS}, because executors may be added after a job begins.
   */
  private int concurrentTasks() {
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
    return "Spark %s, %s, %s".formatted(sparkVersion(), spark.master(), Count.of(tasks(), "core"));
  }

  /**
   * Returns the memory of a task: its share of the executor's heap, of which four fifths are for
   * data.
   */
  @Override
  public Resources resources() {
    Resources found = detectedResources == null ? detectResources() : detectedResources;
    detectedResources = found;
    return found;
  }

  private Resources detectResources() {
    SparkConf conf = spark.getConf();
    int tasks = tasksPerProcess();
    if (spark.isLocal()) {
      return limit.apply(Resources.ofThisJvm(tasks));
    }
    long heap = conf.getSizeAsBytes("spark.executor.memory", "1g");
    return limit.apply(
        Resources.of(tasks, heap, "spark.executor.memory=%dm", overhead(conf, heap) / tasks));
  }

  /** Returns the memory of an executor beside its heap, as its cluster manager grants it. */
  static long overhead(SparkConf conf, long heap) {
    double factor = conf.getDouble("spark.executor.memoryOverheadFactor", 0.1);
    long min = conf.getSizeAsBytes("spark.executor.minMemoryOverhead", "384m");
    long standard = Math.max((long) (heap * factor), min);
    return conf.getSizeAsBytes("spark.executor.memoryOverhead", standard + "b");
  }

  @Override
  public Session open(UnitPlan plan) {
    plan.requireFits(resources());
    return new SparkUnits(spark, plan, concurrentTasks(), driverBytes);
  }

  @Override
  public void close() {
    if (started) {
      Logs.whileStopping(spark::close);
    }
  }
}
