"""Draws cubes whose bands are described, and compares what rasterio, xarray and JSON read of the reduced ones.

    band_names.py make FOLDER SEED COUNT    writes the inputs, the weights and FOLDER/commands
    band_names.py judge FOLDER SEED COUNT   compares the outputs with the inputs
"""
import json
import pathlib
import sys
import warnings

import numpy as np
import rasterio
import xarray as xr

warnings.simplefilter("ignore")
mode, folder, seed, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
WORDS = ["B1", "red edge", "NIR (833 nm)", "a-b_c", "B8A", "x = 3", "Ångström"]


def draw(case):
    rng = np.random.default_rng([seed, case])
    bands = int(rng.integers(2, 6))
    described = {}
    if rng.random() < 0.8:
        described["names"] = [str(w) for w in rng.choice(WORDS, bands, replace=False)]
    if rng.random() < 0.7:
        described["wavelength"] = [float(w) for w in rng.choice([400.5, 555, 1234.0625, 0.842, 7e2], bands)]
        if rng.random() < 0.7:
            described["units"] = str(rng.choice(["Nanometers", "Micrometers"]))
    if rng.random() < 0.5:
        described["fwhm"] = [float(w) for w in rng.integers(1, 30, bands)]
    numbers = rng.normal(0, 1, [bands, 4, 5]).astype("f4") * rng.uniform(1, 9, [bands, 1, 1]).astype("f4")
    read = [int(c) for c in rng.permutation(bands)[:rng.integers(1, bands + 1)]] if rng.random() < 0.3 else None
    source = str(rng.choice(["envi", "zarr2", "zarr3"]))
    target = str(rng.choice(["envi", "zarr2", "zarr3"]))
    inputs = bands if read is None else len(read)
    kind = str(rng.choice(["fit", "given", "sum"]))
    chosen = [int(c) for c in rng.integers(0, inputs, rng.integers(1, inputs + 1))]
    return rng, bands, described, numbers, read, source, target, kind, chosen


def write_cube(path, numbers, described, rng):
    order = str(rng.choice(["BAND", "LINE", "PIXEL"]))
    options = dict(driver="ENVI", width=5, height=4, count=len(numbers), dtype="float32", INTERLEAVE=order)
    with rasterio.open(path, "w", **options) as cube:
        cube.write(numbers)
        for band, name in enumerate(described.get("names", [])):
            cube.set_band_description(band + 1, name)
    header = path.with_suffix(".hdr")
    lines = header.read_bytes().decode("latin-1")
    if "names" in described:  # GDAL writes UTF-8
        lines = header.read_bytes().decode("utf-8")
    else:
        lines = lines.split("band names")[0]
    for field, key in (("wavelength", "wavelength"), ("fwhm", "fwhm")):
        if key in described:
            lines += field + " = {" + ",\n ".join(map(str, described[key])) + "}\n"
    if "units" in described:
        lines += "wavelength units = " + described["units"] + "\n"
    header.write_bytes(lines.encode("latin-1"))


def write_zarr(path, numbers, described, rng, version):
    array = xr.DataArray(numbers, dims=["band", "y", "x"], name="data")
    if "names" in described:
        if rng.random() < 0.5:
            array = array.assign_coords(band=described["names"])
        else:
            array.attrs["band_names"] = described["names"]
    units = {"units": described["units"]} if "units" in described else {}
    for key in ("wavelength", "fwhm"):
        if key not in described:
            continue
        if rng.random() < 0.5:
            array = array.assign_coords({key: ("band", described[key], units)})
        else:
            array.attrs[key] = described[key]
            if units:
                array.attrs["wavelength_units"] = described["units"]
    array.to_dataset().to_zarr(path, zarr_format=version, mode="w")


def make():
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for case in range(count):
        rng, bands, described, numbers, read, source, target, kind, chosen = draw(case)
        path = folder / (f"in{case}.bin" if source == "envi" else f"in{case}.zarr")
        if source == "envi":
            write_cube(path, numbers, described, rng)
        else:
            write_zarr(path, numbers, described, rng, int(source[-1]))
        input_path = f"{path.with_suffix('.hdr')}" if source == "envi" else f"{path}/data"
        part = [] if read is None else ["--input-channels", ",".join(map(str, read))]
        weights = folder / (f"w{case}.safetensors" if kind == "fit" else f"w{case}.npy")
        inputs = bands if read is None else len(read)
        if kind == "fit":
            lines.append(["fit", input_path, f"{weights}", *part, "--method", "select", "--channels", f"{len(chosen)}",
                          "--runner", "local", "--quiet"])
        else:
            np.save(weights, np.eye(inputs, dtype="f4")[chosen] if kind == "given" else np.full((2, inputs), 0.5, "f4"))
        lines.append(["reduce", input_path, f"{folder}/out{case}", *part, "--weights", f"{weights}", "--kernel-layout", "oi",
                      "--format", target, "--runner", "local", "--quiet"])
        lines.append(["inspect", input_path, *part, "--json"])
    (folder / "commands").write_text("\n".join("\t".join(line) for line in lines) + "\n")


