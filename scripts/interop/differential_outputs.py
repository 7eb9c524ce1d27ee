"""What a reduction must give, in float64, and whether an output is that."""

import json
import os
import warnings

import numpy as np
import rasterio
import tensorstore
import xarray
import zarr

from activations import Activation
from differential_inputs import FLOAT32_MAX, FLOATS, WIDE, dtype_of

# Unit roundoff, smallest subnormal, largest finite value, and where rounding leaves the finite ones.
TYPES = {
    "float16": (2.0**-11, 2.0**-24, 65504.0, 65520.0),
    "bfloat16": (2.0**-8, 2.0**-133, 2.0**127 * (2 - 2.0**-7), 2.0**127 * (2 - 2.0**-8)),
    "float32": (2.0**-24, 2.0**-149, FLOAT32_MAX, np.inf),
    "float64": (2.0**-24, 2.0**-149, FLOAT32_MAX, np.inf),  # of float32 sums
}
ROUNDS_BEYOND_FLOAT32 = 2.0**128 - 2.0**103


class Expected:
    """The outputs of one head: rows are pixels.

    A float32 sum of F products errs by at most F·2⁻²³·Σ|w·x| to first order (Higham, "Accuracy and
    Stability of Numerical Algorithms", 2002, section 3.1); ``bound`` adds what the input's conversion
    and scale err by, and ``error`` what the activation does. ``unsure`` marks sums that may overflow float32 on the way.
    """

    def __init__(self, features, weight, bias, activation, normalise):
        x, error, finite = features.x, features.error, features.finite
        w, b = weight.astype(np.float64), bias.astype(np.float64)
        magnitude = np.abs(np.where(finite, x, 0)) @ np.abs(w).T + np.abs(b)
        with np.errstate(invalid="ignore", over="ignore"):
            self.sums = x @ w.T + b
            magnitude = magnitude + error @ np.abs(w).T
            inputs = x.shape[1]
            self.bound = (inputs + 4) * 2.0**-23 * magnitude + error @ np.abs(w).T
            self.bound += (inputs + 1) * 2.0**-149
            self.values = activation.value(self.sums)
            self.error = activation.bound(self.sums, self.values, self.bound)
        self.unsure = (magnitude >= 0.98 * FLOAT32_MAX) | features.unsure[:, None]
        size = np.abs(self.values)
        # A slope beyond 1 makes an infinity of a finite sum.
        self.lost = np.isfinite(self.values) & (size + self.error >= 0.98 * FLOAT32_MAX)
        self.overflows = np.isfinite(self.sums) & (
            (np.abs(self.sums) - self.bound > ROUNDS_BEYOND_FLOAT32)
            | (size - self.error > ROUNDS_BEYOND_FLOAT32)
        )
        if normalise == "l2":
            self.normalise()

    def normalise(self):
        """Of v whose elements err by at most e, one of v ÷ |v| errs by (e + |v|·|e| ÷ |v|) ÷ (|v| − |e|)."""
        with np.errstate(all="ignore"):
            length = np.linalg.norm(self.values, axis=1, keepdims=True)
            error = np.linalg.norm(self.error, axis=1, keepdims=True)
            min_length = length - error
            bound = (self.error + np.abs(self.values) * error / length) / min_length
            anywhere = np.where((error == 0) | ~np.isfinite(length), 0, 2)
            self.error = np.where((min_length > 0) & np.isfinite(length), bound, anywhere)
            self.values = np.where(length == 0, 0, self.values / length)
        self.unsure = np.broadcast_to(
            (self.unsure | self.lost).any(axis=1, keepdims=True), self.values.shape
        )
        self.lost = np.zeros_like(self.unsure)


