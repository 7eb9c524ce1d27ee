/**
 * Every decision of a run, made before any work: {@link org.pointwise.plan.Reduction} (what the
 * user asked) and the input's description in, {@link org.pointwise.plan.ReducePlan} out. What
 * cannot work is refused here, with both numbers and the option to change. A pure function: nothing
 * here opens a store.
 */
@NullMarked
package org.pointwise.plan;

import org.jspecify.annotations.NullMarked;
