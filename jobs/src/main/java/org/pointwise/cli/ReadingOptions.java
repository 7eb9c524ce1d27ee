package org.pointwise.cli;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.hadoop.Stores;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Numbers;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How to read an input. */
final class ReadingOptions {
  private static final String VECTOR_ENDING = ".npy";

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

  @Nullable
  @Option(
      names = "--scale",
      paramLabel = "NUMBER|FILE.npy",
      converter = NumberOrFile.class,
      description =
          "What stored numbers are multiplied by: one number, or a file of one for each channel (default: the file's scale_factor or gains, or 1).")
  String scale;

  @Nullable
  @Option(
      names = "--offset",
      paramLabel = "NUMBER|FILE.npy",
      converter = NumberOrFile.class,
      description =
          "What is added to each product, likewise (default: the file's add_offset or offsets, or 0).")
  String offset;

  @Option(
      names = "--missing-chunks",
      paramLabel = "fill|nodata|fail",
      description =
          "What a chunk that is not stored stands for: the array's fill value, no data, or a damaged input (default: ${DEFAULT-VALUE}, as Zarr defines).")
  MissingChunks missingChunks = MissingChunks.FILL;

  /** The files that say how to read the input. */
  List<String> files() {
    return Stream.of(scale, offset)
        .filter(text -> text != null && text.endsWith(VECTOR_ENDING))
        .toList();
  }

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
    ReadOptions options =
        new ReadOptions(
            given, null, true, nodata, numbers(scale), numbers(offset), missingChunks, known);
    return Formats.open(Stores.ANY, uri, options);
  }

  /** One number, or those of a file. */
  private static double @Nullable [] numbers(@Nullable String text) {
    if (text == null) {
      return null;
    }
    return text.endsWith(VECTOR_ENDING) ? vector(text) : new double[] {Numbers.parseDouble(text)};
  }

  /** What {@link #numbers} reads. */
  static final class NumberOrFile implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      try {
        if (!text.endsWith(VECTOR_ENDING)) {
          Numbers.parseDouble(text);
        }
        return text;
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'%s' is neither a number nor an .npy file of one number for each channel"
                .formatted(text));
      }
    }
  }

  private static double[] vector(String file) {
    try {
      return NpyArray.vector(Stores.ANY.open(ByteStores.parent(file)), ByteStores.name(file));
    } catch (IOException e) {
      throw Formats.unreadable(file, e);
    }
  }
}
