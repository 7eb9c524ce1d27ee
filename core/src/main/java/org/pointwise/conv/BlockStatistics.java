package org.pointwise.conv;

/**
 * What a block of pixels holds, by channel. Mutable.
 *
 * @param sum of x − shift
 * @param zeros how many
 */
record BlockStatistics(float[] sum, float[] least, float[] most, float[] zeros) {
  BlockStatistics(int channels) {
    this(new float[channels], new float[channels], new float[channels], new float[channels]);
  }
}
