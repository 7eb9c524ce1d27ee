"""Arrays as tables: the data source ``pointwise``."""

from __future__ import annotations

import re
from typing import Any, Iterable, Sequence, Union

import numpy as np
from pyspark.sql import DataFrame, SparkSession

from pointwise._arguments import Path, did_you_mean, text
from pointwise._arguments import path as text_of_path
from pointwise._connect import is_connect
from pointwise._errors import PointwiseError, one_line
from pointwise._session import attach_jvm

Axes = Union[str, Sequence[str]]
Indexes = Union[str, int, range, slice, Sequence[Any], np.ndarray]
Number = Union[int, float, np.generic]


def read_features(
    spark: SparkSession,
    path: Path,
    *,
    rows: str | None = None,
    column: str | None = None,
    axes: Axes | None = None,
    images: Indexes | Path | None = None,
    bbox: str | Sequence[Any] | None = None,
    input_channels: Indexes | None = None,
    nodata: str | None = None,
    nodata_value: Number | str | None = None,
    mask: Path | None = None,
    scale: Number | Path | None = None,
    offset: Number | Path | None = None,
    missing_chunks: str | None = None,
    labels: Path | None = None,
    label_axes: Axes | None = None,
    ignore_label: int | np.integer | None = None,
    **unknown: Any,
) -> DataFrame:
    """An array as a table with the columns n, y, x, coordinates, label and features: a row for each pixel.

    Nothing but metadata is read before Spark reads the table. Works in sessions of Spark Connect whose server has the jar.

    rows: "pixels", or "tiles" with a binary tensor of float32 in each row.
    column: the column of a Parquet table.
    axes: the axes of an array that does not name its own, such as ("n", "y", "x", "c").
    images: those to read, such as range(100) or [3, slice(5, 9)]; or a file with their numbers.
    bbox: rows and columns, such as ((8, 40), (16, None)).
    input_channels: the channels of features, in this order.
    nodata: "drop" leaves out pixels that are nodata, "keep" has a row for them whose features are null.
    nodata_value: the stored number that marks nodata; by default that of the array.
    mask: an array that is 0 where a pixel is nodata.
    scale, offset: features are stored number * scale + offset; a number, or an .npy file with one for each channel.
    missing_chunks: "fill", "nodata" or "fail".
    labels, label_axes, ignore_label: an array of labels, one for each pixel, their axes, and the label that means none.
    """
    given = {
        "rows": rows,
        "column": column,
        "axes": axes,
        "images": images,
        "bbox": bbox,
        "input_channels": input_channels,
        "nodata": nodata,
        "nodata_value": nodata_value,
        "mask": mask,
        "scale": scale,
        "offset": offset,
        "missing_chunks": missing_chunks,
        "labels": labels,
        "label_axes": label_axes,
        "ignore_label": ignore_label,
    }
    for word in unknown:
        raise PointwiseError("read_features has no option %s; %s" % (word, did_you_mean(word, given, "its options are " + ", ".join(given))))
    if not is_connect(spark):
        attach_jvm(spark)
    reader = spark.read.format("pointwise")
    for name, value in given.items():
        if value is not None and value is not False:
            reader = reader.option(_camel(name), text(name, value))
    try:
        with one_line():
            table = reader.load(text_of_path(path))
            table.schema  # so that Spark Connect, too, opens the array here
            return table
    except PointwiseError as error:
        raise PointwiseError(_in_python(str(error), given)) from None


def _camel(name: str) -> str:
    return re.sub("_(.)", lambda found: found.group(1).upper(), name)


def _in_python(message: str, names: Iterable[str]) -> str:
    """A message in which options of the data source have the names of keyword arguments."""
    return re.sub(r"\b[a-z]+[A-Z]\w*\b", lambda found: {_camel(name): name for name in names}.get(found.group(), found.group()), message)
