package org.pointwise.differential;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The options of cases of the differential test. {@code scripts/interop} draws finer details within
 * these values, such as the order of the axes or the shape of a chunk.
 *
 * <p>A new option of the command needs a line here and its implementation in {@code
 * differential_inputs.py} or {@code differential_outputs.py}.
 */
final class Options {
  static final List<Option> ALL =
      List.of(
          // The input.
          Option.of(
              "layout", "zarr3", "zarr2", "npy-file", "npy-folder", "npy-mixed", "archive", "envi"),
          Option.of("type", "float32", "float16", "float64", "bfloat16", "small-int", "large-int"),
          Option.of("axes", "all", "no-n", "line", "few"),
          Option.of("axes-from", "metadata", "option"),
          Option.of("byte-order", "little", "big"),
          Option.of("chunking", "whole", "ragged", "images", "channels", "larger"),
          Option.of("sharding", "none", "end", "start"),
          Option.of("order", "C", "F"),
          Option.of("codec", "none", "zstd", "deflate", "blosc"),
          Option.of("keys", "default", "other"),
          Option.of("missing", "none", "some"),
          Option.of("fill", "zero", "number", "nan"),
          Option.of("nodata", "none", "option", "attribute", "xarray", "off"),
          Option.of("nodata-value", "ordinary", "nan", "extreme"),
          Option.of("missing-chunks", "default", "nodata", "fail"),
          Option.of("scale", "none", "linear", "channels", "options"),
          Option.of("values", "ordinary", "special", "large"),
          Option.of("channels", "few", "many"),
          // What is read of it.
          Option.of("images", "all", "range", "list", "file"),
          Option.of("bbox", "none", "window"),
          Option.of("input-channels", "all", "range", "list"),
          Option.of("mask", "none", "npy", "zarr", "shared"),
          // The layers.
          Option.of("heads", "1", "2", "3"),
          Option.of("width", "narrow", "wide"),
          Option.of("bias", "yes", "no"),
          Option.of("activation", "none", "relu", "relu6", "other"),
          Option.of("normalise", "none", "l2"),
          Option.of("weights", "safetensors", "npy"),
          // The output.
          Option.of("format", "zarr3", "zarr2", "npy", "envi"),
          Option.of("dtype", "default", "float32", "float16", "float64", "bfloat16"),
          Option.of("overflow", "refuse", "saturate"),
          Option.of("output-axes", "default", "other"),
          Option.of("shard", "default", "small", "bare"),
          Option.of("chunk", "default", "images", "lengths"),
          Option.of("output-codec", "auto", "zstd", "blosc", "gzip", "none"),
          Option.of("runner", "1", "3", "spark"),
          // What happens to the output afterwards.
          Option.of("damage", "flip", "truncate", "lengthen", "delete", "exchange", "foreign"));

  private static final String NPY = "layout=npy-file,npy-folder,npy-mixed,archive";
  private static final String FILES = NPY + ",envi";

  /** Combinations that are impossible or meaningless. */
  static final List<Rule> IMPOSSIBLE =
      Stream.of(
              NPY + " & axes-from=metadata",
              FILES + " & chunking=ragged,images,channels,larger",
              FILES + " & sharding=end,start",
              "layout=npy-file,npy-folder,npy-mixed,envi & codec=zstd,deflate,blosc",
              "layout=archive & codec=zstd,blosc",
              FILES + " & keys=other",
              FILES + " & missing=some",
              FILES + " & missing-chunks=nodata,fail",
              FILES + " & fill=number,nan",
              NPY + " & nodata=attribute",
              FILES + " & nodata=xarray",
              NPY + " & scale=linear,channels",
              FILES + " & type=bfloat16",
              "layout=npy-mixed & axes=few",
              "layout=envi & axes=all,line,few",
              "layout=envi & type=float16",
              "layout=envi & order=F",
              "layout=zarr2 & type=bfloat16",
              "layout=zarr2 & sharding=end,start",
              "type=small-int,large-int & fill=nan",
              "type=small-int,large-int & values=special",
              "nodata=none,off & nodata-value=nan,extreme",
              "type=small-int,large-int & nodata-value=nan & nodata=attribute,xarray",
              // xarray has no bfloat16 and always names dimensions; in v2 it stores nodata as fill.
              "nodata=xarray & type=bfloat16",
              "nodata=xarray & axes-from=option",
              "layout=zarr2 & nodata=xarray & fill=zero",
              "weights=npy & bias=yes & heads=2,3",
              "format=npy,envi & chunk=images,lengths",
              "layout=npy-mixed & chunk=images,lengths")
          .map(Rule::of)
          .toList();

  /** Combinations that the command must refuse; drawn in some cases only. */
  static final List<Rule> REFUSED =
      Stream.of(
              "format=zarr2,npy & dtype=bfloat16",
              "type=bfloat16 & dtype=default & format=zarr2,npy",
              "format=envi & dtype=float16,bfloat16",
              "type=float16,bfloat16 & dtype=default & format=envi",
              "layout=npy-file,archive & axes=all & format=envi",
              "layout=npy-mixed & format=zarr2,zarr3",
              "layout=npy-mixed & dtype=bfloat16", // follows from the other rules
              "type=small-int,large-int & nodata-value=nan",
              "missing=some & missing-chunks=fail")
          .map(Rule::of)
          .toList();

  /** Values that are too expensive to be drawn as often as others. */
  static final Map<String, String> RARE = Map.of("runner", "spark");

  private Options() {}

  static Option named(String name) {
    return ALL.stream()
        .filter(option -> option.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No option " + name));
  }
}
