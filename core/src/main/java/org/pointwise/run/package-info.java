/**
 * Doing what a plan says: one unit ({@link org.pointwise.run.UnitWorker}), all units ({@link
 * org.pointwise.run.LocalRunner}, the oracle and twin of Spark's), and around them the run folder,
 * receipts, report and verification.
 */
@NullMarked
package org.pointwise.run;

import org.jspecify.annotations.NullMarked;
