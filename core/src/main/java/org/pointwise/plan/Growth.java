package org.pointwise.plan;

import java.util.List;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;

/**
 * An output that grows along n: how it is laid out, and how much of it is there.
 *
 * @param chunk of the output, as its first run chose it
 * @param shard likewise
 * @param kept images that are whole and stay untouched
 * @param lengths images that the output held, or was about to hold, after each earlier run that a
 *     shard may still show: where one of them lies within a shard, the shard may lack later images
 */
public record Growth(Extent chunk, Extent shard, long kept, List<Long> lengths) {
  /** Whether a shard that an earlier run stored may hold fewer images than are there now. */
  public boolean mayLack(Box shardBox) {
    return lengths.stream().anyMatch(length -> shardBox.n0() < length && length < shardBox.n1());
  }
}
