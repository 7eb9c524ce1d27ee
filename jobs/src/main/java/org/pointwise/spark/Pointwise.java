package org.pointwise.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.pointwise.Execution;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.hadoop.Stores;

/**
 * The jobs of {@link org.pointwise.Pointwise} in a Spark that runs already, as that of a notebook
 * or of a larger program.
 *
 * <p>It goes on afterwards, and no setting of it matters: it needs no serializer and no registrator
 * of ours, but the jar of this class on its executors, and {@code
 * --add-modules=jdk.incubator.vector} among their Java options for speed. Paths may be those of any
 * file system that Hadoop has. Jobs carry a description each, and the group that the calling thread
 * has set, by which they are cancelled.
 */
public final class Pointwise {
  private Pointwise() {}

  /** In a session's Spark. */
  public static org.pointwise.Pointwise on(SparkSession session) {
    return on(session.sparkContext());
  }

  /** In a running Spark. */
  public static org.pointwise.Pointwise on(SparkContext context) {
    return on(new JavaSparkContext(context));
  }

  /**
   * In a running Spark.
   *
   * @throws InvalidInputException where it was stopped
   */
  public static org.pointwise.Pointwise on(JavaSparkContext context) {
    if (context.sc().isStopped()) {
      throw new InvalidInputException("Cannot run: the SparkContext is stopped; start another");
    }
    HadoopSettings.from(SparkRunner::hadoopSettings);
    return org.pointwise.Pointwise.on(Stores.ANY, Execution.of(SparkRunner.join(context)));
  }
}
