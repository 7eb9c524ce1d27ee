/**
 * What is recorded of an output, and nothing else knows how: in its own metadata ({@link
 * org.pointwise.work.manifest.OutputRecord}) and in {@code plan.json} of its run folder ({@link
 * org.pointwise.work.manifest.PlanRecord}).
 *
 * <p>The version of both is the number in the first of a plan's facts, {@code pointwise output
 * format N}: outputs of another number are read, but not continued. Records keep what they do not
 * know, and what an earlier version did not record yet reads as the accessor says.
 */
@NullMarked
package org.pointwise.work.manifest;

import org.jspecify.annotations.NullMarked;
