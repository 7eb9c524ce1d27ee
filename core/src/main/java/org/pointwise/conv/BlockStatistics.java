package org.pointwise.conv;

/**
 * What a block of pixels holds, by channel. Mutable.
 *
 * @param sum of x − shift, in float64
 * @param zeros how many
 */
record BlockStatistics(double[] sum, float[] min, float[] max, float[] zeros) {
  BlockStatistics(int channels) {
    this(new double[channels], new float[channels], new float[channels], new float[channels]);
  }
}
