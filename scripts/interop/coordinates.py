"""Draws datasets with coordinates, and compares what xarray and rioxarray read of the reduced ones.

    coordinates.py make FOLDER SEED COUNT    writes the inputs, the weights and FOLDER/commands
    coordinates.py judge FOLDER SEED COUNT   compares the outputs with the inputs
"""
import pathlib
import sys
import warnings

import numpy as np
import rioxarray  # noqa: F401
import xarray as xr

warnings.simplefilter("ignore")
mode, folder, seed, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])


def values(rng, shape):
    kind = rng.integers(5)
    if kind == 0:
        return np.datetime64("2020-01-01", "ns") + rng.integers(0, 1000, shape).astype("timedelta64[D]")
    if kind == 1:
        return rng.integers(0, 2, shape).astype(bool)
    if kind == 2:
        return rng.integers(-100, 100, shape).astype(rng.choice(["i1", "i2", "i4", "i8"]))
    return rng.normal(0, 50, shape).astype(rng.choice(["f4", "f8"]))


def draw(case):
    """A dataset, its Zarr version, and the part that is reduced."""
    rng = np.random.default_rng([seed, case])
    channels = str(rng.choice(["band", "channel"]))
    size = {"time": int(rng.integers(1, 5)), "y": int(rng.integers(2, 12)), "x": int(rng.integers(2, 12)), channels: 3}
    dims = [d for d in ("time", "y", "x", channels)]
    if rng.random() < 0.3:
        dims = ["time", channels, "y", "x"]
    if rng.random() < 0.3:
        dims.remove("time")
    spatial = [d for d in dims if d != channels]
    coords = {}
    if rng.random() < 0.8:
        coords["y"] = ("y", 5e6 - 10.0 * np.arange(size["y"]), {"units": "m"})
        coords["x"] = ("x", 4e5 + 10.0 * np.arange(size["x"]), {"units": "m"})
    if "time" in dims and rng.random() < 0.6:
        coords["time"] = ("time", np.datetime64("2021-01-01", "ns") + np.arange(size["time"]) * np.timedelta64(7, "D"))
    if rng.random() < 0.5:
        coords[channels] = (channels, np.arange(3) + 1)
        coords["wavelength"] = (channels, rng.normal(500, 100, 3))
    for k in range(rng.integers(0, 5)):
        own = [d for d in spatial if rng.random() < 0.5]
        coords[f"extra{k}"] = (own, values(rng, [size[d] for d in own]), {"note": f"number {k}"} if k % 2 else {})
    array = xr.DataArray(rng.normal(0, 1, [size[d] for d in dims]).astype("f4"), dims=dims, coords=coords, name="data",
                         attrs={"units": "1", "long_name": "reflectance", "sensor": "A"})
    if "y" in coords and rng.random() < 0.7:
        array = array.rio.set_spatial_dims("x", "y").rio.write_crs(int(rng.choice([32633, 4326, 3857])))
        if rng.random() < 0.7:
            array = array.rio.write_transform()
    data = array.to_dataset()
    data.attrs["title"] = f"case {case}"
    for name in data.coords:
        if data[name].dtype.kind == "f" and name.startswith("extra") and rng.random() < 0.4:
            data[name].encoding = {"scale_factor": 0.5, "add_offset": 3.0, "dtype": "i4", "_FillValue": -9999}
    rows = sorted(rng.choice(size["y"] + 1, 2, replace=False)) if rng.random() < 0.5 else [0, size["y"]]
    columns = [0, size["x"]]
    if rows != [0, size["y"]]:
        columns = sorted(rng.choice(size["x"] + 1, 2, replace=False))
    images = sorted(rng.choice(size["time"], rng.integers(1, size["time"] + 1), replace=False)) \
        if "time" in dims and rng.random() < 0.4 else None
    versions = int(rng.choice([2, 3])), int(rng.choice([2, 3]))
    # Images of the first run if the input grows; it then has an image per chunk, as appended to.
    first = int(rng.integers(1, size["time"])) if "time" in dims and size["time"] > 1 and rng.random() < 0.5 else None
    if first is not None:
        rows, columns, images = [0, size["y"]], [0, size["x"]], None
        for name in data.variables:
            if "time" in data[name].dims:
                data[name].encoding["chunks"] = [1 if d == "time" else size[d] for d in data[name].dims]
    return data, *versions, rows, columns, images, first, channels


def make():
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "w.npy", np.ones((2, 3), "f4"))
    lines = []
    for case in range(count):
        data, version, to, rows, columns, images, first, _ = draw(case)
        store, grown = folder / f"in{case}.zarr", folder / f"grown{case}.zarr"
        options = {"zarr_format": version, "mode": "w", "consolidated": bool(case % 2)}
        data.isel(time=slice(first)).to_zarr(store, **options) if first else data.to_zarr(store, **options)
        line = ["reduce", f"{folder}/in{case}.zarr/data", f"{folder}/out{case}.zarr", "--weights", f"{folder}/w.npy",
                "--runner", "local", "--quiet", "--format", f"zarr{to}"]
        if rows != [0, data.sizes["y"]] or columns != [0, data.sizes["x"]]:
            line += ["--bbox", f"{rows[0]}:{rows[1]},{columns[0]}:{columns[1]}"]
        if images is not None:
            line += ["--images", ",".join(map(str, images))]
        if first:
            data.to_zarr(grown, **options)
            line.append("--append")
            lines += ["\t".join(line), f"grow\t{grown}\t{store}"]
        lines.append("\t".join(line))
    (folder / "commands").write_text("\n".join(lines) + "\n")


def judge():
    failures = 0
    for case in range(count):
        _, _, _, rows, columns, images, _, channels = draw(case)
        try:
            whole = xr.open_zarr(folder / f"in{case}.zarr", decode_coords="all")
            chosen = {"y": slice(*rows), "x": slice(*columns)}
            if images is not None:
                chosen["time"] = images
            expected = whole.isel(chosen).drop_dims(channels).load()
            found = xr.open_zarr(folder / f"out{case}.zarr", decode_coords="all").load()
            assert set(found.data_vars) == {"features"}, list(found.data_vars)
            assert set(found.coords) == set(expected.coords), (set(found.coords), set(expected.coords))
            for name in expected.coords:
                left, right = expected[name].variable, found[name].variable
                assert left.dtype == right.dtype, (name, left.dtype, right.dtype)
                assert left.dims == right.dims, (name, left.dims, right.dims)
                np.testing.assert_array_equal(left.values, right.values, name)
                attributes = [{k: v for k, v in part.attrs.items() if k != "GeoTransform"} for part in (left, right)]
                assert attributes[0] == attributes[1], (name, attributes)
            assert found.attrs["title"] == whole.attrs["title"]
            assert found.features.attrs["sensor"] == "A"
            assert not {"units", "long_name"} & set(found.features.attrs)
            assert found.features.attrs["pointwise_source"]["units"] == "1"
            if "spatial_ref" in expected.coords:
                assert found.features.rio.crs == whole.data.rio.crs
                part = whole.data.isel(chosen)
                a = found.features.rio.transform()
                b = part.rio.transform(recalc=min(part.sizes["x"], part.sizes["y"]) > 1)
                if min(part.sizes["x"], part.sizes["y"]) > 1:
                    assert np.allclose(a, b), (a, b)
        except Exception as e:  # each case is reported
            failures += 1
            print(f"case {case}: {type(e).__name__} {str(e)[:600]}")
    print(f"{count} cases of seed {seed}, {failures} differ")
    return 1 if failures else 0


sys.exit(make() if mode == "make" else judge())
