package org.pointwise.conv;

import java.nio.ByteOrder;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ElementType;

/**
 * Converts runs of stored numbers to float32 and back. Packed numbers are little-endian float32 in
 * byte arrays, where positions and steps are in bytes. Implementations are stateless, and their
 * results are bit-identical.
 */
sealed interface ElementConversions permits PlainElementConversions, VectorElementConversions {
  /**
   * Decodes {@code lines} runs of {@code count} numbers to the nearest float32. A finite float64
   * beyond the float32 range becomes the largest float32 of the same sign.
   *
   * @param at the byte of the first number; the next numbers are {@code step} bytes apart, the next
   *     lines {@code lineStep} bytes
   */
  void decode(
      byte[] stored,
      int at,
      int lineStep,
      int lines,
      int step,
      int count,
      ElementType type,
      ByteOrder order,
      byte[] packed,
      int packedAt,
      int packedLineStep);

  /**
   * Copies {@code count} packed numbers to runs of {@code width} floats. The runs begin {@code
   * step} floats apart.
   *
   * @param width a whole number of vectors
   */
  void packPanels(
      byte[] packed, int at, int count, float[] values, int valuesAt, int width, int step);

  /** Replaces each number q by {@code q · scale + offset}, rounded after each operation. */
  void scale(byte[] packed, int at, int count, float scale, float offset);

  /**
   * Replaces each number as above, number i by {@code scales[first + i]} and {@code offsets[first +
   * i]}.
   */
  void scale(byte[] packed, int at, int count, float[] scales, float[] offsets, int first);

  /** Returns whether any of the numbers is {@code value}, which may be NaN. */
  boolean contains(byte[] packed, int at, int count, float value);

  /** Sets {@code mask[maskAt + i]} if number i is {@code value}, which may be NaN. */
  void mark(byte[] packed, int at, int count, float value, boolean[] mask, int maskAt);

  /** Returns whether all numbers are finite. */
  boolean finite(byte[] packed, int at, int count);

  /**
   * Packs {@code x − shift} of {@code count} pixels as a panel of {@code width} channels in the
   * layout that {@link Microkernel#multiply} reads. Stores the statistics of x.
   *
   * @param at the byte of the panel's first channel of the first pixel; the next pixel is {@code
   *     step} bytes further
   * @param channel the index of the panel's first channel in {@code shift} and {@code statistics}
   * @param width two vectors
   */
  void packCentred(
      byte[] packed,
      int at,
      int step,
      int count,
      int width,
      float[] shift,
      int channel,
      float[] panel,
      int panelAt,
      BlockStatistics statistics);

  /**
   * Packs columns as lines: number k of line c is {@code values[at + k·steps[1] + c]}, for c &lt;
   * {@code lines} and k &lt; {@code count}.
   *
   * @param steps {@code i·steps[1]} for each i below the number of lanes of a vector
   * @param lineStep bytes between neighbouring lines
   */
  void transpose(
      float[] values,
      int at,
      int[] steps,
      int lines,
      int count,
      byte[] packed,
      int packedAt,
      int lineStep);

  /**
   * Encodes {@code lines} runs of {@code count} values to little-endian numbers of a floating type,
   * {@code step} bytes apart, rounded to nearest.
   *
   * @return the number of finite values that are too large for the type; they become infinite, or
   *     the largest finite number if {@code overflow} saturates
   */
  int encode(
      float[] values,
      int from,
      int lineStep,
      int lines,
      int count,
      Overflow overflow,
      ElementType type,
      byte[] stored,
      int at,
      int storedLineStep,
      int step);
}
