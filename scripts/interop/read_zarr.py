"""Prints shape, dimension names and values (float32, C order, hashed) of an array as zarr-python reads it."""

import hashlib
import json
import sys

import numpy
import zarr

array = zarr.open(sys.argv[1], mode="r")
values = numpy.ascontiguousarray(array[...].astype("<f4"))
print(
    json.dumps(
        {
            "shape": list(array.shape),
            "names": array.attrs.get("_ARRAY_DIMENSIONS"),
            "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
        }
    )
)
