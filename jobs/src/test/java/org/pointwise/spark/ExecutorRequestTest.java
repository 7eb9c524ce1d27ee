package org.pointwise.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pointwise.spark.StandaloneWorkers.Worker;

/** Tests the description of requests that a cluster does not grant. */
class ExecutorRequestTest {
  private static final List<Worker> WORKERS = List.of(new Worker(2048, 8), new Worker(4096, 2));

  private static String described(
      String master, String memory, @Nullable String cores, @Nullable List<Worker> workers) {
    SparkConf conf =
        new SparkConf(false).set("spark.master", master).set("spark.executor.memory", memory);
    if (cores != null) {
      conf.set("spark.executor.cores", cores);
    }
    return ExecutorRequest.of(conf).describe("app-1", workers);
  }

  @Test
  void namesWhatIsRequestedAndWhatWorkersHave() {
    String most = "the 2 workers of spark://h:7077 have at most 4096 MiB and 8 cores";
    assertThat(described("spark://h:7077", "8g", null, WORKERS))
        .startsWith("each needs 8192 MiB and 1 core, but " + most + "; give less");
    assertThat(described("spark://h:7077", "1g", "9", WORKERS))
        .startsWith("each needs 1024 MiB and 9 cores, but " + most + "; give less");
    assertThat(described("spark://h:7077", "4g", "4", WORKERS))
        .as("both, but not on one worker")
        .startsWith("each needs 4096 MiB and 4 cores, but " + most + "; give less");
    assertThat(described("spark://h:7077", "2g", "2", WORKERS))
        .startsWith("each needs 2048 MiB and 2 cores, and " + most + ", enough on 2 of them; other")
        .contains("spark.cores.max")
        .endsWith("application app-1");
    assertThat(described("spark://h:7077", "1g", null, List.of()))
        .endsWith("but spark://h:7077 has no workers; start workers");
    assertThat(described("spark://h:7077", "1g", null, null))
        .endsWith("; see the page of the master spark://h:7077, application app-1");
  }

  @Test
  void otherClustersGrantMemoryBesideTheHeapToo() {
    assertThat(described("yarn", "8g", "4", null))
        .startsWith("each needs 9011 MiB and 4 cores; see")
        .endsWith("yarn application -status app-1");
    assertThat(described("k8s://https://h", "1g", null, null))
        .isEqualTo(
            "each needs 1408 MiB and 1 core; see kubectl describe pods -l spark-app-selector=app-1");
  }
}
