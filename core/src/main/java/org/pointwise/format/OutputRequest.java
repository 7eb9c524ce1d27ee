package org.pointwise.format;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;

/**
 * What is to be laid out.
 *
 * @param quantisations how features become stored numbers, of each array
 * @param axes of the output, in its order
 * @param dimensionNames in the same order
 * @param pixelBytes decoded bytes of a pixel, of the array where they are most
 * @param objectBytes decoded size of an object to aim at; 0: one chunk an object; −1: as the format
 *     chooses
 * @param unitPixels pixels of the input that are worth a unit of work
 * @param chunk of an output that grows, as its first run chose it; else null
 * @param object likewise
 */
public record OutputRequest(
    ArrayInfo input,
    List<Quantisation> quantisations,
    Axes axes,
    List<String> dimensionNames,
    long pixelBytes,
    long objectBytes,
    long unitPixels,
    @Nullable Extent chunk,
    @Nullable Extent object) {
  /**
   * Refuses types that NumPy has no code of.
   *
   * @param format that needs them, for the message
   * @throws InvalidInputException that names the type
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
