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
 * @param anew whether the existing output is deleted first, because its first run has not ended and
 *     is dropped
 * @param latest those images of the input that its latest append adds or has added, as {@link
 *     #lines} describes them
 * @param input whose images were chosen
 * @param damaged the names of images that cannot be decoded any more, because of which no image of
 *     the input is stored again
 */
public record NewImageChoice(
    IndexList images,
    List<String> digests,
    long past,
    boolean appends,
    @Nullable SourceRecord dropped,
    boolean anew,
    List<String> latest,
    StableInput input,
    List<String> damaged) {

  /**
   * Returns the choice of all images for a new output.
   *
   * @param dropped the source of an unfinished output that is deleted first; null if there is none
   */
  static NewImageChoice all(ArrayInfo input, GivenImages images, @Nullable SourceRecord dropped) {
    IndexList all = IndexList.range(0, input.shape().n());
    return new NewImageChoice(
        all,
        images.digests(),
        0,
        true,
        dropped,
        dropped != null,
        lines(input, images.names(), all),
        images.input(),
        List.of());
  }

  /** Returns the choice of images that are appended after others. */
  static NewImageChoice append(
      ArrayInfo input,
      GivenImages images,
      List<Long> chosen,
      long past,
      @Nullable SourceRecord dropped) {
    IndexList indexes = IndexList.of(chosen, "images");
    return new NewImageChoice(
        indexes,
        images.select(chosen).digests(),
        past,
        true,
        dropped,
        false,
        lines(input, images.names(), indexes),
        images.input(),
        List.of());
  }

  /**
   * Returns the choice of no image of an input that the output has.
   *
   * @param latest images that the latest append has added; if empty, all of the input's
   */
  static NewImageChoice none(
      ArrayInfo input,
      GivenImages images,
      List<Long> latest,
      long past,
      @Nullable SourceRecord dropped) {
    IndexList all = IndexList.range(0, input.shape().n());
    IndexList listed = latest.isEmpty() ? all : IndexList.of(latest, "images");
    return new NewImageChoice(
        all,
        images.digests(),
        past,
        false,
        dropped,
        false,
        lines(input, images.names(), listed),
        images.input(),
        List.of());
  }

  /** Returns this choice of no image, because some cannot be decoded any more. */
  NewImageChoice keeping(List<String> undecodable) {
    return new NewImageChoice(
        images, digests, past, appends, dropped, anew, latest, input, undecodable);
  }

  /**
   * Returns images in the form of a file of {@code --images}, one for each line: by the names of
   * their files if the input is a folder, else by index in the stored array.
   */
  private static List<String> lines(ArrayInfo input, List<String> names, IndexList images) {
    return names.isEmpty()
        ? inWhole(input, images).stream().map(String::valueOf).toList()
        : LongStream.range(0, images.count())
            .mapToObj(i -> names.get((int) images.get(i)))
            .toList();
  }

  /** Returns the indexes of the chosen images in the stored array of the input. */
  public IndexList indexesInWhole(ArrayInfo input) {
    return input.subset() == null ? images : IndexList.of(inWhole(input, images), "images");
  }

  private static List<Long> inWhole(ArrayInfo input, IndexList images) {
    IndexList whole =
        input.subset() == null ? IndexList.range(0, input.shape().n()) : input.subset().images();
    return LongStream.range(0, images.count()).mapToObj(i -> whole.get(images.get(i))).toList();
  }
}
