"""What evaluate should report of a layer; the third part of differential_learning_checks."""

import numpy as np
from differential_learning_checks import (
    FLOAT32, Layer, Logistic, Regression, Sums, Wrong, kept, random_rows, read_layer, rms, ties,
)

RIDGE = 1e-4


def check(data, request):
    wrong = Wrong()
    o = data.options
    seed = int(o["seed"])
    held, count, tiles = data.held_out(float(o["hold-out"]), int(o["block"]), seed)
    found = Sums(data.values[held & data.usable])
    sampled = np.ones(data.pixels, bool)
    if request["momentsBeside"]:
        sampled = data.sampled(float(o["sample"]), seed)
    fitted = Sums(data.values[sampled & ~held & data.usable])
    # What the layer is compared with is learned from the other pixels.
    impossible = not found.count or not fitted.count
    impossible = impossible or not np.ptp(fitted.x, axis=0).any()
    labels = data.labels[data.usable & (held | (sampled & ~held))]
    if request["probe"] and not impossible:
        impossible = (labels.max(initial=-1) < 1) or not np.any(
            ~held & data.usable & (data.labels >= 0)
        )
    expected = 3 if impossible else 0
    wrong.equal("exit code (%s)" % request["stderr"].strip(), request["code"], expected)
    if wrong or impossible:
        return wrong
    Evaluated(wrong, data, request, held, found, fitted).check(count, tiles)
    return wrong


def begin_of_tile(data, at, axis):
    length, offset = data.cell[axis], data.tile_offset[axis]
    return (at + offset) // length * length - offset


