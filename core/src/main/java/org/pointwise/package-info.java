/**
 * Pointwise from Java: what the command line does, as calls.
 *
 * <p>{@link org.pointwise.Pointwise} plans and runs the jobs. A job is described by a spec ({@link
 * org.pointwise.ReduceSpec}, {@link org.pointwise.MomentsSpec}, {@link org.pointwise.FitSpec},
 * {@link org.pointwise.EvaluateSpec}, {@link org.pointwise.VerifySpec}), becomes a plan, which
 * refuses what cannot be done before anything is written, and ends in a report. Failures are those
 * of {@link org.pointwise.errors}, with the messages of the command line; an {@link
 * java.io.IOException} is a store that failed.
 *
 * <p>{@link org.pointwise.Pointwise#local} runs on threads of this JVM and local files; the jobs
 * module adds Spark and the file systems of Hadoop.
 */
@NullMarked
package org.pointwise;

import org.jspecify.annotations.NullMarked;
