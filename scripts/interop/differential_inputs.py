"""Feature arrays and layers of the differential test, drawn from a seed and written by other people's software."""

import base64
import copy
import itertools
import json
import os
import struct
import warnings

import ml_dtypes
import numcodecs
import numpy as np
import rasterio
import scipy.io
import tensorstore
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

import activations

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
WIDE = ("float64", "int32", "int64", "uint32", "uint64")  # scaled in float64
FLOATS = {"float16", "bfloat16", "float32", "float64"}
TYPES = {"small-int": ("int8", "uint8", "int16", "uint16"), "large-int": ("int32", "uint32", "int64", "uint64")}
ENVI_TYPES = {
    "uint8": 1, "int16": 2, "int32": 3, "float32": 4, "float64": 5,
    "uint16": 12, "uint32": 13, "int64": 14, "uint64": 15,
}
INTERLEAVES = {"cyx": "bsq", "ycx": "bil", "yxc": "bip"}
NAMES = {
    "n": ("n", "image", "time", "batch"),
    "y": ("y", "lat", "row", "height"),
    "x": ("x", "lon", "column", "width"),
    "c": ("c", "channel", "band", "embedding"),
}
FLOAT32_MAX = float(np.finfo(np.float32).max)
warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)


def dtype_of(name):
    return BFLOAT16 if name == "bfloat16" else np.dtype(name)


def is_float(dtype):
    return dtype == BFLOAT16 or dtype.kind == "f"


def limits(dtype):
    """Smallest and largest finite value, as Python numbers."""
    if dtype == BFLOAT16:
        return float(ml_dtypes.finfo(dtype).min), float(ml_dtypes.finfo(dtype).max)
    if dtype.kind == "f":
        return float(np.finfo(dtype).min), float(np.finfo(dtype).max)
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


