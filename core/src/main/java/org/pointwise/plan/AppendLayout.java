package org.pointwise.plan;

import java.util.List;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/**
 * An output that grows along n: how it is laid out, and how much of it is there.
 *
 * @param chunk of the output, as its first run chose it
 * @param shard likewise
 * @param kept images that are whole and stay untouched
 * @param lengths images that the output held, or was about to hold, after each earlier run that a
 *     shard may still show: where one of them lies within a shard, the shard may lack later images
 */
public record AppendLayout(Extent chunk, Extent shard, long kept, List<Long> lengths) {
  /** Whether a shard that an earlier run stored may hold fewer images than are there now. */
  public boolean mayLack(Box shardBox) {
    return lengths.stream().anyMatch(length -> shardBox.n0() < length && length < shardBox.n1());
  }

  /**
   * Whether the objects of the input that hold a box may have grown since an earlier run, by images
   * that lie beside those of the box.
   *
   * @param object pixels that an object of the input holds
   * @param images that the input has now
   */
  public boolean mayHaveGrown(Box box, Extent object, long images) {
    long end = Math.min(images, Grid.ceil(box.n1(), object.n()) * object.n());
    return mayLack(
        new Box(box.n0() / object.n() * object.n(), end, box.y0(), box.y1(), box.x0(), box.x1()));
  }
}
