package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Nodata;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.work.manifest.PlanRecord;

/**
 * The arrays of an output, opened as features beside the input that they were computed from.
 *
 * @param output the group or folder
 * @param input opened with the output's own order of files
 * @param images number of images of the input that the output has
 */
record ReducedArrays(String output, ArrayInfo input, long images, ByteStores stores) {
  /**
   * Opens one head.
   *
   * @throws InvalidInputException if it cannot be read as features
   */
  FeatureSource open(String name) throws IOException {
    return open(name, false);
  }

  /**
   * Opens one head so that executors can open it again. A format whose files cannot be read as one
   * folder is refused if the head has several files.
   *
   * @throws InvalidInputException if it cannot be read as features
   */
  FeatureSource openFolder(String name) throws IOException {
    return open(name, true);
  }

  private FeatureSource open(String name, boolean asFolder) throws IOException {
    OutputManifest manifest = OutputManifest.read(output, stores);
    Axes axes = manifest.axes();
    if (manifest.hasMetadata()) {
      return Formats.open(stores, output + "/" + name, axes, Nodata.NONE);
    }
    OutputFormat format = manifest.format();
    String folder = manifest.headNames().size() > 1 ? output + "/" + name : output;
    InputFiles files = InputFiles.of(input);
    if (files.storage() == Storage.FILE) {
      PlanRecord plan = manifest.plan();
      // The output's file is named after the recorded input; a copy may have another name.
      InputFiles inputFiles = InputFiles.ofFile(plan == null ? input.uri() : plan.input());
      String file = folder + "/" + last(format.fileNames(inputFiles, 0));
      return Formats.open(stores, format.arrayUri(file, input), ReadOptions.reduced(axes));
    }
    Axes image = new Axes(axes.order().stream().filter(axis -> axis != Axis.N).toList());
    List<String> names =
        LongStream.range(0, images).mapToObj(i -> last(format.fileNames(files, i))).toList();
    return asFolder
        ? Formats.open(
            stores, format.arrayUri(folder, input), ReadOptions.reduced(image).withFirst(names))
        : ImageFiles.open(
            stores,
            folder,
            names,
            file -> format.arrayUri(file, input),
            ReadOptions.reduced(image));
  }

  private static String last(List<String> names) {
    return names.get(names.size() - 1);
  }

  /**
   * Checks, image by image, that the output has a pixel for each pixel of the input, and no other.
   *
   * @throws CorruptDataException if it has not
   */
  void requirePixels(ArrayInfo reduced, PointwiseLayer layer) {
    FeatureShape in = input.shape();
    FeatureShape out = reduced.shape();
    FeatureShape expected = new FeatureShape(images, in.y(), in.x(), layer.outChannels());
    if (!out.equals(expected)) {
      throw new CorruptDataException(
          "it has n,y,x,c = %s but needs %s".formatted(lengths(out), lengths(expected)));
    }
    for (int image = 0; image < images && !(input.uniform() && reduced.uniform()); image++) {
      Extent expectedSize = size(input, image);
      Extent actualSize = size(reduced, image);
      if (!expectedSize.equals(actualSize)) {
        throw new CorruptDataException(
            "image %d is %d×%d but needs %d×%d"
                .formatted(
                    image, actualSize.y(), actualSize.x(), expectedSize.y(), expectedSize.x()));
      }
    }
  }

  private static String lengths(FeatureShape shape) {
    return "%d,%d,%d,%d".formatted(shape.n(), shape.y(), shape.x(), shape.c());
  }

  private static Extent size(ArrayInfo info, int image) {
    Box box = info.image(image);
    return new Extent(1, box.y(), box.x());
  }
}
