package org.pointwise.spark;

import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** What Spark's UI shows of the jobs that a thread starts, and by which they can be cancelled. */
final class SparkGroup {
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

  /** Begins jobs of a group of their own, or of the one that this thread is in. */
  static SparkGroup begin(JavaSparkContext spark, String what) {
    SparkGroup before = new SparkGroup(spark);
    if (before.group == null) {
      spark.setLocalProperty(GROUP, before.tag);
    }
    spark.setLocalProperty(DESCRIPTION, what);
    spark.sc().addJobTag(before.tag);
    return before;
  }

  /** Cancels the jobs that this thread has begun since, and no others of its group. */
  void cancel() {
    spark.sc().cancelJobsWithTag(tag);
  }

  /** Gives the thread back what it had. */
  void end() {
    spark.sc().removeJobTag(tag);
    spark.setLocalProperty(GROUP, group);
    spark.setLocalProperty(DESCRIPTION, description);
  }
}
