package org.pointwise.format;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Axes;

/**
 * The request for the layout of an output.
 *
 * @param quantisations the quantisation of features to stored numbers, for each array
 * @param axes the axes of the output, in its order
 * @param dimensionNames the dimension names in the same order
 * @param pixelBytes the decoded bytes of a pixel, for the array where they are largest
 * @param objectBytes the target for the decoded bytes of an object; 0: one chunk per object; −1:
 *     the format chooses
 * @param unitPixels the number of input pixels that one unit should hold
 * @param chunk the requested lengths of a chunk
 * @param growing whether the number of images does not limit chunks and objects
 * @param stored the layout of the output that is continued; null for a new output
 */
public record OutputRequest(
    ArrayInfo input,
    List<Quantisation> quantisations,
    Axes axes,
    List<String> dimensionNames,
    long pixelBytes,
    long objectBytes,
    long unitPixels,
    ChunkLengths chunk,
    boolean growing,
    @Nullable StoredLayout stored) {
  /**
   * Requires that NumPy has a code for each element type.
   *
   * @param format the format that needs the codes, for the message
   * @throws InvalidInputException if NumPy lacks a type; the message names the type
   */
  public void requireNumpyTypes(String format) {
    for (Quantisation quantisation : quantisations) {
      if (quantisation.type().numpyCode() == null) {
        throw new InvalidInputException(
            "Cannot store %s as %s: NumPy has no such type; use --dtype float32 or float16"
                .formatted(quantisation.type(), format));
      }
    }
  }
}
