package org.pointwise.conv;

import java.nio.ByteOrder;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ElementType;

/**
 * Turns runs of stored numbers into float32 and back. The packed side is float32, little-endian, in
 * byte arrays; positions and steps count bytes there. Implementations are stateless and agree to
 * the bit.
 */
sealed interface ElementConversions permits PlainElementConversions, VectorElementConversions {
  /**
   * Decodes {@code lines} runs of {@code count} numbers to the nearest float32; a finite float64
   * beyond float32 becomes the largest float32 of its sign.
   *
   * @param at where the first number is; the next are {@code step} bytes apart, the next line
   *     {@code lineStep}
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
   * Copies {@code count} packed numbers to floats, {@code width} to each of the runs that begin
   * {@code step} floats apart.
   *
   * @param width a whole number of vectors
   */
  void packPanels(
      byte[] packed, int at, int count, float[] values, int valuesAt, int width, int step);

  /** {@code q · scale + offset} in place, rounded twice. */
  void scale(byte[] packed, int at, int count, float scale, float offset);

  /** The same of number i by {@code scales[first + i]} and {@code offsets[first + i]}. */
  void scale(byte[] packed, int at, int count, float[] scales, float[] offsets, int first);

  /** Whether one of the numbers is {@code value}, which may be NaN. */
  boolean contains(byte[] packed, int at, int count, float value);

  /** Sets {@code mask[maskAt + i]} where number i is {@code value}, which may be NaN. */
  void mark(byte[] packed, int at, int count, float value, boolean[] mask, int maskAt);

  /** Whether all numbers are finite. */
  boolean finite(byte[] packed, int at, int count);

  /**
   * Prepares {@code count} pixels of a panel of {@code width} channels as {@link
   * Microkernel#multiply} reads it: {@code x − shift}. Notes what the pixels hold.
   *
   * @param at where the panel's first channel of the first pixel is; the next pixel is {@code step}
   *     bytes further
   * @param channel the panel's first in {@code shift} and {@code statistics}
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
   * @param steps {@code i·steps[1]} for as many i as a vector has lanes
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
   * Encodes {@code lines} runs of {@code count} values to numbers of a floating type,
   * little-endian, {@code step} bytes apart, rounded to nearest.
   *
   * @return how many finite values are too large for the type; they become infinite, or the largest
   *     finite one where {@code overflow} saturates
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
