package org.pointwise.job;

import java.util.List;
import java.util.stream.LongStream;
import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.IndexList;

/**
 * The images of an input that are appended to an output. Immutable.
 *
 * @param images indexes among the input's images; all of them if {@code any} is false
 * @param digests of these images
 * @param past number of images of the output before them
 * @param any whether there are any; if not, the output has all images of the input
 */
public record NewImageChoice(IndexList images, List<String> digests, long past, boolean any) {
  /** Returns the indexes of the chosen images in the stored array of the input. */
  public IndexList inWhole(ArrayInfo given) {
    if (given.subset() == null) {
      return images;
    }
    IndexList whole = given.subset().images();
    List<Long> indexes =
        LongStream.range(0, images.count()).map(i -> whole.at(images.at(i))).boxed().toList();
    return IndexList.of(indexes, "images");
  }
}
