package org.pointwise.spark;

import java.util.List;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.spark.StandaloneWorkers.Worker;

/**
 * What an application requests for each executor.
 *
 * @param mebibytes memory: of a standalone cluster the heap, else also the memory beside it
 * @param cores cores, or what a task needs if an executor gets all cores of its worker
 */
record ExecutorRequest(String master, long mebibytes, int cores) {
  static ExecutorRequest of(SparkConf conf) {
    String master = conf.get("spark.master");
    long heap = conf.getSizeAsBytes("spark.executor.memory", "1g");
    long bytes = master.startsWith("spark://") ? heap : heap + SparkRunner.overhead(conf, heap);
    int cores = conf.getInt("spark.executor.cores", conf.getInt("spark.task.cpus", 1));
    return new ExecutorRequest(master, bytes >> 20, cores);
  }

  /**
   * Compares the request with the workers of the cluster.
   *
   * @param application the identifier of the application
   * @param workers null if they are unknown
   * @return a part of one line
   */
  String describe(String application, @Nullable List<Worker> workers) {
    String needs = "each needs %d MiB and %s".formatted(mebibytes, Count.of(cores, "core"));
    if (workers == null) {
      return "%s; see %s".formatted(needs, statusLocation(application));
    }
    if (workers.isEmpty()) {
      return "%s, but %s has no workers; start workers".formatted(needs, master);
    }
    String available =
        "the %s of %s %s at most %d MiB and %s"
            .formatted(
                Count.of(workers.size(), "worker"),
                master,
                workers.size() == 1 ? "has" : "have",
                workers.stream().mapToLong(Worker::mebibytes).max().getAsLong(),
                Count.of(workers.stream().mapToInt(Worker::cores).max().getAsInt(), "core"));
    long fittingWorkers = workers.stream().filter(this::fits).count();
    return fittingWorkers == 0
        ? "%s, but %s; give less by spark.executor.memory and spark.executor.cores, or add workers"
            .formatted(needs, available)
        : "%s, and %s, enough on %d of them; other applications may use it, spark.cores.max may be less than an executor's cores, or executors fail: see %s"
            .formatted(needs, available, fittingWorkers, statusLocation(application));
  }

  private boolean fits(Worker worker) {
    return worker.mebibytes() >= mebibytes && worker.cores() >= cores;
  }

  /** Returns where the cluster manager shows why an application waits. */
  private String statusLocation(String application) {
    if (master.startsWith("yarn")) {
      return "the application in YARN's resource manager, or yarn application -status "
          + application;
    }
    if (master.startsWith("k8s")) {
      return "kubectl describe pods -l spark-app-selector=" + application;
    }
    return "the page of the master %s, application %s".formatted(master, application);
  }
}
