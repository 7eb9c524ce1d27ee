package org.pointwise.format;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

/**
 * What is to be laid out.
 *
 * @param axes of the output, in its order
 * @param dimensionNames in the same order
 * @param mostChannels of the array that has most
 * @param objectBytes decoded size of an object to aim at; 0: one chunk an object; −1: as the format
 *     chooses
 * @param unitPixels pixels of the input that are worth a unit of work
 * @param chunk of an output that grows, as its first run chose it; else null
 * @param object likewise
 */
public record OutputRequest(
    ArrayInfo input,
    ElementType type,
    Axes axes,
    List<String> dimensionNames,
    long mostChannels,
    long objectBytes,
    long unitPixels,
    @Nullable Extent chunk,
    @Nullable Extent object) {}
