package org.pointwise.job;

import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.IndexList;
import org.pointwise.work.manifest.SourceRecord;

/**
 * The images of an input that are appended to an output. Immutable.
 *
 * @param images indexes among the input's images; all of them if {@code appends} is false
 * @param digests of these images
 * @param past number of images of the output before them
 * @param appends whether there are any; if not, the output has all images of the input
 * @param dropped the source of an unfinished append, or of images that an unfinished run stores
 *     again, if that is dropped; else null
 */
public record NewImageChoice(
    IndexList images,
    List<String> digests,
    long past,
    boolean appends,
    @Nullable SourceRecord dropped) {
  /** Returns the indexes of the chosen images in the stored array of the input. */
  public IndexList indexesInWhole(ArrayInfo input) {
    if (input.subset() == null) {
      return images;
    }
    IndexList whole = input.subset().images();
    List<Long> indexes =
        LongStream.range(0, images.count()).map(i -> whole.get(images.get(i))).boxed().toList();
    return IndexList.of(indexes, "images");
  }
}
