package org.pointwise;

import java.util.Map;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.weights.WeightsRef;

/**
 * A layer to evaluate. Immutable.
 *
 * @param recorded the metadata of its file
 * @param source the features
 * @param heldOut the hold-out blocks to evaluate on
 */
record EvaluatedLayer(
    WeightsRef ref,
    PointwiseLayer layer,
    Map<String, String> recorded,
    FeatureSource source,
    HoldoutSplit heldOut) {
  ArrayInfo info() {
    return source.info();
  }

  HoldoutBlocks blocks() {
    return heldOut.of(source.info());
  }

  long seed() {
    return heldOut.seed();
  }

  /**
   * Returns the method by which the layer was fitted, or {@code given} if its file records none.
   */
  String method() {
    return recorded.getOrDefault("method", "given");
  }
}
