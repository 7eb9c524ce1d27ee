"""Reads outputs as zarr-python 3, xarray, tensorstore and NumPy see them; prints what each found.

Arguments: paths of Zarr groups, or of folders of .npy files. Prints one JSON object:
path -> client -> array -> {shape, names, sha256 of the values as little-endian float32 in C order,
means of the channels as scikit-learn computes them}, or an error's text in place of the innermost.
"""

import hashlib
import json
import os
import sys
import warnings

import ml_dtypes  # noqa: F401  (numpy's bfloat16, which tensorstore returns)
import numpy
import tensorstore
import xarray
import zarr
from sklearn.preprocessing import StandardScaler

CHANNEL = 1  # of n, c, y, x


def seen(values, names):
    values = numpy.ascontiguousarray(numpy.asarray(values).astype("<f4"))
    table = numpy.moveaxis(values, CHANNEL, -1).reshape(-1, values.shape[CHANNEL])
    return {
        "shape": list(values.shape),
        "names": None if names is None else list(names),
        "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
        "means": StandardScaler().fit(table.astype("f8")).mean_.tolist(),
    }


def attempt(read):
    try:
        return read()
    except Exception as e:  # the test reports the message of the client
        return {"error": f"{type(e).__name__}: {e}"[:300]}


def heads(path):
    return [name for name in sorted(os.listdir(path)) if is_array(os.path.join(path, name))]


def is_array(path):
    v3 = os.path.join(path, "zarr.json")
    shape = None
    if os.path.exists(v3):
        shape = json.load(open(v3)).get("shape")
    elif os.path.exists(os.path.join(path, ".zarray")):
        shape = json.load(open(os.path.join(path, ".zarray")))["shape"]
    return shape is not None and len(shape) == 4


def by_zarr(path, name):
    array = zarr.open_group(path, mode="r")[name]
    names = array.metadata.dimension_names if array.metadata.zarr_format == 3 else None
    return seen(array[...], names or array.attrs.get("_ARRAY_DIMENSIONS"))


def by_tensorstore(path, name):
    driver = "zarr3" if os.path.exists(os.path.join(path, "zarr.json")) else "zarr"
    store = {"driver": "file", "path": os.path.join(path, name)}
    array = tensorstore.open({"driver": driver, "kvstore": store}, read=True).result()
    labels = [label for label in array.domain.labels if label]
    return seen(array.read().result(), labels or None)


def by_xarray(path, consolidated):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = xarray.open_zarr(path, consolidated=consolidated)
    return {name: seen(data[name].values, data[name].dims) for name in heads(path)}


def outputs(path):
    if os.path.exists(os.path.join(path, "zarr.json")) or os.path.exists(os.path.join(path, ".zgroup")):
        return {
            "zarr": {name: attempt(lambda: by_zarr(path, name)) for name in heads(path)},
            "tensorstore": {name: attempt(lambda: by_tensorstore(path, name)) for name in heads(path)},
            "xarray": attempt(lambda: by_xarray(path, False)),
            "xarray, consolidated": attempt(lambda: by_xarray(path, True)),
        }
    folders = sorted({os.path.dirname(f) for f in files(path)})
    return {
        "numpy": {
            os.path.relpath(folder, path): attempt(
                lambda: seen(numpy.stack([numpy.load(f) for f in files(folder)]), None)
            )
            for folder in folders
        }
    }


def files(path):
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
        if name.endswith(".npy")
    )


print(json.dumps({path: outputs(path) for path in sys.argv[1:]}))
