/**
 * Executes plans: units one after another ({@link org.pointwise.work.Workers}), and all units of a
 * plan ({@link org.pointwise.work.LocalRunner}, the reference for the Spark runner, with the same
 * results). Manages the run folder with its receipts and locks, and the report. {@link
 * org.pointwise.work.WorkerFactory} finds the implementation of a job's units.
 */
@NullMarked
package org.pointwise.work;

import org.jspecify.annotations.NullMarked;
