package org.pointwise.spark;

import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * The group and the description of the jobs that a thread starts, as Spark's UI shows them, and a
 * tag by which these jobs can be cancelled.
 */
public final class SparkGroup {
  private static final String GROUP = "spark.jobGroup.id";
  private static final String DESCRIPTION = "spark.job.description";

  private final JavaSparkContext spark;
  private final @Nullable String group;
  private final @Nullable String description;
  private final String tag = "pointwise-" + UUID.randomUUID();

  private SparkGroup(JavaSparkContext spark) {
    this.spark = spark;
    this.group = spark.getLocalProperty(GROUP);
    this.description = spark.getLocalProperty(DESCRIPTION);
  }

  /** Sets the description, the tag and, if the thread has no job group, a new group. */
  public static SparkGroup begin(JavaSparkContext spark, String jobDescription) {
    SparkGroup previous = new SparkGroup(spark);
    if (previous.group == null) {
      spark.setLocalProperty(GROUP, previous.tag);
    }
    spark.setLocalProperty(DESCRIPTION, jobDescription);
    spark.sc().addJobTag(previous.tag);
    return previous;
  }

  /**
   * Cancels the jobs that this thread has started since {@link #begin}, and no other jobs of its
   * group.
   */
  public void cancel() {
    spark.sc().cancelJobsWithTag(tag);
  }

  /** Restores the group and the description that the thread had before. */
  public void end() {
    spark.sc().removeJobTag(tag);
    spark.setLocalProperty(GROUP, group);
    spark.setLocalProperty(DESCRIPTION, description);
  }
}