class Features:
    """The pixels of an input as the arithmetic sees them."""

    def __init__(self, source, overflow):
        stored = source.read()
        self.masked = np.zeros(len(stored), bool)
        if source.nodata is not None:
            nodata = np.asarray(source.nodata, source.dtype)
            with np.errstate(invalid="ignore"):
                same = np.isnan(stored) if nodata != nodata else stored == nodata
            self.masked = same.any(axis=1)
        self.masked |= source.hidden
        self.missing_chunks, pixels = source.missing()
        if source.options["missing-chunks"] == "nodata":
            self.masked |= pixels
        exact = stored.astype(np.float64)
        wide = source.scale is not None and stored.dtype.name in WIDE
        with np.errstate(over="ignore"):
            if wide:
                exact = exact * source.exact_scale + source.exact_offset
            x = (exact if wide else stored).astype(np.float32).astype(np.float64)
        beyond = np.isfinite(stored.astype(np.float64)) & ~np.isfinite(x)
        self.too_large = bool(beyond[~self.masked].any())
        self.perhaps_too_large = bool(beyond.any())
        if overflow == "saturate":
            x = np.where(beyond, np.copysign(FLOAT32_MAX, exact), x)
        self.error = np.zeros_like(x)
        self.unsure = np.zeros(len(x), bool)
        if wide:
            self.error = np.where(np.isfinite(x), 2.0**-24 * np.abs(x), 0)
        elif source.scale is not None:
            scale, offset = (np.float32(v).astype(np.float64) for v in (source.scale, source.offset))
            size = np.where(np.isfinite(x), np.abs(x * scale), 0)
            self.error = 2.0**-24 * (3 * size + 2 * np.abs(offset))
            self.unsure = (size + np.abs(offset) >= 0.98 * FLOAT32_MAX).any(axis=1)
            x = x * scale + offset
        self.x = x
        self.finite = np.isfinite(x)


class Expectation:
    """What the command must do and store."""

    def __init__(self, source, layers, options, axes):
        self.source, self.layers, self.options, self.axes = source, layers, options, axes
        self.images = source.images  # it may grow
        features = Features(source, options["overflow"])
        self.masked = features.masked
        self.missing_chunks = features.missing_chunks
        self.heads = [
            Expected(features, w, b, Activation(layers.activation), options.get("normalise"))
            for w, b in layers.layers
        ]
        dtype = options["dtype"]
        if dtype == "default":
            dtype = source.dtype.name if source.dtype.name in FLOATS else "float32"
            dtype = "float32" if dtype == "float64" else dtype
        self.dtype = dtype
        live = ~self.masked
        self.non_finite = live & ~features.finite.all(axis=1)
        self.perhaps_non_finite = self.non_finite.copy()
        for head in self.heads:
            self.perhaps_non_finite |= live & (head.unsure | head.lost).any(axis=1)
            self.non_finite |= live & head.overflows.any(axis=1)
        self.exit, self.why = 0, ""
        if options["overflow"] == "refuse":
            self.refuse_overflow(features)
        if features.missing_chunks and options["missing-chunks"] == "fail":
            self.exit, self.why = 3, "missing chunks"
        self.refuse_options()

    def refuse_options(self):
        source, files = self.source, self.options["format"] in ("npy", "envi")
        if self.options["format"] == "envi":
            self.refuse_cubes()
        if self.dtype == "bfloat16" and self.options["format"] != "zarr3":
            self.exit, self.why = 3, "NumPy has no bfloat16"
        if source.unheld:
            self.exit, self.why = 3, "nodata that the type cannot hold"
        if len(set(source.sizes[: self.images])) > 1 and not files:
            self.exit, self.why = 3, "images of different size in one array"

    def refuse_cubes(self):
        if self.dtype in ("float16", "bfloat16"):
            self.exit, self.why = 3, "a type that ENVI does not have"
        if [a for a in self.axes if a in "xy"] == ["x", "y"]:
            self.exit, self.why = 3, "samples before lines"
        if self.source.one_file and self.images > 1:
            self.exit, self.why = 3, "several images in one cube"

    def refuse_overflow(self, features):
        if features.too_large:
            self.exit, self.why = 3, "finite input values beyond float32"
            return
        threshold = TYPES[self.dtype][3]
        surely = perhaps = False
        for head in self.heads:
            usable = ~self.masked[:, None] & np.isfinite(head.values)
            size = np.where(usable, np.abs(head.values), 0)
            sure = usable & ~head.unsure & ~head.lost
            surely |= bool((sure & (size - head.error >= threshold)).any())
            perhaps |= bool((usable & (size + head.error >= threshold)).any())
        perhaps |= features.perhaps_too_large
        if surely:
            self.exit, self.why = 3, "results beyond " + self.dtype
        elif perhaps:
            self.exit, self.why = None, "results at the edge of " + self.dtype

    def compare(self, head, found):
        """What is wrong with the stored values of a head, rows of pixels; None if nothing."""
        expected = self.heads[head]
        if found.shape != expected.values.shape:
            return "shape: %s values but %s expected" % (found.shape, expected.values.shape)
        unit, smallest, largest, threshold = TYPES[self.dtype]
        values = expected.values
        masked = np.broadcast_to(self.masked[:, None], values.shape)
        finite = np.isfinite(values)
        with np.errstate(invalid="ignore", over="ignore"):
            size = np.abs(values)
            allowed = expected.error + unit * (size + expected.error) + smallest
            good = np.abs(found - values) <= allowed
            saturated = (size + expected.error >= threshold) & (
                found == np.copysign(largest, values)
            )
            saturated |= expected.lost & (found == np.copysign(np.inf, values))
            same = (found == values) | (np.isnan(found) & np.isnan(values))
        right = np.where(finite, good | saturated, same) | expected.unsure
        right = np.where(masked, np.isnan(found), right)
        if right.all():
            return None
        pixel, output = np.argwhere(~right)[0]
        kind = "nodata" if masked[pixel, output] else "finite" if finite[pixel, output] else "not finite"
        if kind == "finite" and not np.isfinite(found[pixel, output]):
            kind = "finite but lost"
        return "value (%s): pixel %d of %d, output %d is %r but %r ± %.3g expected (%d of %d wrong)" % (
            kind,
            pixel,
            len(values),
            output,
            float(found[pixel, output]),
            float("nan") if masked[pixel, output] else float(values[pixel, output]),
            float(allowed[pixel, output]),
            int((~right).sum()),
            right.size,
        )


