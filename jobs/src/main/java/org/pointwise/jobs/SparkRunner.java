package org.pointwise.jobs;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.serializer.KryoRegistrator;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelChoice;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.Batches;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.Resources;
import org.pointwise.plan.UnitPlan;
import org.pointwise.run.EarlierRuns;
import org.pointwise.run.MapUnit;
import org.pointwise.run.Progress;
import org.pointwise.run.Receipt;
import org.pointwise.run.ReceiptLog;
import org.pointwise.run.RunTotals;
import org.pointwise.run.Runner;
import org.pointwise.run.UnitWorker;
import scala.Tuple2;

/**
 * Runs a plan on Spark: ordinals go out, totals come back; tensors never cross the wire. The only
 * class that knows Spark.
 *
 * <p>What crosses the wire, each with a serializer of its own: the plan (one broadcast) and {@link
 * RunTotals}; of a {@link MapPlan} also the parameters (a broadcast) and each unit's sums. Retries,
 * speculation and stragglers are Spark's; units are idempotent.
 */
public final class SparkRunner implements Runner, AutoCloseable {
  private static final long PROGRESS_MILLIS = 500;

  /** The property that tells executors what {@code --log-level} says. */
  private static final String LOG_LEVEL = "pointwise.log-level";

  private final JavaSparkContext spark;
  private final boolean started; // else it was running, and goes on

  private SparkRunner(JavaSparkContext spark, boolean started) {
    this.spark = spark;
    this.started = started;
  }

