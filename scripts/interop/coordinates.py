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
import zarr
from affine import Affine

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


WORDS = np.array(["", "a", "Zürich", "S2A_MSIL1C_20200101", "点", "b c", "\U0001f6f0"])


def text(rng, shape):
    words = rng.choice(WORDS, shape)
    kind = rng.integers(4)
    if kind == 0:
        return np.asarray(words, dtype=object)
    if kind == 1:
        found = np.asarray(np.char.encode(words, "utf-8"))
        return found if found.dtype.itemsize else found.astype("S1")
    return np.asarray(words, dtype=np.dtypes.StringDType() if kind == 2 else words.dtype)


def native(rng, shape):
    """Values of types that zarr-python stores as they are: times of NumPy, and texts."""
    kind = rng.integers(3)
    if kind == 2:
        found = text(rng, shape)
        return found.astype(np.dtypes.StringDType()) if found.dtype == object else found
    units = ["ns", "us", "s", "D", "h"] + ["10s"] * int(kind == 0)  # xarray reads no durations in tens of seconds
    unit = str(rng.choice(units))
    found = rng.integers(0, 20000, shape).astype(f"{'Mm'[kind]}8[{unit}]")
    return np.where(rng.random(shape) < 0.1, np.array("NaT", found.dtype), found)


def add_native(store, version, arrays, unnamed, consolidated):
    """Adds arrays of native types to a dataset as coordinates, and removes the attribute of the grid mapping."""
    group = zarr.open_group(store, mode="r+", use_consolidated=False)
    data = group["data"]
    attributes = dict(data.attrs)
    for name, (dims, found, options) in arrays.items():
        named = {"dimension_names": dims} if version == 3 else {}
        added = group.create_array(name, shape=found.shape, dtype=found.dtype, **named, **options)
        if version == 2:
            added.attrs["_ARRAY_DIMENSIONS"] = dims
        added.attrs["note"] = "native"
        added[...] = found
        if [name] != dims:
            attributes["coordinates"] = (attributes.get("coordinates", "") + " " + name).strip()
    if unnamed:
        attributes.pop("grid_mapping", None)
    data.attrs.put(attributes)
    if consolidated:
        zarr.consolidate_metadata(store)


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
    elif rng.random() < 0.5:
        coords[channels] = (channels, np.asarray(rng.permutation(WORDS)[:3]))
        coords["common"] = (channels, text(rng, 3))
    for k in range(rng.integers(0, 5)):
        own = [d for d in spatial if rng.random() < 0.5]
        drawn = (values if rng.random() < 0.6 else text)(rng, [size[d] for d in own])
        coords[f"extra{k}"] = (own, drawn, {"note": f"number {k}"} if k % 2 else {})
    if "time" in dims and "time" not in coords and rng.random() < 0.5:
        coords["time"] = ("time", np.array([f"image {i} of {case}" for i in range(size["time"])]))
    if rng.random() < 0.3:
        coords["platform"] = ((), str(rng.choice(WORDS)))
    described = {"units": "1", "long_name": "reflectance", "sensor": "A"}
    if rng.random() < 0.4:
        described |= {"band_names": list(rng.choice(WORDS, 3)), "wavelength": list(rng.normal(500, 100, 3)),
                      "wavelength_units": "nm", "fwhm": [10, 20, 30]}
    array = xr.DataArray(rng.normal(0, 1, [size[d] for d in dims]).astype("f4"), dims=dims, coords=coords, name="data",
                         attrs=described)
    if "y" in coords and rng.random() < 0.7:
        array = array.rio.set_spatial_dims("x", "y").rio.write_crs(int(rng.choice([32633, 4326, 3857])))
        if rng.random() < 0.7:
            array = array.rio.write_transform()
            if rng.random() < 0.3:
                array = array.drop_vars(["x", "y"])
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
    for name in data.coords:
        if data[name].dtype.kind in "U" and versions == (2, 2) and name.startswith("extra") and rng.random() < 0.3:
            data[name].encoding["_FillValue"] = str(rng.choice(["", "a"]))
    arrays = {}
    for k in range(rng.integers(0, 3)):
        own = [d for d in spatial if rng.random() < 0.5]
        name = "time" if own == ["time"] and "time" not in coords else f"native{k}"
        lengths = [size[d] for d in own]
        found = native(rng, lengths)
        options = {}
        if own and rng.random() < 0.7:
            chunks = [int(rng.integers(1, n + 2)) for n in lengths]
            options["chunks"] = chunks
            if versions[0] == 3 and rng.random() < 0.5:
                options["shards"] = [int(c * rng.integers(1, 3)) for c in chunks]
        if versions[0] == 2 and rng.random() < 0.5:
            options["order"] = "F"
        if found.dtype.kind in "UMm" and rng.random() < 0.4:
            found = found.astype(found.dtype.newbyteorder(">"))
        masked = found.dtype.kind not in "Mm" and versions == (2, 3)  # xarray reads no mask of texts in v3
        if versions[0] == 2 and (masked or rng.random() < 0.5):
            options["fill_value"] = None
        arrays[name] = own, found, options
    unnamed = "spatial_ref" in data.coords and rng.random() < 0.4
    # The channels that each layer selects; none for a layer that adds them up.
    names = ["features"] if rng.random() < 0.7 else ["a", "b"]
    heads = {name: list(rng.permutation(3)[:rng.integers(1, 4)]) if rng.random() < 0.6 else None for name in names}
    if "b" in heads and rng.random() < 0.3:
        heads["b"] = heads["a"]
    return data, *versions, rows, columns, images, first, channels, arrays, unnamed, heads