class Source:
    """One input: its shape, axes and numbers, and how to write them.

    ``values`` has the axes n,y,x,c; those that the file lacks have length one. Images of different
    size are cut from it: image i is ``values[i][: sizes[i][0], : sizes[i][1]]``.
    """

    def __init__(self, options, rng, images=None):
        self.options = options
        self.rng = rng
        self.layout = options["layout"]
        if self.layout == "archive":
            # SciPy writes MAT files in the machine's order, and lines as matrices.
            fits = options["byte-order"] == "little" and options["type"] != "float16"
            fits = fits and options["axes"] != "few"
            self.layout = "mat" if fits and rng.random() < 0.6 else "npz"
        self.zarr = self.layout.startswith("zarr")
        self.folder_of_files = self.layout in ("npy-folder", "npy-mixed")
        self.one_file = self.layout in ("npy-file", "npz", "mat", "envi")
        name = options["type"]
        self.dtype = dtype_of(str(rng.choice(TYPES[name])) if name in TYPES else name)
        if self.layout == "envi" and self.dtype == np.int8:
            self.dtype = np.dtype(np.uint8)
        self.draw_axes()
        self.draw_shape(images)
        self.draw_nodata()
        self.draw_chunks()
        self.draw_values()
        self.scale = self.offset = None
        self.scale_files = {}
        self.draw_scale()
        self.exact_scale = self.scale_files.get("scale", self.scale)
        self.exact_offset = self.scale_files.get("offset", self.offset)

    # What is drawn.

    def draw_scale(self):
        """One scale and offset, or one for each channel, of the attributes or of options."""
        rng, kind = self.rng, self.options["scale"]
        if kind == "none":
            return
        count = self.lengths["c"] if kind != "linear" else None
        self.scale = np.round(rng.uniform(0.001, 2, count), 4) * rng.choice((1, -1), count)
        self.offset = np.round(rng.normal(size=count) * 10, 3) - self.common * self.scale
        self.scale_options = []
        if kind == "options":
            # What the array names counts only where there is no option.
            with_options = str(rng.choice(["both", "both", "scale", "offset"]))
            own = self.zarr and rng.random() < 0.5
            self.named_scale = (float(rng.normal()), float(rng.normal())) if own else (1.0, 0.0)
            self.scale = self.given_scale("scale", self.scale, self.named_scale[0], with_options)
            self.offset = self.given_scale("offset", self.offset, self.named_scale[1], with_options)

    def given_scale(self, name, values, named, with_options):
        if with_options not in ("both", name):
            return named
        if self.rng.random() < 0.3:  # one number
            self.scale_options += ["--%s=%r" % (name, float(values[0]))]
            return float(values[0])
        self.scale_files[name] = values.astype(str(self.rng.choice(["<f4", "<f8", ">f8"])))
        return values

    def draw_axes(self):
        rng, kind = self.rng, self.options["axes"]
        kept = {
            "all": ["nyxc"],
            "no-n": ["yxc"],
            "line": ["nyc", "nxc", "yc", "xc"],
            "few": ["nc", "c"],
        }[kind]
        self.axes = list(rng.permutation(list(str(rng.choice(kept)))))
        if self.options["format"] == "envi":
            self.axes = lines_first(self.axes, rng)
        if self.layout == "envi":
            self.axes = list(str(rng.choice(list(INTERLEAVES))))
        self.given_axes = list(self.axes)
        self.file_axes = list(self.axes)
        if self.folder_of_files:
            inside = [a for a in self.axes if a != "n"]
            if "n" in self.axes and rng.random() < 0.3:
                self.file_axes = list(self.axes)  # each file holds one image, along n
            else:
                self.file_axes = inside
                self.axes = ["n"] + inside
                self.given_axes = self.axes if "n" in self.given_axes else inside
        self.names = list(self.axes)
        self.named = self.options["axes-from"] == "metadata"
        if self.named and self.layout != "envi":
            self.names = [str(rng.choice(NAMES[a])) for a in self.axes]

    def draw_shape(self, images):
        rng = self.rng
        many = self.options["channels"] == "many"
        longest = 7 if many else 20
        lengths = {
            "n": int(images or rng.integers(1, 6)),
            "y": int(rng.integers(1, longest + 1)),
            "x": int(rng.integers(1, longest + 1)),
            "c": int(rng.integers(41, 301) if many else rng.integers(1, 41)),
        }
        self.lengths = {a: lengths[a] if a in self.axes else 1 for a in "nyxc"}
        n, y, x = (self.lengths[a] for a in "nyx")
        self.sizes = [(y, x)] * n
        if self.layout == "npy-mixed":
            self.sizes = [
                (int(rng.integers(1, y + 1)), int(rng.integers(1, x + 1))) for _ in range(n)
            ]
            y, x = max(s[0] for s in self.sizes), max(s[1] for s in self.sizes)
            self.lengths.update(y=y, x=x)

    def draw_nodata(self):
        """The value that means nodata, as written in the file or on the command line, and the fill value."""
        rng, options, dtype = self.rng, self.options, self.dtype
        low, high = limits(dtype)
        kind = options["nodata-value"]
        if kind == "nan":
            value = float("nan")
        elif kind == "extreme":
            value = (low, high)[int(rng.integers(2))]
        elif is_float(dtype):
            value = rng.choice((-9999.0, -1.0, 0.0, 60000.0 if high < 1e5 else 1e20, 255.5))
            value = float(np.asarray(value, dtype))
        else:
            value = int(rng.choice((low // 2, high // 3, 0 if low == 0 else -1)))
        if options["nodata"] == "xarray" and value == 0:
            value = 7 if not is_float(dtype) else -1.0
        self.unheld = kind == "nan" and not is_float(dtype)  # the type has no such number
        if self.unheld:
            value = None
        self.nodata = None if options["nodata"] in ("none", "off") else value
        self.nodata_attribute = str(rng.choice(("_FillValue", "missing_value")))
        fill = options["fill"]
        if fill == "zero":
            self.fill = 0
        elif fill == "nan":
            self.fill = float("nan")
        elif self.nodata is not None and self.nodata == self.nodata and rng.random() < 0.5:
            self.fill = self.nodata
        else:
            self.fill = float(np.asarray(3.25, dtype)) if is_float(dtype) else int(min(high, 111))
        if not is_float(dtype):
            self.fill = int(self.fill)
        if options["nodata"] == "xarray" and self.layout == "zarr2":
            self.fill = self.nodata
        implied = self.layout == "zarr2" and self.named and self.fill != 0
        if options["nodata"] == "none" and implied:
            self.nodata = self.fill  # as xarray reads it

    def draw_chunks(self):
        rng, kind = self.rng, self.options["chunking"]
        chunk = dict(self.lengths)
        if kind == "larger":
            chunk = {a: length + int(rng.integers(0, 4)) for a, length in chunk.items()}
        elif kind != "whole":
            for a in "yx":
                length = chunk[a]
                chunk[a] = int(rng.integers((length + 3) // 4, length + 1))
            images = chunk["n"]
            chunk["n"] = 1 if kind == "ragged" else int(rng.integers(1, images + 1))
            if kind == "images":
                chunk["n"] = max(min(2, images), chunk["n"])
            if kind == "channels":
                channels = chunk["c"]
                chunk["c"] = int(rng.integers((channels + 2) // 3, max(2, channels)))
        self.chunk = [chunk[a] for a in self.axes]
        self.shard = None
        if self.options["sharding"] != "none":
            self.shard = [length * int(rng.integers(1, 4)) for length in self.chunk]

    def shape(self, images=None):
        lengths = dict(self.lengths)
        if images is not None:
            lengths["n"] = images
        return [lengths[a] for a in self.axes]

    def draw_values(self):
        rng, dtype, kind = self.rng, self.dtype, self.options["values"]
        shape = [self.lengths[a] for a in "nyxc"]
        if is_float(dtype):
            values = rng.normal(size=shape) * 3
            if kind == "special":
                some = rng.random(shape) < rng.choice((0.002, 0.05))
                values[some] = rng.choice((np.nan, np.inf, -np.inf), size=int(some.sum()))
            if kind == "large":
                self.enlarge(values)
            with np.errstate(over="ignore"):
                self.values = values.astype(dtype)
        else:
            low, high = limits(dtype)
            if kind != "large":
                low, high = max(low, -90), min(high, 120)
            self.values = rng.integers(low, high, size=shape, dtype=dtype, endpoint=True)
            if kind == "large":
                some = rng.random(shape) < 0.05
                self.values[some] = np.array((low, high), dtype)[int(rng.integers(2))]
        self.add_what_is_common()
        self.put_nodata()
        self.put_fill()

    def add_what_is_common(self):
        """Many digits that all numbers have, and that an offset takes off."""
        self.common = 0.0
        separate_rng = copy.deepcopy(self.rng)  # what is drawn afterwards stays what it was
        scaled = self.options["scale"] != "none" and self.options["values"] == "ordinary"
        if scaled and self.dtype.name in WIDE and separate_rng.random() < 0.5:
            self.common = float(separate_rng.integers(1e8, 2e9))
            self.values += self.dtype.type(self.common)

    def enlarge(self, values):
        """Some values beyond float16; of float64, some beyond float32."""
        rng = self.rng
        some = rng.random(values.shape) < 0.01
        top = {"float16": 4.8, "float64": 300}.get(self.dtype.name, 38.4)
        if self.dtype.name == "float64" and rng.random() < 0.5:
            top = 38.4
        top = float(rng.choice((min(top, 6), top)))
        values[some] = 10 ** rng.uniform(4, top, int(some.sum())) * rng.choice((1, -1))

    def put_nodata(self):
        if self.nodata is None:
            return
        rng, value = self.rng, self.nodata
        n, y, x, c = self.values.shape
        pixels = rng.random((n, y, x)) < rng.choice((0.02, 0.3))
        channels = rng.random((n, y, x, c)) < rng.choice((0.1, 1.0))
        channels[..., int(rng.integers(c))] = True
        stored = np.asarray(value, self.dtype)
        self.values[pixels[..., None] & channels] = stored
        if rng.random() < 0.4:  # whole images, of which nothing is to be stored
            self.values[int(rng.integers(n))] = stored
        if value == value:  # its neighbours are not nodata
            near = rng.random(self.values.shape) < 0.01
            if is_float(self.dtype) and self.dtype != BFLOAT16:
                neighbour = np.nextafter(stored, np.asarray(0 if value else 1, self.dtype))
            else:
                low, high = limits(self.dtype)
                neighbour = np.asarray(value - 1 if value > low else value + 1, self.dtype)
            self.values[near] = neighbour

    def put_fill(self):
        """Some chunks that hold the fill value alone: zarr-python does not store them."""
        if self.options["missing"] == "none" or not self.zarr:
            return
        rng = self.rng
        chunk = {a: self.chunk[self.axes.index(a)] if a in self.axes else 1 for a in "nyxc"}
        starts = [range(0, self.lengths[a], chunk[a]) for a in "nyxc"]
        corners = list(itertools.product(*starts))
        share = rng.choice((0.2, 0.7))
        chosen = [corner for corner in corners if rng.random() < share] or [corners[-1]]
        for corner in chosen:
            box = tuple(slice(at, at + chunk[a]) for at, a in zip(corner, "nyxc"))
            self.values[box] = np.asarray(self.fill, self.dtype)

    # What is written.

    def write(self, folder, images=None):
        """Writes the first images, or all; returns the path to give to the command."""
        self.images = images = images or self.lengths["n"]
        if self.zarr:
            self.path = os.path.join(folder, "in.zarr")
            if self.rng.random() < 0.5:
                self.path = os.path.join(self.path, "data")
                zarr.create_group(os.path.dirname(self.path), zarr_format=int(self.layout[4]))
            self.write_zarr(images)
        elif self.layout == "npy-file":
            self.path = os.path.join(folder, "in.npy")
            self.save(self.path, self.stored(images), self.options["order"] == "F")
        elif self.layout == "envi":
            self.path = self.write_envi(folder)
        elif self.layout == "npz":
            self.path = self.write_npz(folder, images)
        elif self.layout == "mat":
            self.path = self.write_mat(folder, images)
        else:
            self.path = os.path.join(folder, "in")
            os.makedirs(self.path)
            self.files = ["f%03d.npy" % (10 * i) for i in range(self.lengths["n"])]
            self.write_files(0, images)
        if self.options["scale"] == "options":
            for name, values in self.scale_files.items():
                file = os.path.join(folder, name + ".npy")
                np.save(file, values)
                self.scale_options += ["--" + name, file]
        return self.path

    def grow(self, images):
        """Adds the images up to that number."""
        before, self.images = self.images, images
        if not self.zarr:
            self.write_files(before, images)
            return
        axis = self.axes.index("n")
        new = tuple(
            slice(before, images) if d == axis else slice(None) for d in range(len(self.axes))
        )
        if self.by_tensorstore:
            array = self.opened().resize(exclusive_max=self.shape(images)).result()
            array[new] = self.stored(images)[new]
        else:
            array = zarr.open_array(self.path, mode="r+", config={"write_empty_chunks": False})
            array.resize(self.shape(images))
            array[new] = self.stored(images)[new]

    def night(self, begin, end, folder):
        """Writes images alone, in other chunks; returns the path to give to the command."""
        night = copy.copy(self)
        night.rng = np.random.default_rng([begin, end, int(self.rng.integers(1 << 30))])
        night.values = self.values[begin:end]
        night.lengths = dict(self.lengths, n=end - begin)
        night.sizes = self.sizes[begin:end]
        night.draw_chunks()
        os.makedirs(folder)
        if not self.folder_of_files:
            night.scale_files = {}
            return night.write(folder)
        night.path = os.path.join(folder, "in")
        os.makedirs(night.path)
        night.files = self.files[begin:end]
        night.write_files(0, end - begin)
        return night.path

    def stored(self, images):
        """The first images, in the order of the axes."""
        return self.in_order(self.values[:images], self.axes)

    @staticmethod
    def in_order(values, axes):
        absent = tuple(i for i, a in enumerate("nyxc") if a not in axes)
        kept = [a for a in "nyxc" if a in axes]
        return values.squeeze(absent).transpose([kept.index(a) for a in axes])

    def save(self, path, values, fortran):
        order = ">" if self.options["byte-order"] == "big" else "<"
        values = values.astype(values.dtype.newbyteorder(order))
        np.save(path, np.asfortranarray(values) if fortran else np.ascontiguousarray(values))

    def write_files(self, begin, end):
        for i in range(begin, end):
            y, x = self.sizes[i]
            values = self.in_order(self.values[i : i + 1, :y, :x], self.file_axes)
            fortran = self.options["order"] == "F"
            if self.layout == "npy-mixed" and fortran:
                fortran = i % 2 == 0
            self.save(os.path.join(self.path, self.files[i]), values, fortran)

    def write_npz(self, folder, images):
        """One of several arrays, or the only one; stored or deflated."""
        rng = self.rng
        self.archive = os.path.join(folder, "in.npz")
        self.member = str(rng.choice(("arr_0", "features", "a.b", "x y")))
        order = ">" if self.options["byte-order"] == "big" else "<"
        values = self.stored(images)
        values = values.astype(values.dtype.newbyteorder(order))
        values = np.asfortranarray(values) if self.options["order"] == "F" else values
        arrays = {self.member: values}
        alone = rng.random() < 0.3
        if not alone:
            arrays = {"other": np.arange(3), **arrays, "last": np.zeros((2, 2))}
        save = np.savez if self.options["codec"] == "none" else np.savez_compressed
        save(self.archive, **arrays)
        if alone and rng.random() < 0.5:
            return self.archive
        return self.archive + "#" + self.member + (".npy" if rng.random() < 0.3 else "")

    def write_mat(self, folder, images):
        """One of several arrays; compressed or not."""
        rng = self.rng
        self.archive = os.path.join(folder, "in.mat")
        self.member = str(rng.choice(("features", "a_b", "x1")))
        values = self.stored(images)
        arrays = {"labels_gt": np.arange(6.0).reshape(2, 3), self.member: values}
        named = values.ndim < 3 or rng.random() < 0.5
        if named:
            arrays.update(name="text", cells=np.array([1, "a"], object), z=values[..., None] + 1j)
        scipy.io.savemat(self.archive, arrays, do_compression=self.options["codec"] != "none")
        return self.archive + "#" + self.member if named else self.archive

    def write_envi(self, folder):
        """A cube and its header; ``read`` has what GDAL reads from them."""
        rng = self.rng
        offset = int(rng.choice((0, 0, 1, 128)))
        ending = str(rng.choice(("", ".img", ".raw", ".dat")))
        self.cube = os.path.join(folder, "in" + ending)
        header = self.cube + ".hdr" if rng.random() < 0.3 else os.path.join(folder, "in.hdr")
        big = self.options["byte-order"] == "big"
        values = self.stored(1)
        with open(self.cube, "wb") as file:
            file.write(rng.bytes(offset))
            file.write(values.astype(values.dtype.newbyteorder(">" if big else "<")).tobytes())
        fields = {
            "samples": self.lengths["x"],
            "lines": self.lengths["y"],
            "bands": self.lengths["c"],
            "header offset": offset,
            "file type": "ENVI Standard",
            "data type": ENVI_TYPES[self.dtype.name],
            "interleave": INTERLEAVES["".join(self.axes)],
            "byte order": int(big),
        }
        if self.options["scale"] in ("linear", "channels"):
            for key, numbers in (("gain", self.scale), ("offset", self.offset)):
                each = np.broadcast_to(numbers, self.lengths["c"]).tolist()
                fields["data %s values" % key] = "{%s}" % ",\n ".join(map(repr, each))
        elif self.options["scale"] == "options" and self.named_scale != (1.0, 0.0):
            for key, one in zip(("gain", "offset"), self.named_scale):
                fields["data %s values" % key] = "{%s}" % ", ".join([repr(one)] * self.lengths["c"])
        if self.options["nodata"] == "attribute":
            fields["data ignore value"] = number(self.nodata, self.dtype)
        with open(header, "w", encoding="ascii") as file:
            file.write("ENVI\n" + "".join("%s = %s\n" % field for field in fields.items()))
        return str(rng.choice((self.cube, header)))

    def attributes(self):
        attributes = {"title": "drawn"}
        if self.layout == "zarr2" and self.named:
            attributes["_ARRAY_DIMENSIONS"] = self.names
        if self.options["scale"] in ("linear", "channels"):
            attributes["scale_factor"] = self.scale.tolist()
            attributes["add_offset"] = self.offset.tolist()
        elif self.options["scale"] == "options" and self.named_scale != (1.0, 0.0):
            attributes["scale_factor"], attributes["add_offset"] = self.named_scale
        if self.options["nodata"] == "attribute":
            attributes[self.nodata_attribute] = self.nodata
        if self.options["nodata"] == "xarray" and self.layout == "zarr3":
            floating = is_float(self.dtype)
            packed = base64.standard_b64encode(struct.pack("<d", self.nodata)) if floating else b""
            attributes["_FillValue"] = packed.decode() if floating else self.nodata
        return attributes

    def write_zarr(self, images):
        rng = self.rng
        order = [int(d) for d in rng.permutation(len(self.axes))]
        transposed = self.options["order"] == "F" and len(order) > 1
        self.by_tensorstore = self.layout == "zarr3" and (
            self.dtype == BFLOAT16 or rng.random() < 0.5
        )
        if self.by_tensorstore:
            self.write_by_tensorstore(images, order if transposed else None)
        else:
            self.write_by_zarr_python(images, order if transposed else None)

    def write_by_zarr_python(self, images, order):
        options, rng = self.options, self.rng
        v2 = self.layout == "zarr2"
        big = options["byte-order"] == "big"
        other_keys = options["keys"] == "other"
        settings = {
            "shape": self.shape(images),
            "chunks": self.chunk,
            "fill_value": np.asarray(self.fill, self.dtype)[()],
            "attributes": self.attributes(),
            "config": {"write_empty_chunks": False},
        }
        if v2:
            settings.update(
                zarr_format=2,
                dtype=self.dtype.newbyteorder(">" if big else "<"),
                order="C" if order is None else "F",
                compressors=self.codec_v2(),
                chunk_key_encoding={"name": "v2", "separator": "/" if other_keys else "."},
            )
        else:
            compressors = self.codec_v3()
            if rng.random() < 0.5:
                compressors = compressors + [Crc32cCodec()]
            settings.update(
                zarr_format=3,
                dtype=self.dtype,
                serializer=BytesCodec(endian="big" if big else "little"),
                filters=[] if order is None else [TransposeCodec(order=order)],
                compressors=compressors,
                chunk_key_encoding=self.keys_v3(),
                dimension_names=self.names if self.named else None,
            )
            if self.shard is not None:
                settings["shards"] = {"shape": self.shard, "index_location": options["sharding"]}
        array = zarr.create_array(store=self.path, **settings)
        array[...] = self.stored(images)

    def keys_v3(self):
        if self.options["keys"] != "other":
            return {"name": "default", "separator": "/"}
        name, separator = [("default", "."), ("v2", "."), ("v2", "/")][int(self.rng.integers(3))]
        return {"name": name, "separator": separator}

    def codec_v2(self):
        rng = self.rng
        return {
            "none": lambda: None,
            "zstd": lambda: numcodecs.Zstd(level=int(rng.integers(1, 5))),
            "deflate": lambda: (numcodecs.Zlib, numcodecs.GZip)[int(rng.integers(2))](level=1),
            "blosc": lambda: numcodecs.Blosc(*self.blosc()),
        }[self.options["codec"]]()

    def blosc(self):
        rng = self.rng
        name = str(rng.choice(("lz4", "lz4hc", "blosclz", "zstd", "zlib")))
        return name, int(rng.integers(1, 8)), int(rng.integers(0, 3))

    def codec_v3(self):
        rng = self.rng

        def blosc():
            name, level, shuffle = self.blosc()
            shuffles = ("noshuffle", "shuffle", "bitshuffle")
            return BloscCodec(
                cname=name, clevel=level, shuffle=shuffles[shuffle], typesize=self.dtype.itemsize
            )

        return {
            "none": lambda: [],
            "zstd": lambda: [ZstdCodec(level=int(rng.integers(1, 5)))],
            "deflate": lambda: [GzipCodec(level=1)],
            "blosc": lambda: [blosc()],
        }[self.options["codec"]]()

    def write_by_tensorstore(self, images, order):
        options = self.options
        endian = "big" if options["byte-order"] == "big" else "little"
        codecs = [codec.to_dict() for codec in self.codec_v3()]
        if self.rng.random() < 0.5:
            codecs.append({"name": "crc32c"})
        codecs.insert(0, {"name": "bytes", "configuration": {"endian": endian}})
        if order is not None:
            codecs.insert(0, {"name": "transpose", "configuration": {"order": order}})
        if self.shard is not None:
            sharding = {
                "chunk_shape": self.chunk,
                "codecs": codecs,
                "index_codecs": [
                    {"name": "bytes", "configuration": {"endian": "little"}},
                    {"name": "crc32c"},
                ],
                "index_location": options["sharding"],
            }
            codecs = [{"name": "sharding_indexed", "configuration": sharding}]
        keys = self.keys_v3()
        metadata = {
            "shape": self.shape(images),
            "data_type": self.dtype.name,
            "chunk_grid": {
                "name": "regular",
                "configuration": {"chunk_shape": self.shard or self.chunk},
            },
            "chunk_key_encoding": {
                "name": keys["name"],
                "configuration": {"separator": keys["separator"]},
            },
            "fill_value": "NaN" if self.fill != self.fill else self.fill,
            "codecs": codecs,
            "attributes": {
                k: "NaN" if isinstance(v, float) and v != v else v
                for k, v in self.attributes().items()
            },
        }
        if self.named:
            metadata["dimension_names"] = self.names
        spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": self.path}}
        array = tensorstore.open({**spec, "metadata": metadata}, create=True).result()
        array[...] = self.stored(images)

    def opened(self):
        spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": self.path}}
        return tensorstore.open(spec, open=True).result()

    # The recorded values, read back.

    def read(self):
        """All pixels, one row each in the order of images, y and x, of the stored type."""
        if self.folder_of_files:
            rows = []
            for i in range(self.images):
                values = np.load(os.path.join(self.path, self.files[i]))
                rows.append(self.rows(values, self.file_axes))
            return np.concatenate(rows)
        if self.layout == "envi":
            with rasterio.open(self.cube) as cube:
                return self.rows(cube.read(), ["c", "y", "x"])
        if self.layout == "mat":
            values = scipy.io.loadmat(self.archive)[self.member]
            return self.rows(values.reshape(self.shape(self.images)), self.axes)
        if self.layout == "npz":
            with np.load(self.archive) as archive:
                return self.rows(archive[self.member], self.axes)
        if self.layout == "npy-file":
            values = np.load(self.path)
        elif self.dtype == BFLOAT16:
            values = np.asarray(self.opened()[...].read().result())
        else:
            values = zarr.open_array(self.path, mode="r")[...]
        return self.rows(values, self.axes)

    @staticmethod
    def rows(values, axes):
        present = [a for a in "nyxc" if a in axes]
        values = values.transpose([axes.index(a) for a in present])
        return values.reshape(-1, values.shape[-1])

    def missing_chunks(self):
        """The chunks that are not stored: for each, which numbers it holds, in the order of ``read``."""
        for box in StoredChunks(self.path).missing() if self.zarr else []:
            lost = np.zeros(self.shape(self.images), bool)
            lost[box] = True
            yield self.rows(lost, self.axes)

    def arguments(self):
        """Options that describe how to read it."""
        arguments = []
        if not self.named:
            arguments += ["--axes", ",".join(self.given_axes)]
        if self.unheld:
            arguments += ["--nodata", "-9999" if self.dtype.kind == "u" else "NaN"]
        elif self.options["nodata"] == "option":
            arguments += ["--nodata", number(self.nodata, self.dtype)]
        if self.options["nodata"] == "off":
            arguments += ["--nodata", "none"]
        if self.options["missing-chunks"] != "default":
            arguments += ["--missing-chunks", self.options["missing-chunks"]]
        if self.options["scale"] == "options":
            arguments += self.scale_options
        return arguments


def lines_first(axes, rng):
    """As a cube has them, but for some that must be refused."""
    backwards = "y" in axes and "x" in axes and axes.index("x") < axes.index("y")
    if not backwards or rng.random() < 0.1:
        return axes
    return [{"x": "y", "y": "x"}.get(a, a) for a in axes]


class StoredChunks:
    """Which chunks of a Zarr array are stored, by its metadata, file names and shard indexes."""

    def __init__(self, path):
        self.path = path
        v3 = os.path.exists(os.path.join(path, "zarr.json"))
        with open(os.path.join(path, "zarr.json" if v3 else ".zarray")) as file:
            facts = json.load(file)
        self.shape = facts["shape"]
        self.index_at = None
        if not v3:
            self.object = self.chunk = facts["chunks"]
            self.prefix, self.separator = [], facts.get("dimension_separator", ".")
            return
        self.object = self.chunk = facts["chunk_grid"]["configuration"]["chunk_shape"]
        keys = facts["chunk_key_encoding"]
        default = keys["name"] == "default"
        self.prefix = ["c"] if default else []
        self.separator = keys.get("configuration", {}).get("separator", "/" if default else ".")
        if facts["codecs"][0]["name"] == "sharding_indexed":
            sharding = facts["codecs"][0]["configuration"]
            self.chunk = sharding["chunk_shape"]
            self.index_at = sharding.get("index_location", "end")

    def missing(self):
        """The boxes of those that are not, each a tuple of slices."""
        gone = []
        inside = [o // c for o, c in zip(self.object, self.chunk)]
        grid = (range(-(-length // step)) for length, step in zip(self.shape, self.object))
        for position in itertools.product(*grid):
            key = self.separator.join(self.prefix + [str(p) for p in position])
            file = os.path.join(self.path, key)
            stored = np.full(inside, os.path.exists(file))
            if self.index_at is not None and os.path.exists(file):
                stored = self.index(file, stored.size).reshape(inside)
            for place in np.argwhere(~stored):
                box = tuple(
                    slice(p * o + int(i) * c, p * o + int(i) * c + c)
                    for p, o, i, c in zip(position, self.object, place, self.chunk)
                )
                # A shard at the end has places for chunks that the array does not have.
                if all(part.start < length for part, length in zip(box, self.shape)):
                    gone.append(box)
        return gone

    def index(self, file, chunks):
        """Of a shard: 16 bytes a chunk, all ones where it is not stored; then a CRC-32C."""
        length = 16 * chunks
        with open(file, "rb") as shard:
            raw = shard.read()
        raw = raw[:length] if self.index_at == "start" else raw[-length - 4 : -4]
        return np.frombuffer(raw, "<u8").reshape(-1, 2)[:, 0] != 2**64 - 1


def number(value, dtype):
    """As a user would type it."""
    if isinstance(value, float) and value != value:
        return "NaN"
    return str(np.float32(value)) if dtype == np.float32 else str(value)


class Layers:
    """Heads drawn for an input of so many channels, their files and the options that name them."""

    def __init__(self, options, rng, channels):
        self.activation = options["activation"]
        if self.activation == "other":
            self.activation = str(rng.choice(activations.OTHERS))
        self.layers = []
        self.names = []
        self.arguments = []
        self.other_arguments = []
        self.are_named = False
        self.options = options
        self.rng = rng
        heads = int(options["heads"])
        for _ in range(heads):
            wide = options["width"] == "wide"
            outputs = int(rng.integers(9, 41) if wide else rng.integers(1, 9))
            weight = (rng.normal(size=(outputs, channels)) / np.sqrt(channels)).astype(np.float32)
            weight[rng.random(weight.shape) < 0.1] = 0
            bias = np.zeros(outputs, np.float32)
            if options["bias"] == "yes":
                bias = rng.normal(size=outputs).astype(np.float32)
            self.layers.append((weight, bias))
        self.bits = str(rng.choice(("F32", "F32", "F16", "BF16", "F64")))
        if options["weights"] == "safetensors" and self.bits in ("F16", "BF16"):
            narrow = np.float16 if self.bits == "F16" else BFLOAT16
            self.layers = [
                tuple(a.astype(narrow).astype(np.float32) for a in layer) for layer in self.layers
            ]

    def others(self):
        """Layers of the same shapes that give other numbers of the same size."""
        return [
            (w[::-1].copy(), b[::-1].copy()) if len(w) > 1 else (-w, -b) for w, b in self.layers
        ]

    def write(self, folder):
        heads = len(self.layers)
        if self.options["weights"] == "safetensors":
            names = ["weight"] if heads == 1 else ["h%d.weight" % i for i in range(heads)]
            recorded = self.rng.random() < 0.5
            for file, layers, arguments in (
                ("w.safetensors", self.layers, self.arguments),
                ("other.safetensors", self.others(), self.other_arguments),
            ):
                path = os.path.join(folder, file)
                self.safetensors(path, names, layers, recorded)
                for name in names:
                    arguments += ["--weights", path if heads == 1 else path + "#" + name]
                if not recorded:
                    arguments += ["--activation", self.activation]
            self.names = [name.replace(".", "_") for name in names]
        else:
            self.write_npy(folder, "w", self.layers, self.arguments)
            self.write_npy(folder, "other", self.others(), self.other_arguments)
            self.names = ["w%d" % i for i in range(heads)]
        if heads == 1:
            self.names = ["features"]
        if heads > 1 and (self.options["weights"] == "npy" or self.rng.random() < 0.5):
            self.names = ["head-%d" % i for i in range(heads)]
            self.are_named = True

    def named(self, arguments):
        """The arguments of reduce: those of verify, with the names that are given to heads."""
        if not self.are_named:
            return arguments
        names, result = iter(self.names), list(arguments)
        for i in range(1, len(result)):
            if result[i - 1] == "--weights":
                result[i - 1], result[i] = "--head", "%s=%s" % (next(names), result[i])
        return result

    def safetensors(self, path, names, layers, recorded):
        header, body = {}, b""
        if recorded:
            header["__metadata__"] = {"activation": self.activation}
        dtype = {"F32": "<f4", "F16": "<f2", "BF16": BFLOAT16, "F64": "<f8"}[self.bits]
        for name, (weight, bias) in zip(names, layers):
            shape = [weight.shape, weight.shape + (1, 1)][int(self.rng.integers(2))]
            tensors = {name: weight.reshape(shape)}
            if self.options["bias"] == "yes":
                tensors[name[: -len("weight")] + "bias"] = bias
            for key, values in tensors.items():
                raw = values.astype(dtype).tobytes()
                offsets = [len(body), len(body) + len(raw)]
                header[key] = {
                    "dtype": self.bits,
                    "shape": list(values.shape),
                    "data_offsets": offsets,
                }
                body += raw
        text = json.dumps(header).encode()
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + body)

    def write_npy(self, folder, stem, layers, arguments):
        rng = self.rng
        inputs_first = rng.random() < 0.3
        for i, (weight, bias) in enumerate(layers):
            path = os.path.join(folder, "%s%d.npy" % (stem, i))
            stored = weight
            if inputs_first:
                stored = weight.T
            elif rng.random() < 0.5:
                outputs, inputs = weight.shape
                shapes = ((outputs, inputs, 1, 1), (outputs, 1, 1, inputs))
                stored = weight.reshape(shapes[int(rng.integers(2))])
            np.save(path, stored)
            arguments += ["--weights", path]
            if self.options["bias"] == "yes":
                np.save(os.path.join(folder, stem + "-bias.npy"), bias)
                arguments += ["--bias", os.path.join(folder, stem + "-bias.npy")]
        arguments += ["--kernel-layout", "io" if inputs_first else "oi"]
        arguments += ["--activation", self.activation]
