package org.pointwise.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Subset;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.JsonText;
import org.pointwise.work.RunFolder;

/**
 * The images that the latest append with new images has added to an output; all images if there was
 * none. A run that adds no image leaves them as they are, so that a job that evaluates them after
 * the append may be repeated.
 *
 * @param first first of them, an index of the output's images
 * @param images number of images of the output, where they end
 */
record NewImages(long first, long images) {
  private static final String FIRST = "firstImage";
  private static final String IMAGES = "images";

  /**
   * Returns the images that a run adds.
   *
   * @param folder the run folder, with the report of the previous successful run
   */
  static NewImages of(ReducePlan plan, RunFolder folder) throws IOException {
    long images = plan.input().shape().n();
    JsonNode previous = report(folder);
    if (!previous.has(IMAGES)) { // no report, or that of an earlier version
      AppendLayout appendLayout = plan.spec().appendLayout();
      long kept =
          appendLayout == null ? 0 : Math.max(plan.input().past(), appendLayout.completeImages());
      return new NewImages(kept < images ? kept : 0, images);
    }
    long recorded = previous.path(IMAGES).asLong();
    return new NewImages(recorded < images ? recorded : previous.path(FIRST).asLong(), images);
  }

  private static JsonNode report(RunFolder folder) throws IOException {
    byte[] text = folder.store().get(RunFolder.REPORT);
    try {
      return text == null ? JsonText.object() : JsonText.parse(text, RunFolder.REPORT);
    } catch (CorruptDataException e) {
      return JsonText.object(); // the run writes another
    }
  }

  void put(ObjectNode report) {
    report.put(FIRST, first).put(IMAGES, images);
  }

  /**
   * Lists images in the run folder, in the form of a file of {@code --images}: those that the
   * latest append of the given input has added; by the names of their files if the input is a
   * folder, because its own order may be another, else by index in the input.
   *
   * @param sources of an append of new images; null if the input of all images has grown
   */
  void list(ArrayInfo input, @Nullable SourceChange sources, RunFolder folder) throws IOException {
    List<String> lines = sources == null ? lines(input) : sources.latest();
    folder.store().put(RunFolder.NEW_IMAGES, (String.join("\n", lines) + "\n").getBytes(UTF_8));
  }

  private List<String> lines(ArrayInfo input) {
    List<String> names = input.imageNames();
    Subset subset = input.subset();
    return LongStream.range(first, images)
        .mapToObj(
            image ->
                names.isEmpty()
                    ? Long.toString(subset == null ? image : subset.images().get(image))
                    : names.get((int) image))
        .toList();
  }
}
