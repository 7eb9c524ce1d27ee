package org.pointwise.plan;

import org.jspecify.annotations.Nullable;
import org.pointwise.format.ChunkLengths;
import org.pointwise.format.StoredLayout;

/**
 * What is given about the layout of an output.
 *
 * @param shardBytes target for the decoded bytes of an object; 0: one chunk per object, without
 *     shards; {@link Reduction#CHOOSE}: the plan chooses
 * @param chunk requested lengths of a chunk
 * @param growing whether images will be appended later, so that the number of images does not limit
 *     chunks and objects
 * @param stored layout of the output that is continued and keeps it; null for a new output
 */
public record LayoutChoice(
    long shardBytes, ChunkLengths chunk, boolean growing, @Nullable StoredLayout stored) {
  /** The choice of a new output that does not grow, with no requested chunk. */
  public static LayoutChoice of(long shardBytes) {
    return new LayoutChoice(shardBytes, ChunkLengths.CHOOSE, false, null);
  }

  /** The same choice with the layout of a stored output. */
  public LayoutChoice keeping(@Nullable StoredLayout other) {
    return new LayoutChoice(shardBytes, chunk, growing, other);
  }

  /** Whether the request leaves the whole layout to the plan. */
  public boolean open() {
    return shardBytes == Reduction.CHOOSE && chunk.equals(ChunkLengths.CHOOSE);
  }
}
