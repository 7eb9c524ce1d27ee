"""The other side of the differential test of comparisons by evaluate.

Draws an array, layers that are fitted on parts of it with random hold-outs, a stored reduction and
a test set. Records which pixels each layer was fitted on. Imports nothing of Pointwise. Reads one
JSON object a line and answers with one line each:

  {"do": "draw", "seed": S, "folder": F}
      draws a case; answers with the commands to run before evaluate
  {"do": "evaluate"}
      answers with the arguments of evaluate; may change the array first
  {"do": "check", "code": C, "stderr": "…", "report": {…}}
      answers with a list of what is wrong
"""

import os

import numpy as np
import zarr
from differential_learning_checks import FLOAT32, Layer, Regression, Sums, Wrong, read_layer, rms
from differential_learning_data import Data, in_strata, in_tiles, span
from peer import serve

OPTIONS = {
    "container": ["zarr2", "zarr3", "sharded", "npy", "folder"],
    "type": ["f2", "f4", "f8", "i2", "u1"],
    "chunks": ["whole", "ragged", "images"],
    "nodata": ["none", "nan", "option"],
    "bad": ["no", "no", "yes"],
}


class Part:
    """Some images and a window of the array, as a fit, a reduction or an evaluation reads it."""

    def __init__(self, data, rng, kind):
        self.images = np.arange(data.images)
        self.window, self.arguments = None, []
        if kind == "images" and data.images > 1:
            self.images = np.arange(*span(data.images, rng))
            self.arguments = ["--images=%d:%d" % (self.images[0], self.images[-1] + 1)]
        elif kind == "list":
            count = int(rng.integers(1, data.images + 1))
            self.images = rng.permutation(data.images)[:count]
            self.arguments = ["--images=" + ",".join(map(str, self.images))]
        elif kind == "window":
            height, width = (min(s[k] for s in data.sizes) for k in (0, 1))
            self.window = (*span(height, rng), *span(width, rng))
            self.arguments = ["--bbox=%d:%d,%d:%d" % self.window]
        self.data = data
        place = np.full(data.images, -1)
        place[self.images] = np.arange(len(self.images))
        y0, y1, x0, x1 = self.window or (0, 1 << 40, 0, 1 << 40)
        self.member = (place[data.n] >= 0) & (data.y >= y0) & (data.y < y1)
        self.member &= (data.x >= x0) & (data.x < x1)
        self.n, self.y, self.x = place[data.n], data.y - y0, data.x - x0
        self.sizes = [(y1 - y0, x1 - x0) if self.window else data.sizes[i] for i in self.images]
        self.cell = data.cell
        if self.window:
            self.cell = tuple(in_tiles(a, b, c)[0] for a, b, c in ((y0, y1, data.cell[0]), (x0, x1, data.cell[1])))

    def whole_images(self):
        return len(self.images) == self.data.images and bool((np.diff(self.images) == 1).all())

    def key(self):
        window = self.window
        if window and self.data.options["container"] != "folder" and window == (0, self.data.height, 0, self.data.width):
            window = None
        return (None if self.whole_images() else tuple(map(int, self.images)), window)

    def held_out(self, fraction, block, seed):
        """Which pixels of the array lie in held-out blocks; how many blocks of how many."""
        rows, columns = (block, block) if block else self.cell
        chosen = np.zeros(self.data.pixels, bool)
        first, count = 0, 0
        for i, (h, w) in enumerate(self.sizes):
            across, down = -(-w // columns), -(-h // rows)
            out = np.array([in_strata(first + t, fraction, seed) for t in range(across * down)], bool)
            here = self.member & (self.n == i)
            chosen[here] = out[self.y[here] // rows * across + self.x[here] // columns]
            first += across * down
            count += int(out.sum())
        return chosen, count, first


class Fitted:
    """A layer: where it is, and which tiles it was fitted on if its file records that."""

    def __init__(self, path, part=None, holdout=(0, 0, 1)):
        self.path, self.part, self.holdout = path, part, holdout
        self.recorded = part is not None and not path.endswith(".npy")
        self.recognised = self.recorded
        if part is not None:
            held, _, _ = part.held_out(*holdout)
            self.training = part.member & ~held


class Case:
    def __init__(self, seed, folder):
        self.rng = rng = np.random.default_rng(seed)
        self.folder = folder
        options = {name: str(rng.choice(values)) for name, values in OPTIONS.items()}
        folders = options["container"] == "folder"
        options["axes"] = str(rng.choice(["y,x,c", "c,y,x"] if folders else ["n,y,x,c", "n,c,y,x", "y,x,c", "x,y,n,c"]))
        options.update(channels="8", labels="none", classes="2", ignore="no", scale="none", missing="no")
        options.update(pixels="many", dependent="none")
        options.update({"endian": "little", "images": "all", "bbox": "none", "mask": "no", "input-channels": "all"})
        if options["container"] in ("npy", "folder"):
            options["chunks"] = "whole"
        if not options["type"].startswith("f"):
            options["bad"] = "no"
            options["nodata"] = "none" if options["nodata"] == "nan" else options["nodata"]
        self.data = Data(seed, options, folder)
        self.blocked = 0 if rng.random() < 0.6 else int(rng.choice([3, 5]))
        self.holdout = (float(rng.choice([0.25, 0.4, 0.6])), self.blocked, int(rng.integers(1000)))
        self.part = Part(self.data, rng, str(rng.choice(["all", "all", "images", "list", "window"])))
        self.commands, self.layers = [], []
        for i in range(int(rng.integers(1, 5))):
            self.draw_layer(i)
        self.output = None
        if rng.random() < 0.5:
            self.draw_output()

    def draw_layer(self, i):
        rng, data = self.rng, self.data
        if rng.random() < 0.12:
            path = "%s/w%d.npy" % (self.folder, i)
            out = int(rng.integers(1, data.channels + 1))
            np.save(path, rng.normal(size=(out, data.channels, 1, 1)).astype("f4"))
            self.layers.append(Fitted(path))
            return
        path = "%s/w%d.%s" % (self.folder, i, rng.choice(["safetensors", "safetensors", "onnx", "npy"]))
        part = self.part if rng.random() < 0.75 else Part(data, rng, str(rng.choice(["all", "images", "list", "window"])))
        holdout = self.holdout
        if rng.random() < 0.25:
            holdout = (float(rng.choice([0, 0.25, 0.5])), int(rng.choice([0, 3])), int(rng.integers(1000)))
        pixels = data.arguments + part.arguments
        pixels = pixels + ["--test-size=%s" % holdout[0], "--hold-out-block=%d" % holdout[1], "--seed=%d" % holdout[2]]
        pixels.append("--sample=%s" % rng.choice(["1", "1", "0.7"]))
        method = ["--method=%s" % rng.choice(["pca", "select", "random"]), "--channels=%d" % rng.integers(1, data.channels + 1)]
        if rng.random() < 0.2:
            moments = path.rsplit(".", 1)[0] + ".moments.safetensors"
            self.commands.append(["moments", data.input, moments] + pixels)
            self.commands.append(["fit", path, "--moments", moments, "--seed=%d" % holdout[2]] + method)
        else:
            self.commands.append(["fit", data.input, path] + pixels + method)
        self.layers.append(Fitted(path, part, holdout))

    def draw_output(self):
        rng, data = self.rng, self.data
        self.output = self.folder + "/out"
        self.reduced_part = self.part if rng.random() < 0.7 else Part(data, rng, "all")
        heads = [int(h) for h in rng.permutation(len(self.layers))[: int(rng.integers(1, 3))]]
        self.heads = heads
        format = str(rng.choice(["zarr3", "zarr2", "npy"]))
        self.dtype = str(rng.choice(["float32", "float16", "bfloat16", "float64"]))
        if self.dtype == "bfloat16" or (format == "npy" and self.dtype == "float64"):
            self.dtype = "float16"
        args = ["reduce", data.input, self.output] + data.arguments + self.reduced_part.arguments
        args += ["--format", format, "--dtype", self.dtype, "--overflow", "saturate"]
        if len(heads) == 1:
            args += ["--weights", self.layers[heads[0]].path]
        else:
            for h in heads:
                args += ["--head", "h%d=%s" % (h, self.layers[h].path)]
        # npy weights of a square matrix are ambiguous unless their layout is given
        if any(self.layers[h].path.endswith(".npy") for h in heads):
            args += ["--kernel-layout", "oi"]
        self.commands.append(args)
        self.format = format

    def evaluate(self):
        rng, data = self.rng, self.data
        self.change()
        listed = [i for i in range(len(self.layers)) if rng.random() < 0.8] or [0]
        if self.output and rng.random() < 0.25:
            listed = []
        self.rows = [(i, False) for i in listed]
        args = ["evaluate", data.input, "--report", self.folder + "/report.html"] + data.arguments
        for i in listed:
            name = "layer%d=" % i if rng.random() < 0.3 else ""
            args += ["--weights", name + self.layers[i].path]
        if any(self.layers[i].path.endswith(".npy") for i in listed):
            args += ["--kernel-layout", "oi"]
        self.read = self.part if rng.random() < 0.6 else Part(data, rng, str(rng.choice(["all", "images", "list", "window"])))
        self.with_output = bool(self.output) and (not listed or rng.random() < 0.7)
        if self.with_output:
            args += ["--output", self.output]
            self.rows += [(h, True) for h in self.heads]
            if rng.random() < 0.8 or not self.read.arguments:
                self.read = self.reduced_part
                if rng.random() < 0.5:
                    args += self.read.arguments
            else:
                args += self.read.arguments
        else:
            args += self.read.arguments
        self.split = str(rng.choice(["", "", "test", "train", "all"]))
        if self.split:
            args.append("--split=" + self.split)
        self.split_options = None
        if self.split != "all" and rng.random() < 0.25:
            self.split_options = (float(rng.choice([0.3, 0.5])), int(rng.choice([0, 4])), int(rng.integers(1000)))
            args += ["--test-size=%s" % self.split_options[0], "--hold-out-block=%d" % self.split_options[1], "--seed=%d" % self.split_options[2]]
        return args

    def change(self):
        """Changes one pixel of the array: layers that it was fitted on are of another array."""
        rng, data = self.rng, self.data
        usable = np.flatnonzero(data.usable)
        if rng.random() > 0.15 or not len(usable) or self.output:
            return
        at = int(rng.choice(usable))
        value = data.stored[at, 0]
        data.stored[at, 0] = 1 if value != 1 else 2
        data.values[at, 0] = float(data.stored[at, 0])
        for layer in self.layers:
            if layer.recorded and layer.training[at]:
                layer.recognised = False
        remove(data.input)
        arguments, data.arguments, state = data.arguments, [], data.rng
        data.write()
        data.arguments = arguments

    # What is right.

    def expected_split(self):
        """The part of the split, its numbers and whether the command is to be refused."""
        rows = [self.layers[i] for i, _ in self.rows]
        recorded = [r.recorded for r in rows]
        held = [r for r in rows if r.recorded and r.holdout[0] > 0]
        held = [r for r in held if r.recognised] or held
        same = lambda r: (r.part.key() if r.recorded else (None, None)) == self.read.key()
        split = self.split
        if not split:
            explicit = any(r.recognised and not same(r) for r in rows)
            some = not self.read.whole_images()
            explicit |= any(r.recorded for r in rows) and not any(r.recognised for r in rows)
            explicit |= some and not all(r.recorded and r.holdout[0] > 0 and same(r) for r in rows)
            split = "all" if explicit and not self.split_options else "test"
        if split == "all":
            return split, None, False
        if self.split_options:
            return split, self.split_options, False
        if any(not same(r) for r in held) or len({r.holdout for r in held}) > 1:
            return split, None, True
        if held:
            return split, held[0].holdout, False
        first = rows[0]
        return split, (0.2, 0, first.holdout[2] if first.recorded else 1), False

    def check(self, request):
        wrong = Wrong()
        refused = self.with_output and self.read.key() != self.reduced_part.key()
        split, numbers, conflict = self.expected_split()
        stderr = request["stderr"].strip()
        if refused or conflict:
            wrong.equal("exit code (%s)" % stderr, request["code"], 3)
            return wrong
        data = self.data
        measured = self.read.member
        blocks = None
        training = None
        if split != "all":
            held, count, total = self.read.held_out(*numbers)
            training = measured & ~held
            measured = measured & (held if split == "test" else ~held)
            blocks = (count if split == "test" else total - count, total)
        measured = measured & data.usable
        fitted = [self.fitted(self.described(i, stored), training, measured) for i, stored in self.rows]
        x = data.values[fitted[0]]
        impossible = not measured.any() or len(x) <= data.channels or not np.ptp(x, axis=0).any()
        impossible |= any(not len(data.values[f]) for f in fitted)
        if impossible:
            wrong.unless(request["code"] in (0, 3), "exit code %d: %s", request["code"], stderr)
            return wrong
        wrong.equal("exit code (%s)" % stderr, request["code"], 0)
        if wrong:
            return wrong
        report = request["report"]
        wrong.equal("split", report["data"]["split"], split)
        if blocks:
            wrong.equal("blocks", (report["data"]["measuredBlocks"], report["data"]["holdoutBlocks"]), blocks)
        wrong.equal("rows", len(report["layers"]), len(self.rows))
        wrong.equal("pixels", report["data"]["measuredPixels"], int(measured.sum()))
        if wrong:
            return wrong
        clean = split == "test"
        for (i, stored), found, row in zip(self.rows, fitted, report["layers"]):
            layer = self.described(i, stored)
            clean &= self.check_training(wrong, layer, measured, row)
            self.check_figures(wrong, layer, self.stored(i, len(read_weights(layer).w)) if stored else None, Sums(data.values[found]), measured, row)
        claimed = report["data"].get("heldOutPixels")
        wrong.equal("held-out pixels", claimed, int(measured.sum()) if clean else None)
        return wrong

    def described(self, i, stored):
        """The layer whose file describes a row; of a stored one, a given layer if it is the same."""
        found = self.layers[i]
        if not stored or found.part is None:
            return found
        made, _ = read_layer(found.path)
        for j, stored in self.rows:
            if not stored and self.layers[j].part is not None:
                other, _ = read_layer(self.layers[j].path)
                if np.array_equal(other.w, made.w) and np.array_equal(other.b, made.b):
                    found = self.layers[j]
        return found

    def check_training(self, wrong, layer, measured, row):
        """Returns whether the layer was certainly fitted on none of the pixels."""
        if not layer.recognised:
            wrong.equal(row["name"] + " is recognised", row["trainingTiles"], "not known")
            wrong.unless("trainingPixels" not in row and row.get("notKnown"), "%s has no reason", row["name"])
            return False
        seen = int((layer.training & measured).sum())
        wrong.equal(row["name"] + " training pixels (%s)" % row.get("notKnown"), row.get("trainingPixels"), seen)
        word = "none" if not seen else "all" if seen == measured.sum() else "some"
        wrong.equal(row["name"] + " training tiles", row["trainingTiles"], word)
        return not seen

    def fitted(self, layer, training, measured):
        """The pixels that a layer's decoder is computed from if its file has none."""
        if layer.part is not None:
            return layer.training & self.data.usable  # of them, or of a sample of them
        if training is not None:
            return training & self.data.usable
        for j, _ in self.rows:
            if self.layers[j].recognised:
                return self.layers[j].training & self.data.usable
        return measured

    def stored(self, i, out):
        """The stored values of all pixels of the reduced part, n, y, x order of the array."""
        data, part = self.data, self.reduced_part
        several = len(self.heads) > 1
        folder = self.output + ("/h%d" % i if several else "")
        order = np.full(data.pixels, -1)
        values = np.full((data.pixels, out), np.nan)
        if self.format != "npy":
            array = zarr.open(self.output, mode="r")["h%d" % i if several else "features"]
            images = self.images(np.asarray(array[...]).astype(np.float64))
        else:
            files = sorted(os.listdir(folder))
            files = [f for f in files if f.endswith(".npy")]
            images = []
            for name in files:
                array = np.load(folder + "/" + name).astype(np.float64)
                images += self.images(array)
            if data.options["container"] == "folder":
                place = {name: j for j, name in enumerate(files)}
                images = [images[place["i%03d.npy" % n]] for n in part.images]
        for at in range(len(part.images)):
            here = part.member & (part.n == at)
            values[here] = images[at][part.y[here], part.x[here]]
        return values

    def images(self, array):
        """The images of an array or of a file, which has all of them or one; each y, x, c."""
        axes = [a for a in self.data.axes]
        if array.ndim > len(axes):
            axes = ["n"] + axes
        elif array.ndim < len(axes):
            axes.remove("n")
        full = [a for a in "nyxc"]
        missing = [a for a in full if a not in axes]
        array = array.reshape((1,) * len(missing) + array.shape)
        array = array.transpose([(missing + axes).index(a) for a in full])
        return list(array)

    def check_figures(self, wrong, described, stored, fitted, measured, row):
        """Checks a row; stored has the stored values of all pixels, or is None."""
        layer = read_weights(described)
        decoder, _ = read_layer(described.path, "decoder") if described.part is not None else (None, {})
        x = self.data.values[measured]
        if decoder is None:
            found = Regression(layer, fitted)
            found.decoder.moved = found.moved(x, self.data.rounding(fitted.x))
            decoder = found.decoder
        y = stored[measured] if stored is not None else layer(x)
        wrong.unless(np.isfinite(y).all(), "%s: stored values are missing", row["name"])
        errors = np.sum((x - decoder(y)) ** 2, 1)
        mse, variance = errors.mean(), Sums(x).variance
        if not variance > 0 or wrong:
            return
        size = np.abs(y) if stored is not None else np.abs(x) @ np.abs(layer.w).T + np.abs(layer.b)
        terms = sum(layer.w.shape) + 2
        move = rms(size @ np.abs(decoder.w).T + np.abs(decoder.b)) * terms * FLOAT32 + decoder.moved
        mse_error = 2 * np.sqrt(mse) * move + move**2 + 1e-6 * mse
        lost = mse / variance
        wrong.close("%s explainedVariance" % row["name"], row["explainedVariance"], 1 - lost, mse_error / variance + 1e-4 * lost)
        squared = np.sum(x * x)
        low, high = (np.sqrt(max(0, mse + d) * len(x) / squared) for d in (-mse_error, mse_error))
        wrong.unless(low * (1 - 1e-5) <= row["relativeError"] <= high * (1 + 1e-5), "%s relativeError is %.9g, not %.9g … %.9g", row["name"], row["relativeError"], low, high)
        wrong.equal("stored", "output" in row, stored is not None)
        wrong.equal("channels", (row["inChannels"], row["outChannels"]), (layer.w.shape[1], len(layer.w)))


def read_weights(layer):
    """The layer of a file of fit, or of one that has a matrix alone."""
    if layer.part is not None:
        return read_layer(layer.path)[0]
    w = np.load(layer.path)
    return Layer(w, np.zeros(len(w)))


def remove(path):
    import shutil
    path = path[: -len("/data")] if path.endswith("/data") else path
    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def answer(request, state):
    if request["do"] == "draw":
        state["case"] = case = Case(request["seed"], request["folder"])
        return {"commands": case.commands}
    if request["do"] == "evaluate":
        return {"arguments": state["case"].evaluate()}
    return {"wrong": state["case"].check(request)}


state = {}
serve(lambda request: answer(request, state))
