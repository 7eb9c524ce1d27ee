package org.pointwise.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.pointwise.Execution;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.hadoop.Stores;

/**
 * Runs the jobs of {@link org.pointwise.Pointwise} in a Spark that is already running, for example
 * that of a notebook or of a larger program.
 *
 * <p>Spark keeps running afterwards, and its settings do not matter: no serializer and no
 * registrator of this software is needed. Executors need the jar of this class and, for speed,
 * {@code --add-modules=jdk.incubator.vector} among their Java options. Paths may be those of any
 * file system that Hadoop supports. Each job has a description, and belongs to the job group that
 * the calling thread has set, by which it can be cancelled.
 */
public final class Pointwise {
  private Pointwise() {}

  /** Returns an instance that runs in the Spark of a session. */
  public static org.pointwise.Pointwise on(SparkSession session) {
    return on(session.sparkContext());
  }

  /** Returns an instance that runs in a running Spark. */
  public static org.pointwise.Pointwise on(SparkContext context) {
    return on(new JavaSparkContext(context));
  }

  /**
   * Returns an instance that runs in a running Spark.
   *
   * @throws InvalidInputException if the context was stopped
   */
  public static org.pointwise.Pointwise on(JavaSparkContext context) {
    if (context.sc().isStopped()) {
      throw new InvalidInputException("Cannot run: the SparkContext is stopped; start another");
    }
    HadoopSettings.from(SparkStores::settings);
    return org.pointwise.Pointwise.on(Stores.ANY, Execution.of(SparkRunner.join(context)));
  }
}
