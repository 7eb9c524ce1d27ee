/**
 * The command line, Spark and Hadoop.
 *
 * <p>Text and exit codes belong to the commands and to {@link org.pointwise.jobs.Main} alone; Spark
 * is known to {@link org.pointwise.jobs.SparkRunner} alone, Hadoop's file systems to {@link
 * org.pointwise.jobs.HadoopByteStore}.
 */
@NullMarked
package org.pointwise.jobs;

import org.jspecify.annotations.NullMarked;
