/**
 * Pointwise from Java: what the command line does, as calls.
 *
 * <p>{@link org.pointwise.Pointwise} plans and runs the jobs. A job is described by a spec ({@link
 * org.pointwise.ReduceSpec}, {@link org.pointwise.MomentsSpec}, {@link org.pointwise.FitSpec},
 * {@link org.pointwise.EvaluateSpec}, {@link org.pointwise.VerifySpec}), becomes a plan, which
 * refuses what cannot be done before anything is written, and ends in a report. Failures are those
 * of {@link org.pointwise.errors}, with the messages of the command line; an {@link
 * java.io.IOException} is a store that failed. Messages name the options of the command line, which
 * correspond to the components of specs by their names.
 *
 * <p>Types of other packages that occur in signatures here, such as {@link
 * org.pointwise.tensor.ElementType} or {@link org.pointwise.plan.ReducePlan}, may be used as they
 * are documented; those of {@link org.pointwise.job} are not for callers.
 *
 * <p>{@link org.pointwise.Pointwise#local} runs on threads of this JVM and local files; the jobs
 * module adds Spark and the file systems of Hadoop.
 */
@NullMarked
package org.pointwise;

import org.jspecify.annotations.NullMarked;
