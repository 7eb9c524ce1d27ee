package org.pointwise.cli;

import org.jspecify.annotations.Nullable;
import org.pointwise.InputSpec;
import org.pointwise.SubsetSpec;
import org.pointwise.quantise.MissingChunks;
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
          "Read these images only: ranges without their end and indexes from 0, such as 0:100,205, or a file with one index or one file name per line.")
  String images;

  @Nullable
  @Option(
      names = "--bbox",
      paramLabel = "Y0:Y1,X0:X1",
      description = "Read these rows and columns only, such as 0:512,256:768.")
  String bbox;

  @Nullable
  @Option(
      names = "--input-channels",
      paramLabel = "A:B|LIST",
      description =
          "Read these channels only, in this order, such as 0:64 or 3,2,1; the layer has as many input channels. Chunks of other channels are not read.")
  String channels;

  @Nullable
  @Option(
      names = "--mask",
      paramLabel = "ARRAY",
      description =
          "Array of one number per pixel, with the images, rows and columns of INPUT, or without images; where it is 0, pixels are nodata.")
  String mask;

  /** Returns the spec of an input with these options. */
  InputSpec spec(String uri) {
    return new InputSpec(
        uri,
        axes == null ? null : Axes.parse(axes),
        nodata,
        scale,
        offset,
        missingChunks,
        new SubsetSpec(images, bbox, channels),
        mask);
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