class Evaluated:
    def __init__(self, wrong, data, request, held, found, fitted):
        self.wrong, self.data, self.request = wrong, data, request
        self.held, self.found, self.fitted = held, found, fitted
        self.report = request["report"]
        self.layer, facts = read_layer(request["weights"])
        self.layer.relu = self.report["layer"]["activation"] == "relu"
        self.decoder, _ = read_layer(request["weights"], "decoder")
        if self.decoder is None:
            self.decoder = self.regression(self.layer)
        self.method = self.report["layer"]["method"]
        x = found.x
        self.squared = np.sum(x * x)
        self.peak = np.ptp(x, axis=0).max()

    def check(self, count, tiles):
        wrong, data, report = self.wrong, self.data, self.report
        facts = report["data"]
        wrong.equal("images", facts["images"], data.images)
        wrong.equal("pixels", facts["pixels"], data.pixels)
        wrong.equal("channels", facts["channels"], data.channels)
        wrong.equal("holdoutBlocks", facts["holdoutBlocks"], tiles)
        wrong.equal("measuredBlocks", facts["measuredBlocks"], count)
        wrong.equal("measuredPixels", facts["measuredPixels"], self.found.count)
        wrong.equal("skippedPixels", facts["skippedPixels"], int((self.held & ~data.usable).sum()))
        recorded = self.request["recorded"]
        warned = any("these blocks is not known" in line for line in report["warnings"])
        wrong.equal("a warning that blocks may have been seen", warned, not recorded)
        wrong.equal("held-out pixels", facts.get("heldOutPixels"), self.found.count if recorded else None)
        tiles_seen = report["layers"][0]["trainingTiles"]
        wrong.equal("training tiles", tiles_seen, "none" if recorded else "not known")
        if wrong:
            return
        if not self.found.variance > 0:
            return  # a single pixel has no variance to keep
        wrong.close("variance", facts["variance"], self.found.variance, 1e-4 * self.found.variance)
        self.figures("layer", report["layer"], self.layer, self.decoder)
        self.half()
        self.worst_block()
        self.baselines()
        self.curve()
        self.drift()
        self.histograms()
        if self.request["probe"]:
            self.probe()

    def slack(self, layer, decoder):
        """How far float32 arithmetic and moments may move a reconstructed pixel, root mean square."""
        x = self.found.x
        reduced = np.abs(x) @ np.abs(layer.w).T + np.abs(layer.b)
        back = reduced @ np.abs(decoder.w).T + np.abs(decoder.b)
        terms = sum(layer.w.shape) + 2  # of two sums, each of which errs by a rounding a term
        return rms(back) * terms * FLOAT32 + decoder.moved

    def regression(self, layer):
        found = Regression(layer, self.fitted)
        found.decoder.moved = found.moved(self.found.x, self.data.rounding(self.fitted.x))
        return found.decoder

    def figures(self, name, figures, layer, decoder, other=0.0):
        """other: how far the decoder itself may be from theirs, as a mean squared error."""
        wrong, x = self.wrong, self.found.x
        back = decoder(layer(x))
        errors = np.sum((x - back) ** 2, 1)
        mse = errors.mean()
        move = self.slack(layer, decoder)
        mse_error = 2 * np.sqrt(mse) * move + move**2 + other + 1e-6 * mse
        variance = self.found.variance
        lost = mse / variance
        wrong.close(name + " explainedVariance", figures["explainedVariance"], 1 - lost, mse_error / variance + 1e-4 * lost)
        low, high = (np.sqrt(max(0, mse + d) * len(x) / self.squared) for d in (-mse_error, mse_error))
        ours = figures["relativeError"]
        # The decoder's parameters are rounded to float32.
        wrong.unless(low * (1 - 1e-5) <= ours <= high * (1 + 1e-5), "%s relativeError is %.9g, not %.9g … %.9g", name, ours, low, high)
        if mse > 10 * mse_error:
            theirs = 10 * np.log10(self.peak**2 / (mse / self.data.channels))
            wrong.close(name + " psnr", figures["psnr"], theirs, 10 * mse_error / mse + 1e-4)
        squared, product = np.sum(x * x, 1), np.sum(x * back, 1)
        lengths = np.sqrt(squared * np.sum(back * back, 1))
        if (lengths < 1e-6 * np.sqrt(squared.mean()) * np.sqrt(squared)).any() or other > 1e-6 * mse:
            return
        cosine = product / np.maximum(lengths, 1e-300)
        near = move / np.sqrt(squared.min()) if squared.min() > 0 else 1
        if near > 1e-3:
            return
        wrong.close(name + " cosine", figures["cosine"]["mean"], cosine.mean(), 1e-6 + near)
        wrong.close(name + " smallest cosine", figures["cosine"]["least"], cosine.min(), 1e-6 + 4 * near)
        place = int(np.ceil(0.01 * len(cosine))) - 1
        theirs = np.sort(cosine)[max(0, place)]
        wrong.close(name + " cosine p1", figures["cosine"]["p1"], theirs, 1e-6 + 4 * near + 0.01 * (1 - theirs))

    def half(self):
        """Rounded to float16 and, beyond it, saturated."""
        wrong, x = self.wrong, self.found.x
        half = self.report["layer"]["float16"]
        y = self.layer(x)
        stored = np.clip(y, -65504, 65504).astype(np.float16).astype(np.float64)
        beyond = np.abs(y) >= 65520
        unsure = int((np.abs(np.abs(y) - 65520) < 1).sum())
        wrong.close("overflowedValues", half["overflowedValues"], int(beyond.sum()), unsure)
        mse = np.sum((x - self.decoder(stored)) ** 2) / len(x)
        # A value that float32 moves across the middle of two float16 is off by their distance.
        size = np.abs(x) @ np.abs(self.layer.w).T + np.abs(self.layer.b)
        error = (self.layer.w.shape[1] + 4) * FLOAT32 * size
        crossed = np.zeros_like(y)
        for end in (-np.inf, np.inf):
            other = np.nextafter(stored.astype(np.float16), np.float16(end)).astype(np.float64)
            middle = (stored + other) / 2
            crosses = np.isfinite(other) & (np.abs(y - middle) <= error)
            crossed = np.maximum(crossed, np.where(crosses, np.abs(other - stored), 0))
        moved = rms(crossed) * np.linalg.norm(self.decoder.w, 2)
        moved += self.slack(self.layer, self.decoder)
        mse_error = 2 * np.sqrt(mse) * moved + moved**2 + 1e-6 * mse
        limit = mse_error / self.found.variance + 1e-4 * mse / self.found.variance
        wrong.close("float16 explainedVariance", half["explainedVariance"], 1 - mse / self.found.variance, limit)
        low, high = (np.sqrt(max(0, mse + d) * len(x) / self.squared) for d in (-mse_error, mse_error))
        wrong.unless(low * 0.999999 <= half["relativeError"] <= high * 1.000001, "float16 relativeError is %.9g, not %.9g … %.9g", half["relativeError"], low, high)

    def worst_block(self):
        wrong, data = self.wrong, self.data
        worst = self.report["layer"]["worstBlock"]
        use = self.held & data.usable
        errors, squares = np.zeros(data.pixels), np.zeros(data.pixels)
        x = self.found.x
        errors[use] = np.sum((x - self.decoder(self.layer(x))) ** 2, 1)
        squares[use] = np.sum(x * x, 1)
        # A tile that spans several stored tiles is evaluated in parts, each identified by its first pixel.
        block = int(data.options["block"])
        rows, columns = (block, block) if block else data.cell
        first = (
            data.n,
            np.maximum(data.y // rows * rows, begin_of_tile(data, data.y, 0)),
            np.maximum(data.x // columns * columns, begin_of_tile(data, data.x, 1)),
        )
        keys = np.stack(first, 1)[use]
        places, inverse = np.unique(keys, axis=0, return_inverse=True)
        inverse = inverse.reshape(-1)
        lost = np.bincount(inverse, errors[use])
        block_sums = np.bincount(inverse, squares[use])
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = np.where(block_sums > 0, np.sqrt(lost / block_sums), -1)
        move = self.slack(self.layer, self.decoder) * np.sqrt(len(x))
        limit = np.where(block_sums > 0, move / np.sqrt(np.maximum(block_sums, 1e-300)), 0) + 1e-5 * np.abs(relative)
        at = np.flatnonzero((places == [worst["n"], worst["y"], worst["x"]]).all(1))
        wrong.unless(len(at) == 1, "the worst block %s is none", worst)
        if len(at) == 1:
            wrong.close("worst block's error", worst["relativeError"], relative[at[0]], limit[at[0]])
        wrong.unless((worst["relativeError"] >= relative - limit).all(), "%s is not the worst block, %s", worst, relative.max())

    def others(self, k):
        """The rows of the methods, learned from the other pixels."""
        fitted = self.fitted
        values, vectors = np.linalg.eigh(fitted.cov)
        variance = np.diag(fitted.cov)
        order = np.argsort(-variance, kind="stable")
        close = abs(variance[order[k - 1]] - variance[order[k]]) <= 1e-4 * variance[order[0]] if k < len(order) else False
        gap = (values[-k] - values[-k - 1]) / values[-1] if k < len(values) else 1
        seed = int(self.data.options["seed"])
        return {
            "pca": vectors[:, ::-1][:, :k].T if gap > 1e-2 else None,
            "select": None if close else np.eye(len(order))[order[:k]],
            "random": random_rows(k, self.data.channels, seed),
        }

    def compared(self, method, rows):
        mean = 0 * self.fitted.mean if method == "select" else self.fitted.mean
        layer = Layer(rows, -rows @ mean)
        return layer, self.regression(layer)

    def baselines(self):
        k = len(self.layer.w)
        expected = [] if k >= self.data.channels else ["pca", "select", "random"]
        if self.method == "pca" and expected:
            expected.remove("pca")
        names = [b["method"] for b in self.report["baselines"]]
        self.wrong.equal("baselines", names, expected)
        if not expected or self.wrong:
            return
        for baseline in self.report["baselines"]:
            rows = self.others(k)[baseline["method"]]
            if rows is not None:
                layer, decoder = self.compared(baseline["method"], rows)
                spread = 2e-4 * self.fitted.variance + 2e-4 * self.found.variance
                self.figures(baseline["method"], baseline, layer, decoder, spread)

    def curve(self):
        curve = self.report["curve"]
        powers = [2**i for i in range(20) if 2**i <= min(128, self.data.channels)]
        self.wrong.equal("curve's channels", [p["channels"] for p in curve], powers)
        for point in curve:
            for method, rows in self.others(point["channels"]).items():
                if rows is not None:
                    layer, decoder = self.compared(method, rows)
                    theirs = kept(layer, decoder, self.found)
                    size = max(1, self.fitted.variance / self.found.variance)
                    limit = (5e-4 + 2e-3 * abs(1 - theirs)) * size
                    lost = np.sqrt(abs(1 - theirs) * self.found.variance)
                    limit += (2 * lost + decoder.moved) * decoder.moved / self.found.variance
                    self.wrong.close("curve %s at %d" % (method, point["channels"]), point[method], theirs, limit)
        values = np.linalg.eigvalsh(self.fitted.cov)[::-1] / self.fitted.variance
        self.wrong.close("scree", self.report["scree"], values, 1e-4)

    def drift(self):
        drift, fitted, found = self.report["drift"], self.fitted, self.found
        shift = np.linalg.norm(found.mean - fitted.mean) / np.sqrt(fitted.variance)
        self.wrong.close("meanShift", drift["meanShift"], shift, 1e-4)
        change = np.linalg.norm(found.cov - fitted.cov) / np.linalg.norm(fitted.cov)
        self.wrong.close("covarianceChange", drift["covarianceChange"], change, 1e-3 * (1 + change))

    def histograms(self):
        self.wrong.equal("histograms", len(self.report["histograms"]), min(16, len(self.layer.w)))
        y = self.layer(self.found.x)
        for histogram in self.report["histograms"]:
            counts = np.array(histogram["counts"])
            self.wrong.equal("counted", int(counts.sum()), self.found.count)
            low, high = histogram["from"], histogram["to"]
            if high - low < 1e-30:
                continue  # a channel that is constant
            channel = y[:, histogram["channel"]]
            places = (channel - low) / (high - low) * len(counts)
            size = (np.abs(self.found.x) @ np.abs(self.layer.w[histogram["channel"]])).max()
            near = np.abs(places - np.rint(places)) < 1e-3 + 64 * 8 * FLOAT32 * size / (high - low)
            theirs = np.bincount(np.clip(places.astype(int), 0, len(counts) - 1), minlength=len(counts))
            self.wrong.unless(np.abs(theirs - counts).sum() <= 2 * near.sum(), "histogram is %s, not %s", counts, theirs)

    def probe(self):
        wrong, data, probe = self.wrong, self.data, self.report["probe"]
        both = [self.data.labels[self.held & data.usable].max(initial=-1)]
        sampled = data.sampled(float(data.options["sample"]), int(data.options["seed"]))
        rest = ~self.held & data.usable
        both.append(data.labels[rest & sampled if self.request["momentsBeside"] else rest].max(initial=-1))
        classes = int(max(both)) + 1
        wrong.equal("classes", probe["classes"], classes)
        test = self.held & data.usable & (data.labels >= 0)
        train = rest & (data.labels >= 0)
        if wrong or not test.any():
            return
        x, labels = data.values[test], data.labels[test]
        counts = np.bincount(labels, minlength=classes)
        transforms = {"reduced": self.layer, "all": lambda values: values}
        for name, transform in transforms.items():
            figures = probe[name]
            confusion = np.array(figures["confusion"])
            wrong.equal(name + " confusion's rows", confusion.sum(1).tolist(), counts.tolist())
            self.confused(name, figures, confusion)
            fitted = Sums(transform(self.fitted.x))
            if not fitted.variance > 0 or data.labels[train].max() >= classes:
                continue
            if name == "reduced" and self.layer.relu:
                continue  # whitened by what the ReLU was given
            logistic = Logistic(transform(data.values[train]), data.labels[train], classes, fitted, RIDGE)
            if not logistic.certain:
                continue
            _, best = logistic.best()
            right = np.mean(best(transform(x)).argmax(1) == labels)
            # It stops where steps change the loss by 1e-4 of it: pixels near the border differ.
            limit = (1.5 + ties(best(transform(x)), 0.02)) / len(x)
            wrong.close(name + " accuracy", figures["accuracy"], right, limit)
        head, _ = read_layer(self.request["weights"], "head")
        if self.method == "score" and len(self.layer.w) == classes:
            head = Layer(np.eye(classes), np.zeros(classes))
        wrong.equal("a head", "head" in probe, head is not None and len(head.w) == classes)
        if "head" in probe:
            scores = head(self.layer(x))
            confusion = np.array(probe["head"]["confusion"])
            theirs = np.zeros((classes, classes), int)
            np.add.at(theirs, (labels, scores.argmax(1)), 1)
            difference = np.abs(confusion - theirs).sum()
            wrong.unless(difference <= 2 * ties(scores), "the head's confusion is %s, not %s", confusion, theirs)
            self.confused("head", probe["head"], confusion)

    def confused(self, name, figures, confusion):
        wrong = self.wrong
        wrong.equal(name + " pixels", figures["pixels"], int(confusion.sum()))
        right = np.diag(confusion)
        wrong.close(name + " accuracy", figures["accuracy"], right.sum() / confusion.sum(), 1e-12)
        union = confusion.sum(0) + confusion.sum(1) - right
        iou = right[union > 0] / union[union > 0]
        wrong.close(name + " meanIou", figures["meanIou"], iou.mean(), 1e-12)
        ours = [value for value in figures["iou"] if value is not None]
        wrong.unless(len(ours) == len(iou) and np.allclose(ours, iou, atol=1e-12), "%s iou is %s, not %s", name, ours, iou)
