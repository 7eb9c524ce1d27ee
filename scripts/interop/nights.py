"""Compares an output of many nights with NumPy and zarr-python. Imports nothing of Pointwise.

Reads one JSON object a line and answers with one line each:

  {"output": O, "heads": {NAME: WEIGHTS}, "images": [[FILE, …], …], "names": [NAME, …]}
      compares image i of each head with the layer applied to one of the files of entry i, and the
      recorded names of images, if any are given; answers with a list of what is wrong
"""

import numpy as np
import zarr
from differential_learning_checks import safetensors
from peer import serve

SHOWN = 5


def apply(layer, image):
    """The layer in float64, and a bound of the error of float32 sums; NaN for nodata pixels."""
    weight, bias = (layer[name].astype("f8") for name in ("weight", "bias"))
    weight = weight.reshape(len(bias), -1)
    x = image.astype("f8")
    y = np.maximum(x @ weight.T + bias, 0)
    bound = (np.abs(x) @ np.abs(weight).T + np.abs(bias)) * (len(weight.T) + 2) * 2.0**-23
    nodata = np.isnan(x).all(-1)
    y[nodata] = np.nan
    return y, bound


def wrong(layer, stored, files):
    """What differs between a stored image and all of its candidates; None if one is equal."""
    for file in files:
        y, bound = apply(layer, np.load(file))
        if np.array_equal(np.isnan(stored), np.isnan(y)):
            if (np.abs(stored - y)[~np.isnan(y)] <= bound[~np.isnan(y)]).all():
                return None
    return "is none of %s: %d NaN, first values %s" % (
        [file.split("/")[-1] for file in files], np.isnan(stored).sum(), stored.ravel()[:3])


def answer(request):
    group = zarr.open_group(request["output"], mode="r")
    found = []
    for name, weights in request["heads"].items():
        layer = safetensors(weights)[0]
        array = group[name]
        if array.shape[0] != len(request["images"]):
            found.append("%s has %d images, not %d" % (name, array.shape[0], len(request["images"])))
            continue
        values = array[:]
        for i, files in enumerate(request["images"]):
            difference = wrong(layer, values[i], files)
            if difference:
                found.append("%s image %d %s" % (name, i, difference))
    if request["names"]:
        names = list(group.attrs.get("image_names", []))
        if names != request["names"]:
            found.append("names %s, not %s" % (names, request["names"]))
    return {"wrong": found[:SHOWN]}


serve(answer)
