"""Prints dimensions, coordinates and the hash of one variable as xarray opens a whole group."""

import hashlib
import json
import sys

import numpy
import xarray

data = xarray.open_zarr(sys.argv[1], consolidated=True)
variable = data[sys.argv[2]]
values = numpy.ascontiguousarray(variable.values.astype("<f4"))
print(
    json.dumps(
        {
            "shape": list(variable.shape),
            "names": list(variable.dims),
            "coordinates": {name: data[name].values.tolist() for name in data.coords},
            "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
        }
    )
)
