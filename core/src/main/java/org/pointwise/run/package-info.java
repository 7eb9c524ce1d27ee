/**
 * Doing what a plan says: units one after another ({@link org.pointwise.run.Workers}), all units
 * ({@link org.pointwise.run.LocalRunner}, the oracle and twin of Spark's), and around them the run
 * folder, receipts, report and verification.
 */
@NullMarked
package org.pointwise.run;

import org.jspecify.annotations.NullMarked;
