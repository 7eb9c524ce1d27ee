/**
 * Makes every decision of a run before any work begins: {@link org.pointwise.plan.ReducePlan}
 * follows from {@link org.pointwise.plan.Reduction}, which holds the choices of the user, and from
 * the description of the input. This package refuses what cannot work, with both numbers and the
 * option to change. Its functions are pure: none opens a store.
 */
@NullMarked
package org.pointwise.plan;

import org.jspecify.annotations.NullMarked;
