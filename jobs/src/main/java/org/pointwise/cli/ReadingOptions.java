package org.pointwise.cli;

import org.jspecify.annotations.Nullable;
import org.pointwise.InputSpec;
import org.pointwise.SubsetSpec;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Location;
import org.pointwise.parquet.ParquetFormat;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for reading an input. */
final class ReadingOptions {
  @Nullable
  @Option(
      names = "--axes",
      paramLabel = "A,B,…",
      converter = AxesText.class,
      description =
          "Axes of the input, slowest first, such as n,y,x,c. Required if the file does not name its axes.")
  String axes;

  @Rare
  @Nullable
  @Option(
      names = "--column",
      paramLabel = "NAME",
      description =
          "Column of a table of Parquet that holds the vectors (default: the only such column); a.b is b in the structure a. INPUT.parquet#NAME is the same.")
  String column;

  @Nullable
  @Option(
      names = "--nodata",
      paramLabel = "VALUE|none",
      description =
          "Stored value that marks nodata, such as -9999. It can be nan. A pixel with this value in any channel is nodata in the output. 'none' ignores the file's value (default: the file's _FillValue).")
  String nodata;

  @Nullable
  @Rare
  @Option(
      names = "--scale",
      paramLabel = "NUMBER|FILE.npy",
      converter = NumberOrFile.class,
      description =
          "Factor of stored values: one number, or a file with one number for each channel (default: the file's scale_factor or gains, or 1).")
  String scale;

  @Nullable
  @Rare
  @Option(
      names = "--offset",
      paramLabel = "NUMBER|FILE.npy",
      converter = NumberOrFile.class,
      description =
          "Number added after the scale: one number, or a file with one number for each channel (default: the file's add_offset or offsets, or 0).")
  String offset;

  @Rare
  @Option(
      names = "--missing-chunks",
      paramLabel = "fill|nodata|fail",
      description =
          "How chunks that are not stored are read (default: ${DEFAULT-VALUE}). 'fill' reads them as the array's fill value, as Zarr defines, 'nodata' as nodata. 'fail' treats the input as damaged.")
  MissingChunks missingChunks = MissingChunks.FILL;

  @Nullable
  @Option(
      names = "--images",
      paramLabel = "A:B|FILE",
      description =
          "Images to read, such as 0:100,205 (default: all). Indexes from 0 and ranges, whose end is not included, or a file with one index or one file name of a folder per line.")
  String images;

  @Nullable
  @Option(
      names = "--bbox",
      paramLabel = "Y0:Y1,X0:X1",
      description =
          "Rows and columns to read, such as 0:512,256:768. Ranges from 0, whose end is not included.")
  String bbox;

  @Nullable
  @Option(
      names = "--input-channels",
      paramLabel = "LIST",
      description =
          "Channels to read, such as 0:64 or 3,2,1. They are read in this order; the layer has as many input channels. Zarr chunks of other channels are not read.")
  String channels;

  @Nullable
  @Option(
      names = "--mask",
      paramLabel = "ARRAY",
      description =
          "Array that is 0 where pixels are nodata. It has one number per pixel, no channels, and the images, rows and columns of the whole INPUT; without images, it applies to each image.")
  String mask;

  /** Returns the spec of an input with these options. */
  InputSpec spec(String uri) {
    return new InputSpec(
        column == null ? uri : columnUri(uri, column),
        axes == null ? null : Axes.parse(axes),
        nodata,
        scale,
        offset,
        missingChunks,
        new SubsetSpec(images, bbox, channels),
        mask);
  }

  private static String columnUri(String uri, String column) {
    if (new Location(ByteStores.LOCAL, uri).member() != null) {
      throw new InvalidInputException(
          "Cannot read %s with --column %s: the name after # is that of a column or an array; leave out one of them"
              .formatted(uri, column));
    }
    return ParquetFormat.uri(uri, column);
  }

  /** Checks the text of a scale or an offset. */
  static final class NumberOrFile implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      try {
        InputSpec.requireScaling(text);
        return text;
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
