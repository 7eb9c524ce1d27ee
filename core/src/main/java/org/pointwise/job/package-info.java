/**
 * Executes plans: reductions ({@link org.pointwise.job.ReduceRun}), moments passes ({@link
 * org.pointwise.job.MomentsRun}), evaluation, training and verification, each with a worker for its
 * units ({@link org.pointwise.job.JobWorkers}); appends to outputs and replaces outputs.
 */
@NullMarked
package org.pointwise.job;

import org.jspecify.annotations.NullMarked;