def layer(heads, name):
    """The weights of a layer, of two outputs unless it selects channels."""
    return np.ones((2, 3), "f4") if heads[name] is None else np.eye(3, dtype="f4")[heads[name]]


def separate_inputs(case):
    """Whether the images that follow the first ones are an input of their own."""
    return np.random.default_rng([seed, case, 1]).random() < 0.5


def interruption(case, first, images):
    """Of an append that is interrupted and then dropped: its end, the kind of failure and the put; else none."""
    rng = np.random.default_rng([seed, case, 9])
    if not first or not separate_inputs(case) or images - first < 2 or rng.random() < 0.3:
        return None
    return int(rng.integers(first + 1, images)), str(rng.choice(["ENDS_BEFORE", "ENDS_AFTER"])), int(rng.integers(1, 36))


UNITS = ("days since 2021-01-01", "hours since 1999-12-31 12:00:00", "minutes since 2020-02-29 06:30",
         "seconds since 1970-01-01", "milliseconds since 2021-01-01T00:00:00", "microseconds since 2020-12-31")


def timed(data, case, night):
    """The images of a night, with units of time of its own."""
    rng = np.random.default_rng([seed, case, 2 + night])
    data = data.copy()
    if "time" in data.coords and data.time.dtype.kind == "M":
        data.time.encoding |= {"units": str(rng.choice(UNITS)), "dtype": str(rng.choice(["i8", "f8"]))}
    return data


def taken(arrays, images):
    return {name: (dims, found[tuple(images if d == "time" else slice(None) for d in dims)] if dims else found, extra)
            for name, (dims, found, extra) in arrays.items()}


def make():
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for case in range(count):
        data, version, to, rows, columns, images, first, _, arrays, unnamed, heads = draw(case)
        store, grown = folder / f"in{case}.zarr", folder / f"grown{case}.zarr"
        options = {"zarr_format": version, "mode": "w", "consolidated": bool(case % 2)}
        begun = data.isel(time=slice(first)) if first else data
        (timed(begun, case, 0) if first and separate_inputs(case) else begun).to_zarr(store, **options)
        add_native(store, version, taken(arrays, slice(first)), unnamed, options["consolidated"])
        line = ["reduce", f"{folder}/in{case}.zarr/data", f"{folder}/out{case}.zarr",
                "--runner", "local", "--quiet", "--format", f"zarr{to}", "--kernel-layout", "oi"]
        for name in heads:
            np.save(folder / f"{name}{case}.npy", layer(heads, name))
            line += ["--head", f"{name}={folder}/{name}{case}.npy"]
        if rows != [0, data.sizes["y"]] or columns != [0, data.sizes["x"]]:
            line += ["--bbox", f"{rows[0]}:{rows[1]},{columns[0]}:{columns[1]}"]
        if images is not None:
            line += ["--images", ",".join(map(str, images))]
        if first:
            data.to_zarr(grown, **options)
            add_native(grown, version, arrays, unnamed, options["consolidated"])
            line.append("--append-new" if separate_inputs(case) else "--append")
            lines.append("\t".join(line))
            if separate_inputs(case):
                stopped = interruption(case, first, data.sizes["time"])
                begin = stopped[0] if stopped else first
                for name, part in (("dropped", slice(first, begin)), ("night", slice(begin, None))):
                    night = folder / f"{name}{case}.zarr"
                    if part.start == part.stop:
                        continue
                    timed(data.isel(time=part), case, 1 + (name == "dropped")).to_zarr(night, **options)
                    add_native(night, version, taken(arrays, part), unnamed, options["consolidated"])
                    line[1] = f"{night}/data"
                    if name == "dropped":
                        lines.append("\t".join(["stop", *map(str, stopped[1:]), *line]))
                        line.append("--drop-unfinished")
            else:
                lines.append(f"grow\t{grown}\t{store}")
        lines.append("\t".join(line))
    (folder / "commands").write_text("\n".join(lines) + "\n")


