/**
 * The Java API of Pointwise: the commands of the command line as method calls.
 *
 * <p>{@link org.pointwise.Pointwise} plans and runs the jobs. A spec ({@link
 * org.pointwise.ReduceSpec}, {@link org.pointwise.MomentsSpec}, {@link org.pointwise.FitSpec},
 * {@link org.pointwise.EvaluateSpec}, {@link org.pointwise.VerifySpec}) describes a job. Planning
 * refuses what cannot be done before anything is written. Running a job returns a report. Failures
 * are the exceptions of {@link org.pointwise.errors}, with the messages of the command line; an
 * {@link java.io.IOException} reports that a store failed. Messages name the options of the command
 * line, which correspond by name to the components of specs.
 *
 * <p>Types of other packages in signatures of this package, such as {@link
 * org.pointwise.tensor.ElementType} or {@link org.pointwise.plan.ReducePlan}, may be used as
 * documented. Callers must not use the types of {@link org.pointwise.job}.
 *
 * <p>{@link org.pointwise.Pointwise#local} runs on threads of this JVM and local files. The jobs
 * module adds Spark and the file systems of Hadoop.
 */
@NullMarked
package org.pointwise;

import org.jspecify.annotations.NullMarked;