  /**
   * Joins the Spark that a runner of this JVM started, else starts it.
   *
   * @param master null for the one that spark-submit sets, else {@code local[*]}
   */
  static SparkRunner open(String name, @Nullable String master) {
    if (SparkEnv.get() != null) { // one is running
      return join(new JavaSparkContext(SparkContext.getOrCreate()), master);
    }
    SparkConf conf = new SparkConf().setIfMissing("spark.app.name", name);
    if (master != null) {
      conf.setMaster(master);
    }
    conf.setIfMissing("spark.master", "local[*]")
        .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .set("spark.kryo.registrationRequired", "true")
        .set("spark.kryo.registrator", Registrator.class.getName());
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.ui.enabled", "false")
          .setIfMissing("spark.driver.host", "127.0.0.1")
          .setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    try {
      JavaSparkContext spark = new JavaSparkContext(conf);
      Logs.tellFailuresOnce(); // Spark may have configured the log just now
      spark.setLocalProperty(LOG_LEVEL, Logs.chosenLevel());
      requireRegistered(spark);
      return new SparkRunner(spark, true);
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

  private static SparkRunner join(JavaSparkContext spark, @Nullable String master) {
    boolean ours =
        spark.getConf().get("spark.kryo.registrator", "").equals(Registrator.class.getName());
    if (!ours || (master != null && !master.equals(spark.master()))) {
      throw new InvalidInputException(
          "Cannot run on the Spark that runs in this process on %s: it has other settings; stop it first, or use --runner local"
              .formatted(spark.master()));
    }
    spark.setLocalProperty(LOG_LEVEL, Logs.chosenLevel());
    return new SparkRunner(spark, false);
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

  static String sparkVersion() {
    return org.apache.spark.package$.MODULE$.SPARK_VERSION();
  }

  /** Settings for Hadoop that Spark was given ({@code spark.hadoop.*}), on driver and executors. */
  static Map<String, String> hadoopSettings() {
    Map<String, String> settings = new HashMap<>();
    SparkEnv environment = SparkEnv.get();
    SparkConf conf = environment == null ? new SparkConf() : environment.conf();
    for (Tuple2<String, String> entry : conf.getAllWithPrefix("spark.hadoop.")) {
      settings.put(entry._1(), entry._2());
    }
    return settings;
  }

  @Override
  public int tasks() {
    return spark.defaultParallelism();
  }

  @Override
  public int tasksPerProcess() {
    SparkConf conf = spark.getConf();
    return spark.isLocal()
        ? tasks()
        : Math.max(1, conf.getInt("spark.executor.cores", 1) / conf.getInt("spark.task.cpus", 1));
  }

  @Override
  public Map<String, String> versions() {
    return Map.of(
        "spark", sparkVersion(), "hadoop", org.apache.hadoop.util.VersionInfo.getVersion());
  }

  @Override
  public String describe() {
    return "Spark %s, %s, %d cores".formatted(sparkVersion(), spark.master(), tasks());
  }

  /** Memory that a task has: its share of the executor's heap, four fifths of it for data. */
  Resources resources() {
    SparkConf conf = spark.getConf();
    boolean local = spark.isLocal();
    long heap =
        local
            ? Runtime.getRuntime().maxMemory()
            : conf.getSizeAsBytes("spark.executor.memory", "1g");
    int tasks = tasksPerProcess();
    return new Resources(
        tasks,
        heap / 5 * 4 / tasks,
        local ? "a larger heap (JAVA_OPTS=-Xmx…)" : "a larger spark.executor.memory",
        local ? Long.MAX_VALUE : overhead(conf, heap) / tasks);
  }

  /** Memory of an executor beside its heap, as its cluster manager grants it. */
  private static long overhead(SparkConf conf, long heap) {
    double factor = conf.getDouble("spark.executor.memoryOverheadFactor", 0.1);
    long least = conf.getSizeAsBytes("spark.executor.minMemoryOverhead", "384m");
    long standard = Math.max((long) (heap * factor), least);
    return conf.getSizeAsBytes("spark.executor.memoryOverhead", standard + "b");
  }

  @Override
  public RunTotals run(UnitPlan plan, String run, Progress progress) {
    int tasks = Math.max(1, tasks());
    int batches = batches(plan, tasks).count();
    if (batches == 0) {
      return new RunTotals();
    }
    Broadcast<Work> work = spark.broadcast(new Work(plan));
    LongAccumulator doneUnits = spark.sc().longAccumulator("shards");
    LongAccumulator donePixels = spark.sc().longAccumulator("pixels");
    LongAccumulator doneBytes = spark.sc().longAccumulator("bytes in");
    Thread teller = tell(progress, doneUnits, donePixels, doneBytes);
    try {
      JavaRDD<Object> ordinals = spark.sc().range(0, batches, 1, batches).toJavaRDD();
      List<RunTotals> parts =
          ordinals
              .map(
                  batch -> {
                    RunTotals totals =
                        runBatch(work.value(), run, ((Long) batch).intValue(), tasks);
                    doneUnits.add(totals.units());
                    donePixels.add(totals.pixels());
                    doneBytes.add(totals.bytesIn());
                    return totals;
                  })
              .collect();
      return parts.stream().reduce(new RunTotals(), RunTotals::add);
    } finally {
      teller.interrupt();
      work.destroy();
    }
  }

  @Override
  public Session open(MapPlan plan) {
    return new SparkSession(plan);
  }

  /** Units as an RDD, kept on their executors where the plan says so; lost ones are read again. */
  private final class SparkSession implements Session {
    private final Broadcast<MapWork> work;
    private final JavaRDD<MapUnit> units;

    SparkSession(MapPlan plan) {
      Broadcast<MapWork> sent = spark.broadcast(new MapWork(plan));
      this.work = sent;
      int partitions = (int) Math.min(plan.unitCount(), Math.max(1, (long) tasks() * 4));
      this.units =
          spark
              .sc()
              .range(0, plan.unitCount(), 1, partitions)
              .toJavaRDD()
              .map(
                  ordinal ->
                      MapUnit.of(
                          sent.value().plan(),
                          (Long) ordinal,
                          Stores.ANY,
                          KernelChoice.forThisJvm()));
      if (plan.keeps()) {
        units.persist(StorageLevel.MEMORY_ONLY());
      }
    }

    @Override
    public List<double[]> map(double[] parameters, Progress progress) {
      Broadcast<double[]> sent = spark.broadcast(parameters);
      LongAccumulator done = spark.sc().longAccumulator("units");
      LongAccumulator none = spark.sc().longAccumulator("none");
      Thread teller = tell(progress, done, none, none);
      try {
        return units
            .map(
                unit -> {
                  takeLogLevel();
                  double[] answer = unit.apply(sent.value());
                  done.add(1);
                  return answer;
                })
            .collect();
      } finally {
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

  private static Batches batches(UnitPlan plan, int tasks) {
    return Batches.of(plan.unitCount() - plan.firstUnit(), tasks);
  }

  /** Logs on an executor as on the driver. */
  private static void takeLogLevel() {
    String level = TaskContext.get().getLocalProperty(LOG_LEVEL);
    if (level != null && !level.equals(Logs.chosenLevel())) {
      Logs.level(level);
    }
  }

  private static RunTotals runBatch(Work work, String run, int batch, int tasks) {
    takeLogLevel();
    RunTotals totals = new RunTotals();
    Batches batches = batches(work.plan, tasks);
    long from = work.plan.firstUnit();
    UnitWorker worker = work.borrow();
    TaskContext task = TaskContext.get();
    String log = "%s-%06d-%d".formatted(run, batch, task.attemptNumber());
    try (ReceiptLog receipts = new ReceiptLog(work.plan, Stores.ANY, log)) {
      for (long unit = batches.first(batch); unit < batches.end(batch); unit++) {
        long begun = System.currentTimeMillis();
        Receipt receipt = worker.run(from + unit);
        receipts.add(receipt);
        totals.add(receipt, begun, System.currentTimeMillis());
      }
    }
    totals.endPart(task.attemptNumber() > 0);
    work.giveBack(worker);
    return totals;
  }

  private static Thread tell(
      Progress progress, LongAccumulator units, LongAccumulator pixels, LongAccumulator bytes) {
    Thread teller =
        new Thread(
            () -> {
              long[] told = new long[3];
              try {
                while (true) {
                  Thread.sleep(PROGRESS_MILLIS);
                  long[] now = {units.value(), pixels.value(), bytes.value()};
                  progress.done(now[0] - told[0], now[1] - told[1], now[2] - told[2]);
                  told = now;
                }
              } catch (InterruptedException e) {
                // the run has ended
              }
            },
            "progress");
    teller.setDaemon(true);
    teller.start();
    return teller;
  }

  @Override
  public void close() {
    if (started) {
      Logs.whileStopping(spark::close);
    }
  }

  /** A plan on an executor, with the workers that its threads hand to one another. */
  static final class Work {
    final UnitPlan plan;
    private final EarlierRuns earlier;
    private final Queue<UnitWorker> idle = new ConcurrentLinkedQueue<>();

    Work(UnitPlan plan) {
      this.plan = plan;
      this.earlier = new EarlierRuns(plan, Stores.ANY);
    }

    UnitWorker borrow() {
      UnitWorker worker = idle.poll();
      return worker != null
          ? worker
          : UnitWorker.of(plan, Stores.ANY, KernelChoice.forThisJvm(), earlier);
    }

    void giveBack(UnitWorker worker) {
      idle.add(worker);
    }
  }

  /** A plan on an executor. */
  record MapWork(MapPlan plan) {}

  /** Registers everything that we send. Spark registers its own. */
  public static final class Registrator implements KryoRegistrator {
    @Override
    public void registerClasses(Kryo kryo) {
      kryo.register(Work.class, new WorkSerializer());
      kryo.register(MapWork.class, new MapWorkSerializer());
      kryo.register(double[].class);
      kryo.register(double[][].class);
      kryo.register(RunTotals.class, new TotalsSerializer());
      kryo.register(RunTotals[].class);
      kryo.register(Object[].class);
    }
  }

  private static final class WorkSerializer extends Serializer<Work> {
    @Override
    public void write(Kryo kryo, Output out, Work work) {
      PlanWire.write(out, work.plan);
    }

    @Override
    public Work read(Kryo kryo, Input in, Class<Work> type) {
      return new Work(PlanWire.read(in));
    }
  }

  private static final class MapWorkSerializer extends Serializer<MapWork> {
    @Override
    public void write(Kryo kryo, Output out, MapWork work) {
      PlanWire.write(out, work.plan);
    }

    @Override
    public MapWork read(Kryo kryo, Input in, Class<MapWork> type) {
      return new MapWork(PlanWire.readMap(in));
    }
  }

  private static final class TotalsSerializer extends Serializer<RunTotals> {
    @Override
    public void write(Kryo kryo, Output out, RunTotals totals) {
      long[] fields = totals.toArray();
      out.writeInt(fields.length);
      out.writeLongs(fields);
    }

    @Override
    public RunTotals read(Kryo kryo, Input in, Class<RunTotals> type) {
      return RunTotals.of(in.readLongs(in.readInt()));
    }
  }
}