def opened(store):
    """The dataset, with the grid mapping that rioxarray finds by its name as a coordinate."""
    data = xr.open_zarr(store, decode_coords="all")
    return data.set_coords("spatial_ref") if "spatial_ref" in data.data_vars else data


def with_channels(whole, rest, channels, heads):
    """The coordinates of the outputs: those of the selected channels, and all that depend on none."""
    kept = rest.drop_dims(channels, errors="ignore") if channels in rest.dims else rest
    along = {n: c for n, c in whole.coords.items() if channels in c.dims}
    attributes = whole.data.attrs
    for name in ("band_names", "wavelength", "fwhm"):
        if name in attributes and name not in along:
            units = {} if name == "band_names" else {"units": attributes["wavelength_units"]}
            listed = np.asarray(attributes[name], np.dtypes.StringDType() if name == "band_names" else "f8")
            along[name] = xr.DataArray(listed, dims=[channels], attrs=units)
    sizes = {2 if chosen is None else len(chosen) for chosen in heads.values()}
    selections = list(heads.values())
    for name, chosen in heads.items():
        if chosen is None or (len(sizes) == 1 and any(other != chosen for other in selections)):
            continue
        dimension = channels if len(sizes) == 1 else f"channel_{name}"
        for own, found in along.items():
            label = dimension if own == channels else own if len(sizes) == 1 else f"{own}_{name}"
            kept = kept.assign_coords({label: (dimension, found.values[chosen], found.attrs)})
    return kept


def judge():
    failures = 0
    for case in range(count):
        _, _, _, rows, columns, images, first, channels, arrays, _, heads = draw(case)
        try:
            whole = opened(folder / (f"grown{case}.zarr" if first and separate_inputs(case) else f"in{case}.zarr"))
            chosen = {"y": slice(*rows), "x": slice(*columns)}
            if images is not None:
                chosen["time"] = images
            length = whole.sizes.get("time", 0)
            stopped = interruption(case, first, length)
            if stopped and zarr.open_array(folder / f"out{case}.zarr/{list(heads)[0]}").shape[0] != length:
                chosen["time"] = [*range(first), *range(stopped[0], length)]
            expected = with_channels(whole, whole.isel(chosen).drop_vars("data"), channels, heads).load()
            found = opened(folder / f"out{case}.zarr").load()
            assert set(found.data_vars) == set(heads), list(found.data_vars)
            assert set(found.coords) == set(expected.coords), (set(found.coords), set(expected.coords))
            for name in expected.coords:
                left, right = expected[name].variable, found[name].variable
                # xarray gives big-endian texts and times types of their own
                big = name in arrays and arrays[name][1].dtype.str.startswith(">")
                same = left.dtype.kind == right.dtype.kind if big else left.dtype == right.dtype
                assert same, (name, left.dtype, right.dtype)
                assert left.dims == right.dims, (name, left.dims, right.dims)
                assert left.equals(right), (name, left.values, right.values)
                # xarray takes the fill value of NumPy's times for an attribute, in v2 alone
                ignored = {"GeoTransform", "_FillValue"} if left.dtype.kind in "Mm" else {"GeoTransform"}
                attributes = [{k: v for k, v in part.attrs.items() if k not in ignored} for part in (left, right)]
                assert attributes[0] == attributes[1], (name, attributes)
            assert found.attrs["title"] == whole.attrs["title"]
            for name in heads:
                own = found[name].attrs
                assert own["sensor"] == "A"
                assert not {"units", "long_name", "band_names"} & set(own)
                assert own["pointwise_source"]["units"] == "1"
                assert own["pointwise_source"].get("band_names") == whole.data.attrs.get("band_names")
            features = found[list(heads)[0]]
            if "spatial_ref" in expected.coords:
                assert features.rio.crs == whole.data.rio.crs
                part = whole.data.isel(chosen)
                several = "x" in part.coords and min(part.sizes["x"], part.sizes["y"]) > 1
                a = features.rio.transform()
                if several or "GeoTransform" in whole.spatial_ref.attrs:
                    b = whole.data.rio.transform() * Affine.translation(columns[0], rows[0])
                    assert np.allclose(a, b), (a, b)
                if several:
                    b = part.rio.transform(recalc=True)
                    assert np.allclose(a, b), (a, b)
        except Exception as e:  # each case is reported
            failures += 1
            print(f"case {case}: {type(e).__name__} {str(e)[:600]}")
    print(f"{count} cases of seed {seed}, {failures} differ")
    return 1 if failures else 0


sys.exit(make() if mode == "make" else judge())
