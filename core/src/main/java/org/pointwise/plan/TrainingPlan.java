package org.pointwise.plan;

import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.Network;

/**
 * The plan of a training on pixels that are kept in memory. Immutable.
 *
 * @param pixels the pixels to take, and their labels
 * @param layer layer that is applied to the pixels first; null for none
 * @param stored the stored outputs of the layer, which are read instead of computed, with the
 *     images, rows and columns of the input; null to compute the outputs
 * @param network the network to train
 * @param expected approximate number of pixels
 */
public record TrainingPlan(
    PixelSelection pixels,
    ArrayInfo input,
    @Nullable PointwiseLayer layer,
    @Nullable ArrayInfo stored,
    Network network,
    long expected,
    TileRanges units)
    implements UnitPlan {
  /**
   * Ten pairs of a step and a gradient, and twelve more: vectors of all parameters for the
   * optimiser's history of steps and gradients, for the line search, and for a sum that is being
   * received.
   */
  private static final long DRIVER_VECTORS = 32;

  /** Tasks of the driver's JVM may use the rest of its heap. */
  private static final int DRIVER_PART = 5;

  private static final long UNIT_INPUT = 4L << 20;
  private static final long MAX_UNITS = 4096;
  private static final long TASK_OVERHEAD_BYTES = 32L << 20;

  /** Makes the plan. */
  public static TrainingPlan of(
      PixelSelection pixels,
      ArrayInfo input,
      @Nullable PointwiseLayer layer,
      Network network,
      long expected) {
    return of(pixels, input, layer, null, network, expected);
  }

  /**
   * Makes the plan.
   *
   * @param stored the stored outputs of the layer; null to compute them
   */
  public static TrainingPlan of(
      PixelSelection pixels,
      ArrayInfo input,
      @Nullable PointwiseLayer layer,
      @Nullable ArrayInfo stored,
      Network network,
      long expected) {
    TileRanges units = TileRanges.of(input, UNIT_INPUT, MAX_UNITS);
    return new TrainingPlan(pixels, input, layer, stored, network, expected, units);
  }

  @Override
  public long unitCount() {
    return units.count();
  }

  @Override
  public double[] add(double[] left, double[] right) {
    for (int i = 0; i < left.length; i++) {
      left[i] += right[i];
    }
    return left;
  }

  @Override
  public double[] zero() {
    return new Network.Gradient(network).toArray();
  }

  @Override
  public boolean cachesUnits() {
    return true;
  }

  @Override
  public long bytesPerTask() {
    return input.memory().heap()
        + (stored == null ? 0 : stored.memory().heap())
        + pixels.labelBytes(input)
        + 3L * Double.BYTES * network.parameters()
        + TASK_OVERHEAD_BYTES;
  }

  /**
   * Checks that the vectors of the driver fit the heap of this JVM.
   *
   * @throws InvalidInputException with both numbers and the options to change
   */
  public static void requireDriverFits(Network network) {
    long bytes = DRIVER_VECTORS * Double.BYTES * network.parameters();
    long heap = Runtime.getRuntime().maxMemory() / DRIVER_PART;
    if (bytes > heap) {
      throw new InvalidInputException(
          "Cannot train %d parameters: the driver needs %d MiB for them but has %d MiB; use a larger heap (JAVA_OPTS=-Xmx…, or spark.driver.memory), or fewer --channels"
              .formatted(network.parameters(), (bytes >> 20) + 1, heap >> 20));
    }
  }

  /** Bytes of all kept pixels. */
  public long cachedBytes() {
    return expected * (network.in() * (long) Float.BYTES + Integer.BYTES);
  }

  /**
   * Checks that the pixels fit even if one process keeps all of them.
   *
   * @throws InvalidInputException with both numbers and the options to change
   */
  @Override
  public void requireFits(Resources resources) {
    long needed = bytesPerTask() + cachedBytes() / resources.tasks();
    resources.requireHeap(
        "Cannot keep %d pixels to learn from".formatted(expected),
        needed,
        ", or a smaller --train-pixels");
  }
}
