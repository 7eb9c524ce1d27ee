package org.pointwise.format.envi;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Companions;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.RawOutput;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/**
 * Writes ENVI cubes, one for each file or image of the input: a file of numbers, and the header
 * that describes it.
 */
public final class EnviOutput extends RawOutput {
  private static final String NUMBERS_ENDING = ".img";

  @Override
  public String name() {
    return EnviFormat.NAME;
  }

  @Override
  public OutputArray layout(OutputRequest request) {
    for (Quantisation quantisation : request.quantisations()) {
      if (!HeaderText.TYPES.containsKey(quantisation.type())) {
        throw new InvalidInputException(
            "Cannot store %s as %s: ENVI has no such type; use --dtype float32 or float64"
                .formatted(quantisation.type(), name()));
      }
    }
    Axes axes = request.axes();
    if (Interleave.of(axes) == null) {
      throw new InvalidInputException(
          "Cannot store axes %s as %s: a cube has its lines (y) before its samples (x); use --output-axes %s"
              .formatted(axes, name(), linesFirst(axes)));
    }
    ArrayInfo input = request.input();
    if (input.storage() == Storage.FILE && input.shape().n() > 1) {
      throw new InvalidInputException(
          "Cannot store %s as %s: it has %d images in one file but a cube has one; use --format %s"
              .formatted(
                  input.uri(),
                  name(),
                  input.shape().n(),
                  String.join(" or ", OutputFormats.ofArrays())));
    }
    requireDistinctNames(InputFiles.of(input), input);
    return files(request);
  }

  private static Axes linesFirst(Axes axes) {
    return new Axes(
        axes.order().stream()
            .map(axis -> axis == Axis.X ? Axis.Y : axis == Axis.Y ? Axis.X : axis)
            .toList());
  }

  /**
   * Requires that a file of one image does not have the name of another image. It would for images
   * {@code a} and {@code a.img}.
   */
  private static void requireDistinctNames(InputFiles files, ArrayInfo input) {
    Set<String> stems = new HashSet<>();
    for (int image = 0; image < files.names().size(); image++) {
      stems.add(files.stem(image));
    }
    for (String stem : stems) {
      for (String name : names(stem)) {
        if (stems.contains(name)) {
          throw new InvalidInputException(
              "Cannot write a cube for each of %s: %s would be a file of one image and the name of another; rename one"
                  .formatted(input.uri(), name));
        }
      }
    }
  }

  @Override
  public List<String> fileNames(InputFiles files, long image) {
    return names(files.stem(image));
  }

  private static List<String> names(String stem) {
    return List.of(stem + NUMBERS_ENDING, stem + EnviFormat.ENDING);
  }

  @Override
  public FeatureSink sink(ByteStore store, OutputTarget target) {
    return new EnviSink(
        store,
        folder(target),
        image -> fileNames(target.files(), image),
        HeaderText.of(target, Companions.none()));
  }

  @Override
  public FeatureSink sink(ByteStore store, OutputTarget target, FeatureSource source)
      throws IOException {
    return new EnviSink(
        store,
        folder(target),
        image -> fileNames(target.files(), image),
        HeaderText.of(target, source.companions(List.of())));
  }
}