class Output:
    """An output as zarr-python, NumPy, tensorstore and xarray see it.

    ``past``: it is about to grow, but has not yet.
    """

    def __init__(self, path, expectation, axes, past=False):
        self.path, self.expectation, self.past = path, expectation, past
        self.source, self.layers = expectation.source, expectation.layers
        self.options = expectation.options
        self.axes = axes

    def problems(self, other_clients):
        found = []
        if self.options["format"] in ("npy", "envi"):
            self.check_files(found)
        else:
            self.check_group(found)
            if other_clients:
                self.check_xarray(found)
        return list(dict.fromkeys(found))

    def check_values(self, head, rows, found):
        problem = self.expectation.compare(head, rows.astype(np.float64))
        if problem:
            found.append("%s (head %d)" % (problem, head))

    def files(self, head):
        folder = self.path
        if len(self.layers.names) > 1:
            folder = os.path.join(folder, self.layers.names[head])
        if self.source.one_file:
            file = os.path.basename(self.source.path.split("#")[0])
            stems = [os.path.splitext(file)[0]]
        elif self.source.folder_of_files:
            stems = [name[: -len(".npy")] for name in self.source.files[: self.expectation.images]]
        else:
            stems = ["%06d" % i for i in range(self.expectation.images)]
        return folder, stems

    def check_files(self, found):
        whole = self.source.one_file
        axes = self.axes if whole or self.axes == ["c"] else [a for a in self.axes if a != "n"]
        cubes = self.options["format"] == "envi"
        endings = (".hdr", ".img") if cubes else (".npy",)
        for head in range(len(self.layers.names)):
            folder, stems = self.files(head)
            names = [stem + ending for stem in stems for ending in endings]
            stored_files = sorted(n for n in os.listdir(folder) if n.endswith(endings))
            if stored_files != sorted(names) and not (self.past and set(stored_files) >= set(names)):
                found.append("files: %s but %s expected" % (stored_files, names))
                return
            rows = []
            for i, stem in enumerate(stems):
                path = os.path.join(folder, stem + endings[-1])
                if cubes:
                    values, axes = self.cube(path, found), ["c", "y", "x"]
                else:
                    values = np.load(path)
                if values.dtype != np.dtype(self.expectation.dtype):
                    found.append("type: %s but %s expected" % (values.dtype, self.expectation.dtype))
                lengths = dict(self.source.lengths, n=self.expectation.images)
                if not whole:
                    y, x = self.source.sizes[i]
                    lengths.update(n=1, y=y, x=x)
                lengths["c"] = len(self.layers.layers[head][0])
                shape = [lengths[a] for a in axes]
                if list(values.shape) != shape:
                    found.append("shape: %s but %s expected" % (list(values.shape), shape))
                    return
                rows.append(self.source.rows(values, axes))
            self.check_values(head, np.concatenate(rows), found)

    def cube(self, path, found):
        """As GDAL reads it."""
        present = [a for a in self.axes if a in "yxc"]
        order = {"bip": "yxc", "bsq": "cyx", "bil": "ycx"}
        orders = [name for name, all in order.items() if [a for a in all if a in present] == present]
        gdal = {"PIXEL": "bip", "BAND": "bsq", "LINE": "bil"}
        with rasterio.open(path) as cube:
            if cube.driver != "ENVI" or cube.nodata is None or cube.nodata == cube.nodata:
                found.append("cube: %s with nodata %r" % (cube.driver, cube.nodata))
            stored = gdal[cube.tags(ns="IMAGE_STRUCTURE").get("INTERLEAVE")]
            if stored not in orders:
                found.append("cube: %s but one of %s expected" % (stored, orders))
            return cube.read()

    def dimension_names(self):
        by_axis = dict(zip(self.source.axes, self.source.names))
        return [by_axis[a] for a in self.axes]

    def check_group(self, found):
        if not self.past:
            self.check_completeness(found)
        outputs = [len(w) for w, _ in self.layers.layers]
        for head, name in enumerate(self.layers.names):
            self.check_array(head, name, outputs, found)

    def check_completeness(self, found):
        v3 = self.options["format"] == "zarr3"
        group = zarr.open_group(self.path, mode="r", use_consolidated=False)
        status = group.attrs.get("pointwise", {}).get("status")
        if status != "complete":
            found.append("status: %r" % status)
        if v3:
            with open(os.path.join(self.path, "zarr.json")) as file:
                consolidated = json.load(file).get("consolidated_metadata")
        else:
            consolidated = os.path.exists(os.path.join(self.path, ".zmetadata"))
        if not consolidated:
            found.append("consolidated metadata: none")

    def check_array(self, head, name, outputs, found):
        array = self.open_array(name)
        lengths = dict(self.source.lengths, c=outputs[head])
        if "n" in self.axes:
            lengths["n"] = self.expectation.images
        shape = [lengths[a] for a in self.axes]
        if list(array.shape) != shape:
            found.append("shape: %s but %s expected" % (list(array.shape), shape))
            return
        if str(array.dtype.name) != self.expectation.dtype:
            found.append("type: %s but %s expected" % (array.dtype.name, self.expectation.dtype))
        names = self.names_of(name)
        expected = self.dimension_names()
        channel = self.axes.index("c")
        if len(set(outputs)) > 1 and names[channel].endswith("_" + name):
            expected[channel] = names[channel]
        if names != expected:
            found.append("dimension names: %s but %s expected" % (names, expected))
        self.check_values(head, self.source.rows(np.asarray(array[...]), self.axes), found)

    def open_array(self, name):
        """By zarr-python; by tensorstore where that has no such type."""
        if self.expectation.dtype != "bfloat16":
            return zarr.open_array(os.path.join(self.path, name), mode="r")
        return np.asarray(self.tensorstore(name))

    def tensorstore(self, name):
        driver = "zarr3" if self.options["format"] == "zarr3" else "zarr"
        kvstore = {"driver": "file", "path": os.path.join(self.path, name)}
        array = tensorstore.open({"driver": driver, "kvstore": kvstore}, open=True).result()
        return array[...].read().result()

    def names_of(self, name):
        file = "zarr.json" if self.options["format"] == "zarr3" else ".zattrs"
        with open(os.path.join(self.path, name, file)) as text:
            facts = json.load(text)
        return facts["dimension_names"] if file == "zarr.json" else facts["_ARRAY_DIMENSIONS"]

    def check_xarray(self, found):
        """tensorstore, and xarray of the whole group; both must see what zarr-python sees."""
        if self.expectation.dtype == "bfloat16":
            return  # neither zarr-python nor xarray has the type
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                data = xarray.open_zarr(self.path)
            except Exception as e:  # whatever it raises, users would see
                found.append("xarray: %s: %s" % (type(e).__name__, e))
                return
            for name in self.layers.names:
                array = np.asarray(zarr.open_array(os.path.join(self.path, name), mode="r")[...])
                for client, values in (
                    ("xarray", data[name].values),
                    ("tensorstore", np.asarray(self.tensorstore(name))),
                ):
                    if not np.array_equal(array, values, equal_nan=True):
                        found.append("%s: other values than zarr-python" % client)
            data.close()

    def read_once(self):
        return self.source.whole and self.expectation.options["chunk"] == "default"

    def check_report(self):
        """Counts of an undisturbed run."""
        found = []
        with open(self.path + ".pointwise/report.json") as file:
            report = json.load(file)
        expectation = self.expectation
        for key, minimum, maximum in (
            ("pixels", len(expectation.masked), len(expectation.masked)),
            ("maskedPixels", expectation.masked.sum(), expectation.masked.sum()),
            # A chunk may be read for several chunks of the output: of a part, or if these are smaller.
            (
                "missingChunks",
                expectation.missing_chunks,
                expectation.missing_chunks if self.read_once() else np.inf,
            ),
            (
                "nonFinitePixels",
                expectation.non_finite.sum(),
                expectation.perhaps_non_finite.sum(),
            ),
        ):
            if not minimum <= report[key] <= maximum:
                expected = "%d" % minimum if minimum == maximum else "%g to %g" % (minimum, maximum)
                found.append("report: %s is %d but %s expected" % (key, report[key], expected))
        return found
