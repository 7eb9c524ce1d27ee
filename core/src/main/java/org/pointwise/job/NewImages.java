package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
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
      long kept = appendLayout == null ? 0 : appendLayout.completeImages();
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
   * Lists these images in the run folder, in the form of a file of {@code --images}: by the names
   * of their files if the input is a folder, because its own order may be another, else by index in
   * the input. Does nothing if the input has none of them.
   */
  void list(ArrayInfo input, RunFolder folder) throws IOException {
    if (images <= input.past()) {
      return; // an input whose images are there already
    }
    List<String> names = input.imageNames();
    String lines =
        LongStream.range(Math.max(first, input.past()), images)
            .mapToObj(image -> names.isEmpty() ? index(input, image) : names.get((int) image))
            .collect(Collectors.joining("\n", "", "\n"));
    folder.store().put(RunFolder.NEW_IMAGES, lines.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the index of an image in the array that stores the input. */
  private static String index(ArrayInfo input, long image) {
    Subset subset = input.subset();
    long index = image - input.past();
    return Long.toString(subset == null ? index : subset.images().get(index));
  }
}
