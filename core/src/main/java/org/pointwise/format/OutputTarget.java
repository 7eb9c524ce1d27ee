package org.pointwise.format;

import java.util.List;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.FeatureShape;

/**
 * One array of an output.
 *
 * @param name of the array
 * @param alone whether the output has no other array
 * @param shape of this array
 * @param dimensionNames in the order of the layout's axes
 * @param quantisation how features become its stored numbers
 * @param layout that all arrays of the output share
 * @param files of the input
 */
public record OutputTarget(
    String name,
    boolean alone,
    FeatureShape shape,
    List<String> dimensionNames,
    Quantisation quantisation,
    OutputArray layout,
    Compression compression,
    InputFiles files) {}
