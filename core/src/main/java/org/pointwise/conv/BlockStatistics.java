package org.pointwise.conv;

/**
 * Statistics of a block of pixels, by channel. Mutable.
 *
 * @param sum the sums of x − shift, in float64
 * @param zeros the numbers of zeros
 */
record BlockStatistics(double[] sum, float[] min, float[] max, float[] zeros) {
  BlockStatistics(int channels) {
    this(new double[channels], new float[channels], new float[channels], new float[channels]);
  }
}
