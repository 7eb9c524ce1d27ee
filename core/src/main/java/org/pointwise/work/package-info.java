/**
 * Doing what a plan says: units one after another ({@link org.pointwise.work.Workers}), all units
 * ({@link org.pointwise.work.LocalRunner}, the oracle and twin of Spark's), and around them the run
 * folder with its receipts and locks, and the report. What the units of a job do is found by {@link
 * org.pointwise.work.WorkerFactory}.
 */
@NullMarked
package org.pointwise.work;

import org.jspecify.annotations.NullMarked;
