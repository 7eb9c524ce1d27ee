"""What a decoder makes of a reduced array, in float64, and whether an output is that."""

import os
from types import SimpleNamespace

import numpy as np
import tensorstore
import zarr

from activations import Activation
from differential_outputs import Expectation, Expected


class Reconstruction:
    """One head of a reduction, a decoder for it, and how the command gets both."""

    def __init__(self, reduced, rng, folder):
        self.reduced = reduced
        layers, options = reduced.layers, reduced.options
        self.head = int(rng.integers(len(layers.names)))
        self.files, self.axes = self.inputs()
        layer = layers.layers[self.head]
        channels = reduced.source.lengths["c"]
        self.weight = rng.normal(size=(channels, len(layer[0]))).astype(np.float32)
        self.bias = np.zeros(channels, np.float32)
        if options["bias"] == "yes":
            self.bias = rng.normal(size=channels).astype(np.float32)
        decoder = (self.weight, self.bias)
        if layers.bits in ("F16", "BF16"):
            layers.bits = "F32"
        record = str(rng.choice(("none", "right", "wrong")))
        beside = {"none": [], "right": [layer], "wrong": [layers.others()[self.head]]}[record]
        names = ["decoder.weight", "weight"][: 1 + len(beside)]
        self.decoder = os.path.join(folder, "decoder.safetensors")
        layers.safetensors(self.decoder, names, [decoder] + beside, recorded=True)
        self.exit = 3 if record == "wrong" or options.get("normalise", "none") == "l2" else 0

    def inputs(self):
        """The files or the array of the head, and the axes of each."""
        reduced = self.reduced
        if reduced.options["format"].startswith("zarr"):
            return [os.path.join(reduced.path, reduced.layers.names[self.head])], reduced.axes
        folder, stems = reduced.files(self.head)
        if reduced.options["format"] == "envi":
            return [os.path.join(folder, stems[0] + ".hdr")], ["c", "y", "x"]
        whole = reduced.source.one_file or reduced.axes == ["c"]
        axes = reduced.axes if whole else [a for a in reduced.axes if a != "n"]
        return [os.path.join(folder, stem + ".npy") for stem in stems], axes

    def commands(self):
        format = "npy" if self.reduced.options["format"] == "npy" else "zarr3"
        place = self.files[0]
        if format == "npy" and not self.reduced.source.one_file:
            place = os.path.dirname(place)
        arguments = [place, "--decoder", self.decoder, "--format", format]
        return {"arguments": arguments + ["--overflow", "saturate"], "exit": self.exit}

    def stored(self):
        source = self.reduced.source
        if self.reduced.options["format"].startswith("zarr"):
            array = self.reduced.open_array(self.reduced.layers.names[self.head])
            return source.rows(np.asarray(array[...]), self.axes)
        if self.reduced.options["format"] == "envi":
            values = self.reduced.cube(self.files[0][: -len(".hdr")] + ".img", [])
            return source.rows(values, self.axes)
        return np.concatenate([source.rows(np.load(file), self.axes) for file in self.files])

    def array(self, path):
        """By zarr-python; by tensorstore where that has no such type."""
        try:
            return zarr.open_array(path, mode="r")
        except ValueError:
            return tensorstore.open(
                {"driver": "zarr3", "kvstore": {"driver": "file", "path": path}}, open=True
            ).result()

    def found(self, output):
        source = self.reduced.source
        if self.reduced.options["format"] == "npy":
            files = [os.path.join(output, os.path.basename(file)) for file in self.files]
            return np.concatenate([source.rows(np.load(file), self.axes) for file in files])
        array = self.array(os.path.join(output, "features"))
        axes = self.axes
        if self.reduced.options["format"] == "envi":
            attributes = zarr.open_group(output, mode="r").attrs["pointwise"]
            axes = attributes["axes"].split(",")  # those of the cube, which has all three
        return source.rows(np.asarray(array[...]), axes)

    def problems(self, output):
        y = self.stored()
        dtype = y.dtype.name if y.dtype.name != "float64" else "float32"
        y = y.astype(np.float64)
        masked = np.isnan(y).any(axis=1)
        features = SimpleNamespace(
            x=y, error=np.zeros_like(y), finite=np.isfinite(y), unsure=np.zeros(len(y), bool)
        )
        expected = Expected(features, self.weight, self.bias, Activation("none"), "none")
        expectation = SimpleNamespace(heads=[expected], masked=masked, dtype=dtype)
        problem = Expectation.compare(expectation, 0, self.found(output).astype(np.float64))
        return [problem] if problem else []
