package org.pointwise.spark;

import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.status.AppStatusStore;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** The executors of an application, as Spark reports them, with Scala 2.12 and 2.13. */
@SuppressWarnings("deprecation") // the only conversion that Scala 2.12 and 2.13 have in common
final class ExecutorList {
  private ExecutorList() {}

  /**
   * Returns the executors that have registered, and the driver.
   *
   * @param active whether to leave out those that are lost
   */
  @SuppressWarnings("unchecked")
  static List<ExecutorSummary> of(SparkContext spark, boolean active) {
    AppStatusStore store = spark.statusStore();
    try {
      // The type of the result differs between Scala 2.12 and 2.13.
      Object found =
          AppStatusStore.class.getMethod("executorList", boolean.class).invoke(store, active);
      return JavaConverters.seqAsJavaList((Seq<ExecutorSummary>) found);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "Cannot list the executors of this Spark; Spark 3.5 to 4.3 are supported", e);
    }
  }
}
