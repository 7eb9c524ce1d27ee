package org.pointwise.weights;

import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;

/** A layer does not read as many channels as the input has. */
public final class OtherChannelsException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  private final long needed;

  /**
   * @param layer description of the layer, as the subject of a sentence
   * @param needed the channels that it reads
   */
  OtherChannelsException(String where, String layer, long needed, int inChannels) {
    super(
        "Cannot apply %s: %s reads %s but the input has %d; choose the layer that fits, or check --axes"
            .formatted(where, layer, Count.of(needed, "channel"), inChannels));
    this.needed = needed;
  }

  /** Returns the number of channels that the layer reads. */
  public long needed() {
    return needed;
  }
}
