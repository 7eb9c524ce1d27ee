package org.pointwise.format;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.FeatureShape;

/**
 * One array of an output.
 *
 * @param name the name of the array
 * @param isOnly whether the output has no other array
 * @param shape the shape of this array
 * @param dimensionNames the dimension names in the order of the layout's axes
 * @param quantisation the quantisation of features to stored numbers
 * @param layout the layout that all arrays of the output share
 * @param files the names of the input's files
 * @param chosen for each channel the channel of the input that it is, plus a constant; null if the
 *     channels are others
 */
public record OutputTarget(
    String name,
    boolean isOnly,
    FeatureShape shape,
    List<String> dimensionNames,
    Quantisation quantisation,
    OutputArray layout,
    Compression compression,
    InputFiles files,
    @Nullable List<Integer> chosen) {
  /** Describes an array whose channels are not those of the input. */
  public OutputTarget(
      String name,
      boolean isOnly,
      FeatureShape shape,
      List<String> dimensionNames,
      Quantisation quantisation,
      OutputArray layout,
      Compression compression,
      InputFiles files) {
    this(name, isOnly, shape, dimensionNames, quantisation, layout, compression, files, null);
  }

  /** Returns the name of the dimension of the channels. */
  public String channelDimension() {
    return dimensionNames.get(layout.axes().indexOf(Axis.C));
  }

  /** Returns the same array with other dimension names. */
  public OutputTarget withDimensionNames(List<String> names) {
    return new OutputTarget(
        name, isOnly, shape, names, quantisation, layout, compression, files, chosen);
  }
}
