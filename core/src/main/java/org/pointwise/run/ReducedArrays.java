package org.pointwise.run;

import java.io.IOException;
import java.util.ArrayList;
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
import org.pointwise.format.OutputFormats;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Nodata;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * The arrays of an output, opened as features beside the input they were made of.
 *
 * @param output the group or folder
 * @param input opened with the output's own order of files
 * @param images of the input that the output has
 */
record ReducedArrays(String output, ArrayInfo input, long images, ByteStores stores) {
  /**
   * Opens one head.
   *
   * @throws InvalidInputException where it cannot be read as features
   */
  FeatureSource open(String name) throws IOException {
    OutputManifest manifest = OutputManifest.read(output, stores);
    Axes axes = manifest.axes();
    if (manifest.inside() != null) {
      return Formats.open(stores, output + "/" + name, axes, Nodata.NONE);
    }
    OutputFormat format = OutputFormats.named(manifest.format());
    String folder = manifest.headNames().size() > 1 ? output + "/" + name : output;
    InputFiles from = InputFiles.of(input);
    if (from.storage() == Storage.FILE) {
      // A copy may have another name than what the output's file is named after.
      InputFiles made = InputFiles.ofFile(manifest.record().path("input").asText(input.uri()));
      return Formats.open(stores, folder + "/" + format.fileName(made, 0), axes, Nodata.NONE);
    }
    List<Axis> order = new ArrayList<>(axes.order());
    order.remove(Axis.N); // a folder's files are the images
    order.add(0, Axis.N);
    List<String> files =
        LongStream.range(0, images).mapToObj(image -> format.fileName(from, image)).toList();
    return Formats.open(stores, folder, ReadOptions.features(new Axes(order), Nodata.NONE, files));
  }

  /**
   * The output has a pixel for each of the input's, and no other; image by image.
   *
   * @throws CorruptDataException where it does not
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
      Extent wanted = size(input, image);
      Extent found = size(reduced, image);
      if (!wanted.equals(found)) {
        throw new CorruptDataException(
            "image %d is %d×%d but needs %d×%d"
                .formatted(image, found.y(), found.x(), wanted.y(), wanted.x()));
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
