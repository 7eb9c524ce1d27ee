package org.pointwise.jobs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.run.Sources;
import org.pointwise.store.FeatureSource;
import org.pointwise.tensor.Axes;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The input of a command and how to read it. */
final class InputOptions {
  @Parameters(
      index = "0",
      paramLabel = "INPUT",
      description =
          "Path or URI of a Zarr array (store.zarr/array), an .npy file, or a folder of .npy files.")
  String input = "";

  @Nullable
  @Option(
      names = "--axes",
      paramLabel = "A,B,…",
      description =
          "The input's axes, slowest first, such as n,y,x,c or c,y,x; needed where the file names none.")
  String axes;

  @Nullable
  @Option(
      names = "--nodata",
      paramLabel = "VALUE",
      description =
          "Stored value that means no data; a pixel with it in any channel stays no data (default: the file's _FillValue).")
  Float nodata;

  FeatureSource open() {
    return open(List.of());
  }

  /**
   * Opens it.
   *
   * @param known files of a folder that come first, in this order
   */
  FeatureSource open(List<String> known) {
    return Sources.open(Stores.ANY, input, axes == null ? null : Axes.parse(axes), nodata, known);
  }
}
