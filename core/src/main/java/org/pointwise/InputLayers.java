package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.weights.NamedLayer;
import org.pointwise.weights.OtherChannelsException;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;

/** Reads the layers that are applied to an input. */
final class InputLayers {
  private InputLayers() {}

  /**
   * Reads a layer for the channels of an input.
   *
   * @throws InvalidInputException if the layer does not match the input; names the axes with which
   *     it would
   */
  static NamedLayer read(ByteStores stores, WeightsRef ref, ArrayInfo input) throws IOException {
    try {
      return Weights.read(stores, ref, input.shape().c());
    } catch (OtherChannelsException e) {
      Axes fitting = input.subset() == null ? fitting(input, e.needed()) : null;
      if (fitting == null) {
        throw e;
      }
      throw new InvalidInputException(
          "%s: with --axes %s it has %d".formatted(e.getMessage(), fitting, e.needed()), e);
    }
  }

  /** Returns axes whose channels have a length; null if no dimension has it. */
  private static @Nullable Axes fitting(ArrayInfo input, long channels) {
    List<Axis> stored = new ArrayList<>(input.axes().order());
    if (input.storage() == Storage.IMAGES) {
      stored.remove(Axis.N); // the files have no such dimension
    }
    for (int d = 0; d < stored.size(); d++) {
      if (input.shape().length(stored.get(d)) == channels) {
        List<Axis> others = new ArrayList<>(List.of(Axis.N, Axis.Y, Axis.X));
        others.retainAll(stored);
        others.add(d, Axis.C);
        return new Axes(others);
      }
    }
    return null;
  }
}
