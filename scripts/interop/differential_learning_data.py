"""Inputs of the differential test of learning: draws them, writes them, and holds every pixel.

Pixels are kept as lists in the order n, y, x, so that images of a folder may differ in size.
Imports nothing of Pointwise: who is sampled and who is held out is computed here from the
definitions that the Javadoc of PixelSample, StratifiedChoice and HoldoutSplit.
"""

import math
import os

import numpy as np
import zarr
from zarr.codecs import BytesCodec

MASK = (1 << 64) - 1
UNIT = 10**9


def mix(z):
    """A step of SplitMix64, on whole numbers or arrays of them, modulo 2^64."""
    if isinstance(z, np.ndarray):
        with np.errstate(over="ignore"):
            s = z + np.uint64(0x9E3779B97F4A7C15)
            s = (s ^ (s >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            s = (s ^ (s >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return s ^ (s >> np.uint64(31))
    s = (z + 0x9E3779B97F4A7C15) & MASK
    s = ((s ^ (s >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    s = ((s ^ (s >> 27)) * 0x94D049BB133111EB) & MASK
    return s ^ (s >> 31)


def in_strata(number, fraction, seed):
    part = 0 if fraction == 0 else max(1, math.floor(fraction * UNIT + 0.5))
    if part > UNIT // 2:
        return not picked(number, UNIT - part, seed)
    return picked(number, part, seed)


def picked(number, part, seed):
    if part == 0:
        return False
    stratum = number * part // UNIT
    first = -(-stratum * UNIT // part)
    size = -(-(stratum + 1) * UNIT // part) - first
    return number - first == mix((mix(seed & MASK) + stratum) & MASK) % size


def span(length, rng):
    """A range of at least half of a length, so that there is something to learn from."""
    first = int(rng.integers((length + 1) // 2))
    return first, int(rng.integers(first + (length + 1) // 2, length + 1))


def in_tiles(first, end, length):
    """The length of the tiles of a part, and where in its first tile the part begins."""
    offset = first % length
    return (end - first, 0) if offset + end - first <= length else (length, offset)


class Data:
    """An input with its labels."""

    def __init__(self, seed, options, folder):
        self.rng = np.random.default_rng(seed)
        self.options = options
        self.folder = folder
        self.axes = options["axes"].split(",")
        self.draw_shape()
        self.draw_chunk()
        self.draw_values()
        self.draw_labels()
        os.makedirs(folder, exist_ok=True)
        self.arguments = []
        self.write()
        self.write_labels()
        self.take_part(np.random.default_rng([seed, 1]))

    def draw_shape(self):
        rng, options = self.rng, self.options
        folder = options["container"] == "folder"
        absent = [a for a in "nyx" if a not in self.axes and not (folder and a == "n")]
        maximum = int(options["channels"])
        self.channels = int(rng.integers(2, maximum + 1))
        few = options["pixels"] == "few"
        min_pixels, max_pixels = (2, 3 * self.channels) if few else (40, 1 << 20)
        line = (2, max_pixels + 1) if few else (60, 300)
        while True:
            n, y, x = (
                1 if axis in absent else int(rng.integers(1, maximum))
                for axis, maximum in (("n", 9), ("y", 16), ("x", 16))
            )
            if len(absent) == 2 and not folder:
                n, y, x = (1 if a in absent else int(rng.integers(*line)) for a in "nyx")
            if min_pixels <= n * y * x <= max_pixels:
                break
        self.sizes = [(y, x)] * n
        if folder and rng.random() < 0.5:
            self.sizes = [
                (
                    int(rng.integers(1, y + 1)) if "y" in self.axes else 1,
                    int(rng.integers(1, x + 1)) if "x" in self.axes else 1,
                )
                for _ in range(n)
            ]
        self.images, self.height, self.width = n, y, x
        grid = [np.mgrid[i : i + 1, :h, :w].reshape(3, -1) for i, (h, w) in enumerate(self.sizes)]
        self.n, self.y, self.x = np.concatenate(grid, axis=1)
        self.pixels = len(self.n)

    def draw_values(self):
        rng, options = self.rng, self.options
        c, p = self.channels, self.pixels
        self.classes = int(options["classes"]) if options["labels"] != "none" else 1
        # A class may have no pixels; such input must be refused.
        self.labels = rng.integers(0, self.classes, p)
        spectrum = np.power(rng.uniform(0.5, 0.9), np.arange(c))
        mixing = np.linalg.qr(rng.normal(size=(c, c)))[0] * spectrum[:, None]
        values = rng.normal(size=(p, c)) @ mixing + rng.normal(size=c)
        values += (rng.normal(size=(self.classes, c)))[self.labels]
        values += 0.02 * rng.normal(size=(p, c))
        if rng.random() < 0.3:
            values = np.maximum(values, 0)
        dtype = np.dtype(options["type"])
        self.scale, self.offset = 1.0, 0.0
        if dtype.kind == "f":
            stored = (values * float(rng.choice([1, 30]))).astype(dtype)
        else:
            span = np.abs(values).max() if dtype.kind == "i" else np.ptp(values)
            low = values.min() if dtype.kind == "u" else 0
            maximum = 120 if dtype.itemsize == 1 else 20000
            stored = np.rint((values - low) / max(span, 1e-9) * maximum).astype(dtype)
            if options["scale"] == "scaled":
                self.scale = float(rng.choice([0.5, 0.1]))
                self.offset = float(rng.choice([0, -3, 10]))
            elif options["scale"] == "channels":
                self.scale = rng.choice([0.5, 0.1, -0.25], c)
                self.offset = rng.choice([0.0, -3.0, 10.0], c)
        self.make_dependent(stored)
        if options["missing"] == "yes":
            places = [self.n // self.chunk["n"], self.y // self.chunk["y"], self.x // self.chunk["x"]]
            _, cells = np.unique(np.stack(places, 1), axis=0, return_inverse=True)
            cells = cells.reshape(-1)
            stored[(rng.random(cells.max() + 1) < 0.15)[cells]] = self.fill
        nodata = options["nodata"]
        if options["bad"] == "yes":
            where = rng.random(p) < 0.05
            stored[where, rng.integers(0, c, where.sum())] = rng.choice(
                [np.inf, -np.inf] + ([] if nodata == "nan" else [np.nan])
            )
        self.nodata_elements = np.zeros(stored.shape, bool)
        self.nodata = None
        if nodata != "none":
            self.nodata = np.nan if nodata == "nan" else 125 if dtype.kind == "u" else -125
            if dtype.kind == "f" and nodata != "nan":
                self.nodata = -999
            where = rng.random(p) < 0.1
            stored[where, rng.integers(0, c, where.sum())] = self.nodata
            if nodata == "nan":
                self.nodata_elements = np.isnan(stored)
            else:
                self.nodata_elements = stored == self.nodata
        self.stored = stored
        # What the float32 arithmetic starts from; float32 holds scale and offset of narrow types.
        scale = np.asarray(self.scale)
        if dtype.itemsize < 4:
            scale = scale.astype(np.float32).astype(np.float64)
        self.values = stored.astype(np.float64) * scale + self.offset
        # Moments of types that float32 does not hold are computed in float64.
        self.wide = dtype.itemsize >= 4 and dtype != np.float32

    def make_dependent(self, stored):
        """Makes channels constant or copies of others, or pixels copies of a few."""
        kind, rng, c = self.options["dependent"], self.rng, self.channels
        some = rng.permutation(c)[: int(rng.integers(1, c))]
        if kind == "constant":
            stored[:, some] = stored[0, some] * rng.integers(0, 2, len(some)).astype(stored.dtype)
        elif kind == "duplicate":
            stored[:, some] = stored[:, rng.integers(0, c, len(some))]
        elif kind == "class":
            stored[:, some[0]] = self.labels
        elif kind == "pixels":
            stored[:] = stored[rng.integers(0, min(self.pixels, c), self.pixels)]

    def draw_labels(self):
        self.ignored = None
        if self.options["labels"] == "none":
            self.labels = np.full(self.pixels, -1)
        elif self.options["ignore"] == "yes":
            self.ignored = 99
            self.labels[self.rng.random(self.pixels) < 0.2] = -1

    def arrange(self, flat, axes):
        """Pixels (and channels) as an array of the given axes; of one size."""
        shape = (self.images, self.height, self.width) + flat.shape[1:]
        full = flat.reshape(shape)
        names = "nyx" + ("c" if flat.ndim > 1 else "")
        drop = tuple(i for i, a in enumerate(names) if a not in axes)
        kept = [a for a in names if a in axes]
        return np.squeeze(full, drop).transpose([kept.index(a) for a in axes])

    def write(self):
        options, rng = self.options, self.rng
        endian = ">" if options["endian"] == "big" else "<"
        dtype = np.dtype(options["type"]).newbyteorder(endian)
        container = options["container"]
        if container == "folder":
            self.input = self.folder + "/in"
            os.makedirs(self.input)
            self.write_images(self.input, self.stored.astype(dtype), self.axes)
            self.arguments += ["--axes", options["axes"]]
        elif container == "npy":
            self.input = self.folder + "/in.npy"
            array = self.arrange(self.stored, self.axes).astype(dtype)
            np.save(self.input, np.asarray(array, order=rng.choice(["C", "F"])))
            self.arguments += ["--axes", options["axes"]]
        else:
            attributes = {}
            if np.any(self.scale != 1) or np.any(self.offset != 0):
                scaling = (np.asarray(v).tolist() for v in (self.scale, self.offset))
                attributes = dict(zip(("scale_factor", "add_offset"), scaling))
            if options["nodata"] == "attribute":
                attributes["_FillValue"] = int(self.nodata)
            array = self.arrange(self.stored, self.axes)
            self.input = self.zarr(
                "in.zarr", array, self.axes, self.chunk, container, dtype, attributes, self.fill
            )
        if options["nodata"] in ("option", "nan"):
            text = "NaN" if options["nodata"] == "nan" else str(self.nodata)
            self.arguments.append("--nodata=" + text)

    def write_images(self, folder, flat, axes):
        for i, (h, w) in enumerate(self.sizes):
            order = str(self.rng.choice(["C", "F"]))
            image = flat[self.n == i].reshape((h, w) + flat.shape[1:])
            names = "yx" + ("c" if flat.ndim > 1 else "")
            image = np.squeeze(image, tuple(k for k, a in enumerate(names) if a not in axes))
            kept = [a for a in names if a in axes]
            image = image.transpose([kept.index(a) for a in axes])
            np.save("%s/i%03d.npy" % (folder, i), np.asarray(image, order=order))

    def draw_chunk(self):
        kind, rng = self.options["chunks"], self.rng
        lengths = {"n": self.images, "y": self.height, "x": self.width, "c": self.channels}
        chunk = dict(lengths)
        if kind != "whole":
            chunk["n"] = 1 if kind == "ragged" else int(rng.integers(1, lengths["n"] + 1))
        if kind == "ragged":
            chunk["y"] = int(rng.integers(1, lengths["y"] + 1))
            chunk["x"] = int(rng.integers(1, lengths["x"] + 1))
            if "n" not in self.axes or len(self.axes) == 2:
                chunk["n"] = int(rng.integers(1, lengths["n"] + 1))
        if kind == "channels":
            chunk["c"] = int(rng.integers(1, lengths["c"] + 1))
        self.chunk = chunk
        self.cell = (chunk["y"], chunk["x"])
        # xarray's convention makes nodata of a fill value of Zarr v2 other than 0.
        self.fill = int(rng.choice([0, 7])) if self.options["container"] != "zarr2" else 0

    def zarr(self, name, array, axes, chunk, container, dtype, attributes, fill=0):
        chunks = tuple(chunk[a] for a in axes)
        arguments = {"attributes": attributes, "fill_value": fill, "chunks": chunks}
        if container == "zarr2":
            attributes["_ARRAY_DIMENSIONS"] = axes
            arguments.update(zarr_format=2, order=str(self.rng.choice(["C", "F"])))
        else:
            endian = "big" if dtype.byteorder == ">" else "little"
            if dtype.itemsize > 1:
                arguments["serializer"] = BytesCodec(endian=endian)
            dtype = dtype.newbyteorder("=")
            arguments.update(zarr_format=3, dimension_names=axes)
            if container == "sharded":
                arguments["shards"] = tuple(int(c * self.rng.integers(1, 3)) for c in chunks)
        stored = zarr.create_array(
            "%s/%s" % (self.folder, name),
            name="data",
            shape=array.shape,
            dtype=dtype,
            config={"write_empty_chunks": False},
            **arguments,
        )
        stored[...] = array
        return "%s/%s/data" % (self.folder, name)

    def write_labels(self):
        if self.options["labels"] == "none":
            return
        rng = self.rng
        flat = np.where(self.labels < 0, 99, self.labels).astype(self.options["labeltype"])
        axes = [a for a in self.axes if a != "c"]
        if self.options["container"] == "folder":
            path = self.folder + "/labels"
            os.makedirs(path)
            self.write_images(path, flat, axes)
        else:
            axes = [str(a) for a in rng.permutation(axes)]
            array = self.arrange(flat, axes)
            if self.options["labels"] == "npy":
                path = self.folder + "/labels.npy"
                np.save(path, array)
                self.arguments += ["--label-axes", ",".join(axes)]
            else:
                lengths = {"n": self.images, "y": self.height, "x": self.width}
                chunk = {a: int(rng.integers(1, lengths[a] + 1)) for a in axes}
                kind = str(rng.choice(["zarr2", "zarr3"]))
                path = self.zarr("labels.zarr", array, axes, chunk, kind, flat.dtype, {})
        self.arguments += ["--labels", path]
        if self.ignored is not None:
            self.arguments += ["--ignore-label", str(self.ignored)]

    def take_part(self, rng):
        """Draws what the command reads of the input; from here on, the input is that."""
        options = self.options
        self.hide(rng)
        images, channels = np.arange(self.images), np.arange(self.channels)
        if options["images"] == "range":
            images = np.arange(*span(self.images, rng))
            self.arguments.append("--images=%d:%d" % (images[0], images[-1] + 1))
        elif options["images"] == "list":
            images = rng.permutation(images)[: int(rng.integers((self.images + 1) // 2, self.images + 1))]
            self.arguments.append("--images=" + ",".join(map(str, images)))
        if options["input-channels"] != "all" and self.channels > 2:
            first, end = span(self.channels, rng)
            channels = channels[first:end]
            if options["input-channels"] == "list":
                channels = rng.permutation(channels)
            self.arguments.append("--input-channels=" + ",".join(map(str, channels)))
        height, width = (min(self.sizes[i][k] for i in images) for k in (0, 1))
        window = None
        if options["bbox"] == "window":
            window = (*span(height, rng), *span(width, rng))
            self.arguments.append("--bbox=%d:%d,%d:%d" % window)
        self.select(images, window, channels)

    def hide(self, rng):
        """Writes a mask of the whole input, which hides pixels."""
        axes = [a for a in self.axes if a != "c"]
        self.hidden = np.zeros(self.pixels, bool)
        if self.options["mask"] == "no":
            return
        hidden = rng.random(self.pixels) < rng.choice([0.1, 0.4])
        hidden[(self.n == rng.integers(self.images)) & (rng.random() < 0.3)] = True
        flat = np.where(hidden, 0, rng.integers(1, 9, self.pixels))
        flat = flat.astype(str(rng.choice(["bool", "u1", "f4"])))
        if self.options["container"] == "folder":
            path = self.folder + "/mask"
            os.makedirs(path)
            self.write_images(path, flat, axes)
        else:
            path = self.folder + "/mask.npy"
            np.save(path, self.arrange(flat, axes))
        self.arguments.append("--mask=" + path)
        self.hidden = hidden

    def select(self, images, window, channels):
        rows, place = [], []
        for at, i in enumerate(images):
            height, width = self.sizes[i]
            y0, y1, x0, x1 = window or (0, height, 0, width)
            here = (self.n == i) & (self.y >= y0) & (self.y < y1) & (self.x >= x0) & (self.x < x1)
            rows.append(np.flatnonzero(here))
            place.append(np.full(int(here.sum()), at))
        rows = np.concatenate(rows)
        y0, y1, x0, x1 = window or (0, 0, 0, 0)
        self.n, self.y, self.x = np.concatenate(place), self.y[rows] - y0, self.x[rows] - x0
        self.sizes = [(y1 - y0, x1 - x0) if window else self.sizes[i] for i in images]
        self.images, self.pixels, self.channels = len(images), len(rows), len(channels)
        self.tile_offset = (0, 0)
        if window:
            tiles = [in_tiles(y0, y1, self.cell[0]), in_tiles(x0, x1, self.cell[1])]
            self.cell = tuple(length for length, _ in tiles)
            self.tile_offset = tuple(offset for _, offset in tiles)
        self.labels = self.labels[rows]
        self.masked = self.hidden | self.nodata_elements[:, channels].any(1)
        self.bad = ~np.isfinite(self.values[:, channels]).all(1) & ~self.masked
        self.usable = ~self.masked & ~self.bad
        self.values = self.values[:, channels]
        if np.ndim(self.scale):
            self.scale, self.offset = self.scale[channels], self.offset[channels]
        for name in ("values", "masked", "bad", "usable"):
            setattr(self, name, getattr(self, name)[rows])

    def rounding(self, x):
        """What moments may round off the values of some pixels, by channel."""
        largest = np.abs(x).max(0)
        unit = len(x) * 2.0**-53 if self.wide else 2.0**-24  # NumPy's means err as well
        return 2 * unit * (largest + np.abs(self.offset) + np.abs(self.scale) * largest)

    # Which pixels are taken.

    def sampled(self, fraction, seed):
        if fraction == 1:
            return np.ones(self.pixels, bool)
        start = np.full(self.pixels, seed % (1 << 64), np.uint64)
        hashed = mix(start)
        for axis in (self.n, self.y, self.x):
            with np.errstate(over="ignore"):
                hashed = mix(hashed + axis.astype(np.uint64))
        return (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53 < fraction

    def tiles(self, block):
        """The number of each pixel's tile, and how many tiles there are."""
        rows, columns = (block, block) if block else self.cell
        numbers = np.empty(self.pixels, np.int64)
        first = 0
        for i, (h, w) in enumerate(self.sizes):
            across = -(-w // columns)
            here = self.n == i
            numbers[here] = first + self.y[here] // rows * across + self.x[here] // columns
            first += -(-h // rows) * across
        return numbers, first

    def held_out(self, fraction, block, seed):
        numbers, count = self.tiles(block)
        chosen = np.array([in_strata(t, fraction, seed) for t in range(count)], bool)
        return chosen[numbers], int(chosen.sum()), count