def metadata(path):
    """The metadata of a safetensors file, and its weights."""
    text = path.read_bytes()
    length = int.from_bytes(text[:8], "little")
    header = json.loads(text[8:8 + length])
    first, end = header["weight"]["data_offsets"]
    weights = np.frombuffer(text[8 + length + first:8 + length + end], "<f4")
    return header["__metadata__"], weights.reshape(header["weight"]["shape"][:2])


def entries(text):
    return [entry.strip() for entry in text.strip("{}").split(",")]


def judge_cube(path, expected):
    header = path.with_suffix(".hdr").read_bytes().decode("latin-1")
    assert ("names" in expected) == ("band names = " in header), (header, expected)
    with rasterio.open(path) as cube:
        tags = cube.tags(ns="ENVI")
        # rasterio reads neither Latin-1 nor, among the tags, names with an equals sign
        if all(name.isascii() for name in expected.get("names", [""])) and "names" in expected:
            for found, name in zip(cube.descriptions, expected["names"], strict=True):
                assert found == name or found.startswith(name + " ("), (found, name)  # with its wavelength
    if "names" in expected:
        names = header.split("band names = ")[1].split("\n")[0]
        assert entries(names.replace("{ ", "{").replace(" }", "}")) == expected["names"], (names, expected)
    for key in ("wavelength", "fwhm"):
        assert (key in expected) == (key in tags), (key, tags)
        if key in expected:
            assert list(map(float, entries(tags[key]))) == expected[key], (key, tags, expected)
    units = expected.get("units") if "wavelength" in expected else None
    assert tags.get("wavelength_units") == units, (tags, expected)


def judge_zarr(path, expected, source, described, read):
    found = xr.open_zarr(path).features
    dimension = [d for d in found.dims if d not in ("y", "x")][0]
    names = [n for n in ("band_names", dimension) if n in found.coords]
    assert bool(names) == ("names" in expected), (found.coords, expected)
    if names:
        assert list(map(str, found[names[0]].values)) == expected["names"], (found[names[0]], expected)
        assert found[names[0]].dims == (dimension,)
    for key in ("wavelength", "fwhm"):
        assert (key in found.coords) == (key in expected), (key, found.coords)
        if key in expected:
            assert found[key].values.tolist() == expected[key], key
            assert found[key].attrs.get("units") == expected.get("units")
    recorded = found.attrs.get("pointwise_source", {})
    if source == "envi":
        for key, field in (("names", "band names"), ("wavelength", "wavelength"), ("fwhm", "fwhm")):
            listed = [described[key][c] for c in read] if read is not None and key in described else described.get(key)
            assert recorded.get(field) == listed, (field, recorded)


def judge():
    failures = 0
    for case in range(count):
        rng, bands, described, numbers, read, source, target, kind, chosen = draw(case)
        try:
            inputs = list(range(bands)) if read is None else read
            if kind == "fit":
                recorded, weights = metadata(folder / f"w{case}.safetensors")
                chosen = np.argmax(weights, 1).tolist()
                assert (weights == np.eye(len(inputs), dtype="f4")[chosen]).all()
                for channel, entry in zip(chosen, json.loads(recorded["selected"]), strict=True):
                    expected = {"channel": channel}
                    if "names" in described:
                        expected["name"] = described["names"][inputs[channel]]
                    if "wavelength" in described:
                        expected["wavelength"] = described["wavelength"][inputs[channel]]
                        if "units" in described:
                            expected["units"] = described["units"]
                    assert entry == expected, (entry, expected)
            expected = {}
            if kind != "sum":
                expected = {key: value if key == "units" else [value[inputs[c]] for c in chosen]
                            for key, value in described.items()}
            if target == "envi":
                [header] = (folder / f"out{case}").glob("*.hdr")
                [cube] = [p for p in (folder / f"out{case}").iterdir() if p.stem == header.stem and p != header]
                judge_cube(cube, expected)
                with rasterio.open(cube) as opened:
                    stored = opened.read()
            else:
                judge_zarr(folder / f"out{case}", expected, source, described, read)
                found = xr.open_zarr(folder / f"out{case}").features
                stored = found.transpose(*(d for d in found.dims if d not in ("y", "x")), "y", "x").values
            if kind != "sum":
                np.testing.assert_array_equal(stored, numbers[[inputs[c] for c in chosen]].astype(stored.dtype))
            shown = json.loads((folder / f"inspect{case}").read_text())
            assert shown.get("bandNames") == ([described["names"][c] for c in inputs] if "names" in described else None)
            assert shown.get("wavelengths") == \
                ([described["wavelength"][c] for c in inputs] if "wavelength" in described else None)
        except Exception as e:  # each case is reported
            failures += 1
            print(f"case {case} ({source} {target} {kind}): {type(e).__name__} {str(e)[:600]}")
    print(f"{count} cases of seed {seed}, {failures} differ")
    return 1 if failures else 0


sys.exit(make() if mode == "make" else judge())
