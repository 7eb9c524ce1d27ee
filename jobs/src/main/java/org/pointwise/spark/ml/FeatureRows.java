package org.pointwise.spark.ml;

import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.PointwiseException;
import org.pointwise.tensor.ElementType;

/**
 * The rows of a DataFrame to learn a layer from: features and, if it is learned from classes,
 * labels. All passes read the same rows: what Spark shuffled for the first pass is not shuffled
 * again. Rows without a label are not used.
 */
public final class FeatureRows {
  /** What a task returns is one array. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - (1 << 20);

  private final FeatureColumn column;
  private final @Nullable Labels labels;
  private final JavaRDD<InternalRow> rows;
  private final long resultBytes;

  private FeatureRows(
      FeatureColumn column, @Nullable Labels labels, JavaRDD<InternalRow> rows, long resultBytes) {
    this.column = column;
    this.labels = labels;
    this.rows = rows;
    this.resultBytes = resultBytes;
  }

  /**
   * Finds the columns, and the classes in one pass over the labels.
   *
   * @param input the column with features
   * @param label the column with labels; null for none
   * @param binary the type of the numbers in a column of bytes
   * @throws org.pointwise.errors.InvalidInputException if a column is missing or has another type,
   *     or there are no classes
   */
  public static FeatureRows of(
      Dataset<?> data, String input, @Nullable String label, ElementType binary) {
    FeatureColumn column = FeatureColumn.of(data.schema(), input, binary);
    return run(
        () -> {
          Labels labels = label == null ? null : Labels.of(data, label);
          Column features = Columns.find(data.schema(), input).column();
          Column[] columns =
              label == null
                  ? new Column[] {features}
                  : new Column[] {features, Columns.find(data.schema(), label).column()};
          JavaRDD<InternalRow> rows =
              SparkExpressions.execution(data.select(columns)).toRdd().toJavaRDD();
          return new FeatureRows(column, labels, rows, resultBytes(data));
        });
  }

  /** Returns the bytes that a task may return to the driver. */
  private static long resultBytes(Dataset<?> data) {
    long limit =
        data.sparkSession()
            .sparkContext()
            .getConf()
            .getSizeAsBytes("spark.driver.maxResultSize", "1g");
    return limit <= 0 ? MAX_BYTES : Math.min(limit, MAX_BYTES);
  }

  /** Runs Spark's jobs. What this software threw in a task is thrown as it was. */
  static <T> T run(Supplier<T> jobs) {
    try {
      return jobs.get();
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof PointwiseException known) {
          throw known;
        }
      }
      throw e;
    }
  }

  FeatureColumn column() {
    return column;
  }

  @Nullable Labels labels() {
    return labels;
  }

  /** Returns the values of the columns, in the order features, label. */
  JavaRDD<InternalRow> rows() {
    return rows;
  }

  /** Returns the bytes that a task may return to the driver. */
  long resultBytes() {
    return resultBytes;
  }
}
