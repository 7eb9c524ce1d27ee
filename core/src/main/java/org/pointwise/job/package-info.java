/**
 * What is done with plans: reductions ({@link org.pointwise.job.ReduceRun}), passes for moments
 * ({@link org.pointwise.job.MomentsRun}), evaluation, training and verification, each with the
 * worker of its units ({@link org.pointwise.job.JobWorkers}); append, and the replacement of
 * outputs.
 */
@NullMarked
package org.pointwise.job;

import org.jspecify.annotations.NullMarked;
