/**
 * Feature arrays as tables of Spark SQL: the data source {@code pointwise}.
 *
 * <p>The driver opens the array, translates filters to ranges of pixels along each axis, and
 * divides the tiles that hold them into partitions. Executors open the array again and read whole
 * tiles. What differs between Spark 3.5 and 4.3 is not used.
 */
@NullMarked
package org.pointwise.spark.sql;

import org.jspecify.annotations.NullMarked;
