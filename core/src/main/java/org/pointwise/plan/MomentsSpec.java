package org.pointwise.plan;

import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.PixelSample;

/**
 * Everything a user chooses of a pass for moments, parsed.
 *
 * @param output absolute path or URI of the file to write
 * @param labels class of each pixel; null for none
 * @param classes labels are 0 … classes − 1; 0 without labels
 * @param ignored the label of pixels that have none; null where all have one
 * @param sample pixels to take
 * @param heldOut cells to leave out, for an evaluation
 */
public record MomentsSpec(
    String output,
    @Nullable ArrayInfo labels,
    int classes,
    @Nullable Integer ignored,
    PixelSample sample,
    PixelSample heldOut) {}
