/**
 * The records of an output: the record in its own metadata ({@link
 * org.pointwise.work.manifest.OutputRecord}) and {@code plan.json} in its run folder ({@link
 * org.pointwise.work.manifest.PlanRecord}). Only this package reads and writes their format.
 *
 * <p>The version of both is the number N in the first of a plan's fingerprint inputs, {@code
 * pointwise output format N}. Outputs of another version are read, but not continued. Records keep
 * unknown fields. Accessors specify their result for fields that a previous version did not record.
 */
@NullMarked
package org.pointwise.work.manifest;

import org.jspecify.annotations.NullMarked;
