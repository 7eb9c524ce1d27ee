package org.pointwise;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.weights.WeightsRef;

/**
 * A row of the table of an evaluation: a layer, or the stored result of one. Immutable.
 *
 * @param name the name of the row, different from those of all other rows
 * @param where the file of the weights with the name in it, or the stored array, for display
 * @param ref the weights, beside which decoder and moments are found; null if they are not known
 * @param recorded the metadata of the weights
 * @param training the tiles that the layer was fitted on
 * @param stored the stored result to measure; null to compute it
 */
record EvaluatedLayer(
    String name,
    String where,
    @Nullable WeightsRef ref,
    PointwiseLayer layer,
    Map<String, String> recorded,
    TrainingRecord training,
    @Nullable ArrayInfo stored) {
  /**
   * Returns the method by which the layer was fitted, or {@code given} if its file records none.
   */
  String method() {
    return recorded.getOrDefault("method", "given");
  }

  /** Returns the same row with another name. */
  EvaluatedLayer named(String other) {
    return new EvaluatedLayer(other, where, ref, layer, recorded, training, stored);
  }
}
