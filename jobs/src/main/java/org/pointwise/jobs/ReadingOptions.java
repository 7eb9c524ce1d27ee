package org.pointwise.jobs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.tensor.Axes;
import picocli.CommandLine.Option;

/** How to read an input. */
final class ReadingOptions {
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
      paramLabel = "VALUE|none",
      description =
          "Stored value that means no data, such as -9999 or nan; a pixel with it in any channel stays no data (default: the file's _FillValue).")
  String nodata;

  @Option(
      names = "--missing-chunks",
      paramLabel = "fill|nodata|fail",
      description =
          "What a chunk that is not stored stands for: the array's fill value, no data, or a damaged input (default: ${DEFAULT-VALUE}, as Zarr defines).")
  MissingChunks missingChunks = MissingChunks.FILL;

  FeatureSource open(String uri) {
    return open(uri, List.of());
  }

  /**
   * Opens an input.
   *
   * @param known files of a folder that come first, in this order
   */
  FeatureSource open(String uri, List<String> known) {
    Axes given = axes == null ? null : Axes.parse(axes);
    return Formats.open(Stores.ANY, uri, ReadOptions.features(given, nodata, missingChunks, known));
  }
}
