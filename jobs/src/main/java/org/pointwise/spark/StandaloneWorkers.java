package org.pointwise.spark;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.DeployMessages;
import org.apache.spark.deploy.DeployMessages.MasterStateResponse;
import org.apache.spark.rpc.RpcAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag;

/**
 * Lists the workers of a standalone cluster. Its master is the only source, and Spark has no public
 * interface to it: where a Spark has others, the workers are unknown.
 */
final class StandaloneWorkers {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneWorkers.class);

  private static final String SCHEME = "spark://";

  /** Spark's name of the endpoint of a master. */
  private static final String ENDPOINT = "Master";

  private StandaloneWorkers() {}

  /** What a worker has for all its executors. */
  record Worker(long mebibytes, int cores) {}

  /**
   * Returns the workers, including those that the master lost in the last minutes; null if they are
   * unknown.
   */
  static @Nullable List<Worker> of(SparkContext spark) {
    if (!spark.master().startsWith(SCHEME)) {
      return null;
    }
    List<Worker> workers = null;
    for (String host : spark.master().substring(SCHEME.length()).split(",")) {
      List<Worker> registered = ofMaster(spark.env(), SCHEME + host);
      if (registered != null && (workers == null || !registered.isEmpty())) {
        workers = registered; // masters that stand by have no workers
      }
    }
    return workers;
  }

  private static @Nullable List<Worker> ofMaster(SparkEnv env, String url) {
    try {
      MasterStateResponse state =
          env.rpcEnv()
              .setupEndpointRef(RpcAddress.fromSparkURL(url), ENDPOINT)
              .askSync(
                  DeployMessages.RequestMasterState$.MODULE$,
                  ClassTag.apply(MasterStateResponse.class));
      return Arrays.stream(state.workers())
          .map(worker -> new Worker(worker.memory(), worker.cores()))
          .toList();
    } catch (Exception | LinkageError e) { // Scala throws undeclared checked exceptions
      LOG.debug("Cannot list the workers of {}", url, e);
      return null;
    }
  }
}
