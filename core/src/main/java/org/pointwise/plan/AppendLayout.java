package org.pointwise.plan;

import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.StoredLayout;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/**
 * The layout of an output that grows along n, and the numbers of images that it has held.
 *
 * @param layout layout of the output, as its first run chose it
 * @param completeImages number of leading images that are complete and stay unchanged
 * @param lengths numbers of images that the output held, or was about to hold, after each previous
 *     run that a shard may still reflect: where such a number lies within a shard, the shard may
 *     lack the images after it
 * @param source the fingerprint inputs that describe the source of the output's first images, if
 *     the images that are appended come from another source; empty for the same source
 * @param storedImages number of images that the output has, if objects with these images must be
 *     copied before they are replaced, because their sources may be gone; else 0
 */
public record AppendLayout(
    StoredLayout layout,
    long completeImages,
    List<Long> lengths,
    List<String> source,
    long storedImages) {
  /** The layout for images from the source of the output's first images. */
  public AppendLayout(StoredLayout layout, long completeImages, List<Long> lengths) {
    this(layout, completeImages, lengths, List.of(), 0);
  }

  /** The {@link #source} of an output with these lineage inputs. */
  public static List<String> sourceOf(List<String> lineageInputs) {
    return lineageInputs.stream().filter(FingerprintInputs::isOfSource).toList();
  }

  /** The {@link #source} of an output of an input. */
  public static List<String> sourceOf(ArrayInfo input) {
    return FingerprintInputs.ofSource(input);
  }

  /**
   * Describes for people which rows, columns and channels of each image a {@link #source} has, and
   * whether it has a mask.
   *
   * @param shape that of the part, of which the numbers of rows and columns are used
   */
  public static String part(List<String> source, FeatureShape shape) {
    return FingerprintInputs.partOf(source, shape);
  }

  /** The extent of an object in pixels. */
  public Extent shard() {
    return layout.object();
  }

  /** Whether a shard that a previous run stored may lack images that the input has. */
  public boolean mayLack(Box shardBox) {
    return lengths.stream().anyMatch(length -> shardBox.n0() < length && length < shardBox.n1());
  }

  /**
   * Whether an input object that holds pixels of a box may have grown since a previous run, by
   * images that lie beside those of the box.
   *
   * @param object pixels that an object of the input holds
   * @param images number of images that the input has
   */
  public boolean mayHaveGrown(Box box, Extent object, long images) {
    long end = Math.min(images, Grid.ceil(box.n1(), object.n()) * object.n());
    return mayLack(
        new Box(box.n0() / object.n() * object.n(), end, box.y0(), box.y1(), box.x0(), box.x1()));
  }
}
