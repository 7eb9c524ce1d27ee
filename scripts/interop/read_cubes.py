"""Compares cubes, as GDAL reads them, with .npy files of the same numbers.

read_cubes.py FOLDER: of each folder in it, "npy" and "envi" are outputs of one reduction, "axes" is
a file of their axes, and "in.hdr" perhaps the cube that they were made of, from the row and column
in the file "window" on
"""

import glob
import os
import sys
import warnings

import numpy as np
import rasterio
from affine import Affine

warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)


def bands_first(values, axes):
    """One image in the order of bands, lines and samples."""
    if len(axes) > values.ndim:  # the file is one image along n
        axes = [a for a in axes if a != "n"]
    values = values.transpose([axes.index(a) for a in "ncyx" if a in axes])
    lengths = dict(zip([a for a in "ncyx" if a in axes], values.shape))
    return values.reshape([lengths.get(a, 1) for a in "cyx"])


def place(cube, row=0, column=0):
    return cube.transform * Affine.translation(column, row), cube.crs


def window(case):
    """The first row and column of the part that was read, as far as it is not the whole."""
    path = os.path.join(case, "window")
    if not os.path.exists(path):
        return 0, 0
    with open(path) as file:
        return tuple(map(int, file.read().split(",")))


def main(folder):
    compared = 0
    for case in sorted(glob.glob(os.path.join(folder, "*", "axes"))):
        case = os.path.dirname(case)
        with open(os.path.join(case, "axes")) as file:
            axes = file.read().split(",")
        files = glob.glob(os.path.join(case, "npy", "**", "*.npy"), recursive=True)
        assert files, case
        for file in files:
            path = os.path.join(case, "envi", os.path.relpath(file, os.path.join(case, "npy")))
            with rasterio.open(path[: -len(".npy")] + ".img") as cube:
                assert cube.driver == "ENVI", cube.driver
                assert np.isnan(cube.nodatavals).all(), cube.nodatavals
                expected = bands_first(np.load(file), axes)
                found = cube.read()
                assert found.dtype == expected.dtype, (path, found.dtype)
                np.testing.assert_array_equal(found, expected, path)
                source = os.path.join(case, "in.img")
                if os.path.exists(source):
                    with rasterio.open(source) as origin:
                        expected = place(origin, *window(case))
                        assert place(cube) == expected, (path, place(cube), expected)
                        assert cube.crs is not None, path
            compared += 1
    assert compared, folder


main(sys.argv[1])
