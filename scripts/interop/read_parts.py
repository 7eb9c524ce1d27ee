"""Coordinates of a part of an array, as xarray reads them.

read_parts.py write STORE           writes an array with coordinates
read_parts.py check STORE OUTPUT    compares those of images 4, 0 and 1, rows 1:6 and columns 3:9
"""

import sys

import numpy as np
import xarray


def write(store):
    rng = np.random.default_rng(1)
    xarray.Dataset(
        {"data": (("time", "lat", "lon", "channel"), rng.normal(size=(6, 8, 10, 5)).astype("f4"))},
        coords={
            "time": np.arange(6) * 12,
            "lat": np.linspace(50, 49, 8),
            "lon": ("lon", np.linspace(10, 12, 10), {"units": "degrees_east"}),
        },
    ).to_zarr(store, zarr_format=3, consolidated=True)


def check(store, output):
    part = xarray.open_zarr(store).isel(time=[4, 0, 1], lat=slice(1, 6), lon=slice(3, 9))
    found = xarray.open_zarr(output)
    for name in ("time", "lat", "lon"):
        xarray.testing.assert_identical(found[name], part[name])
    assert found["features"].dims[:3] == ("time", "lat", "lon"), found


{"write": write, "check": check}[sys.argv[1]](*sys.argv[2:])
