"""What moments, fit and evaluate should find, by NumPy, SciPy and scikit-learn in float64.

Every check adds a line to a list of errors. Tolerances follow from how Pointwise documents that
it computes: products of pixels in float32 over up to 1024 of them, or in float64 if float32 does
not hold the pixels, everything behind in float64, weights rounded to float32, pixels through layers in float32.
"""

import json
import math
import os

import numpy as np
import onnx
import scipy.linalg
import scipy.optimize
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

FLOAT32 = 2.0**-24
SUMS = 1e-5  # relative error of a float32 sum of 1024 terms: ten times what is usual
WIDE_SUMS = 1e-13  # of float64 sums


class Wrong(list):
    def unless(self, right, text, *values):
        if not right:
            self.append(text % values if values else text)

    def equal(self, what, ours, theirs):
        self.unless(ours == theirs, "%s is %s, not %s", what, ours, theirs)

    def close(self, what, ours, theirs, tolerance):
        good = np.all(np.abs(np.asarray(ours) - theirs) <= tolerance)
        if not good:
            ours, theirs, tolerance = np.broadcast_arrays(ours, theirs, tolerance)
            excess = np.nan_to_num(np.abs(ours - theirs) / np.maximum(tolerance, 1e-300), nan=np.inf)
            worst = np.unravel_index(np.argmax(excess), excess.shape)
            self.append(
                "%s%s is %.9g, not %.9g ± %.3g"
                % (what, list(map(int, worst)) or "", ours[worst], theirs[worst], tolerance[worst])
            )


def safetensors(path):
    with open(path, "rb") as file:
        raw = file.read()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    facts = header.pop("__metadata__", {})
    types = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + at for at in entry["data_offsets"])
        values = np.frombuffer(raw[begin:end], types[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors, facts


def ranks(x, scale=None, less=1, wide=False):
    """The smallest and largest rank that float32 or wide products may show of pixels, as documented.

    x is divided by its deviations, or those of other pixels; constant channels do not count.
    less: by how much the rank is less than the number of pixels, at least.
    """
    if len(x) <= less:
        return 0, 0
    mean = np.abs(x.mean(0))
    x = x - x.mean(0)
    scale = x.std(0) if scale is None else scale
    live = (np.ptp(x, axis=0) > 0) & (scale > 0)
    if not live.any():
        return 0, 0
    size = np.linalg.svd(x[:, live] / scale[live], compute_uv=False) ** 2 / len(x)
    tolerance = 2.0**-23 * np.sqrt(min(len(x), 1024) * live.sum())
    if wide:
        ratio = (mean[live] / scale[live]).max()
        tolerance = min(tolerance, 2.0**-52 * (1024 + 8 * ratio) * np.sqrt(live.sum()))
    max_rank = min(live.sum(), len(x) - less)
    return tuple(int(min(max_rank, (size > part * tolerance).sum())) for part in (2, 0.5))


class Layer:
    moved = 0.0  # how far a decoder may be from theirs, by Regression.moved

    def __init__(self, weight, bias, relu=False):
        self.w = np.asarray(weight, np.float64).reshape(len(bias), -1)
        self.b = np.asarray(bias, np.float64)
        self.relu = relu

    def __call__(self, x):
        y = x @ self.w.T + self.b
        return np.maximum(y, 0) if self.relu else y


def read_layer(path, companion=None):
    """A layer of a weights file, or None; and the file's facts."""
    if path.endswith(".safetensors"):
        tensors, facts = safetensors(path)
        prefix = companion + "." if companion else ""
        if prefix + "weight" not in tensors:
            return None, facts
        relu = not companion and facts.get("activation") == "relu"
        return Layer(tensors[prefix + "weight"], tensors[prefix + "bias"], relu), facts
    stem, ending = os.path.splitext(path)
    name = stem + ("." + companion if companion else "")
    if not os.path.exists(name + ending):
        return None, {}
    if ending == ".npy":
        return Layer(np.load(name + ".npy"), np.load(name + ".bias.npy")), {}
    model = onnx.load(name + ".onnx")
    onnx.checker.check_model(model)
    tensors = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    relu = any(node.op_type == "Relu" for node in model.graph.node)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    return Layer(tensors["weight"], tensors["bias"], relu), facts


class Sums:
    """Exact moments of some pixels."""

    def __init__(self, x):
        self.x = x
        self.count = len(x)
        self.mean = x.mean(0) if len(x) else np.zeros(x.shape[1])
        self.cov = np.cov(x.T, bias=True).reshape(x.shape[1], -1) if len(x) > 1 else None
        varies = len(x) > 1 and np.ptp(x, axis=0).any()  # a rounded mean makes a variance, too
        self.variance = np.trace(self.cov) if varies else 0.0


def read_moments(path):
    """By label: count, mean, co-moments; and the other tensors."""
    tensors, facts = safetensors(path)
    groups = {}
    channels = len(tensors["zeros"])
    for g, label in enumerate(tensors["labels"]):
        full = np.zeros((channels, channels))
        full[np.triu_indices(channels)] = tensors["co_moments"][g]
        full = full + np.triu(full, 1).T
        groups[int(label)] = (int(tensors["counts"][g]), tensors["means"][g], full)
    return groups, tensors, facts


def merged(groups, channels):
    count, mean, products = 0, np.zeros(channels), np.zeros((channels, channels))
    for other, m, p in groups.values():
        total = count + other
        delta = m - mean
        products = products + p + np.outer(delta, delta) * count * other / total
        mean = mean + delta * other / total
        count = total
    return count, mean, products


def check_moments(wrong, data, taken, path):
    """taken: pixels of the pass, usable or not."""
    groups, tensors, facts = read_moments(path)
    use = taken & data.usable
    wrong.equal("masked", int(tensors["left_out"][0]), int((taken & data.masked).sum()))
    wrong.equal("nonFinitePixels", int(tensors["left_out"][1]), int((taken & data.bad).sum()))
    labels = sorted(set(data.labels[use].tolist()))
    wrong.equal("labels", sorted(groups), labels)
    x = data.values[use]
    if not len(x) or wrong:
        return groups, None
    low, high = x.min(0), x.max(0)
    rounding = data.rounding(x)
    relative = WIDE_SUMS if data.wide else SUMS
    # Whatever is added was shifted by pixels of its tile: it is less than the range.
    spread = high - low + rounding
    wrong.close("least", tensors["least"], low, rounding)
    wrong.close("most", tensors["most"], high, rounding)
    if np.isin(data.scale, (1, 0.5, -0.25)).all():
        wrong.equal("zeros", tensors["zeros"].tolist(), (x == 0).sum(0).tolist())
    for label, (count, mean, products) in groups.items():
        theirs = Sums(data.values[use & (data.labels == label)])
        wrong.equal("count of %d" % label, count, theirs.count)
        if wrong:
            return groups, None
        wrong.close("mean of %d" % label, mean, theirs.mean, relative * spread + rounding)
        exact = theirs.cov * count if count > 1 else np.zeros_like(products)
        limit = relative * np.outer(spread, spread) + np.outer(rounding, spread)
        limit += np.outer(spread, rounding)
        wrong.close("co-moments of %d" % label, products, exact, count * limit)
    return groups, facts


def least_squares(layer, sums):
    """The affine regression of pixels on their outputs, with every output that differs by rounding alone."""
    y = layer(sums.x)
    joined = np.hstack([y, np.ones((len(y), 1))])
    found = np.linalg.lstsq(joined / norms(joined), sums.x, rcond=1e-13)[0] / norms(joined).T
    return Layer(found[:-1].T, found[-1])


FREE = 1e100  # rounding decides where a pixel goes


class Regression:
    """The decoder of LinearDecoder.leastSquares, by its formula, and how rounding moves what it decodes.

    smallest: singular values below this part of the first are left out.
    """

    def __init__(self, layer, sums, smallest=1e-14):
        self.layer, self.sums = layer, sums
        y = layer(sums.x)
        self.centre = y.mean(0)
        power = np.mean(sums.x**2, 0)
        constant = np.ptp(sums.x, axis=0) == 0
        power[constant] = np.maximum(power[constant], power.mean())
        self.noise = 2.0**-36 * layer.w**2 @ power
        # Rows of noise make ordinary least squares of it, which squares no condition number.
        rows = np.vstack([y - self.centre, np.diag(np.sqrt(sums.count * self.noise))])
        aims = np.vstack([sums.x - sums.mean, np.zeros((len(layer.w), sums.x.shape[1]))])
        scale = norms(rows)
        self.u, self.s, self.vt = np.linalg.svd(rows / scale, full_matrices=False)
        self.use = self.s > smallest * self.s[0]
        self.scale = scale
        w = self.inverse() @ (self.u.T @ aims)
        self.decoder = Layer(w.T, sums.mean - w.T @ self.centre)

    def inverse(self):
        one = np.where(self.use, 1 / np.where(self.use, self.s, 1), 0)
        return self.vt.T * one / self.scale.T

    def moved(self, x, rounding):
        """Root mean square of how far moments in float32 may move these pixels, decoded.

        rounding: of each channel's values in float32.

        D = K·S⁻¹ with K = C·Wᵀ and S = W·C·Wᵀ + N, so that an error E of C moves D by
        (I − D·W)·E·Wᵀ·S⁻¹, and by up to 1 ÷ (1 − r) of it with r = |S^-½·W·E·Wᵀ·S^-½| < 1.
        """
        sums, w, d = self.sums, self.layer.w, self.decoder.w
        spread = np.ptp(sums.x, axis=0)
        rounding = np.where(spread > 0, rounding, 0)  # a constant's moments are exact
        spread = spread + rounding
        error = SUMS * np.outer(spread, spread)
        error += np.outer(rounding, spread) + np.outer(spread, rounding)
        half = self.inverse() * np.sqrt(sums.count)  # S⁻¹ = half·halfᵀ
        if self.layer.relu:
            return self.moved_relu(x, half, spread)
        through = np.abs(half.T @ w)
        r = np.linalg.norm(through @ error @ through.T, 2)
        if r > 0.5:
            return FREE
        back = np.abs((self.layer(x) - self.centre) @ half @ half.T @ w) @ error / (1 - r)
        back += SUMS * spread + rounding
        return rms(back @ np.abs(np.eye(len(d)) - d @ w).T)

    def moved_relu(self, x, half, spread):
        """The same where K and S are sums of their own."""
        outputs = np.ptp(self.layer(self.sums.x), axis=0)
        outputs = outputs + 8 * FLOAT32 * np.abs(self.layer.w) @ np.abs(self.sums.x).max(0)
        error = SUMS * np.outer(outputs, outputs)
        r = np.linalg.norm(np.abs(half.T) @ error @ np.abs(half), 2)
        if r > 0.5:
            return FREE
        d = self.decoder.w
        both = SUMS * np.outer(spread, outputs) + np.abs(d) @ error
        solved = np.abs((self.layer(x) - self.centre) @ half @ half.T) / (1 - r)
        return rms(solved @ both.T + SUMS * (spread + np.abs(d) @ outputs))


def rms(rows):
    return np.sqrt(np.mean(np.sum(rows**2, 1)))


def norms(columns):
    lengths = np.linalg.norm(columns, axis=0, keepdims=True)
    return np.where(lengths > 0, lengths, 1)


def kept(layer, decoder, sums):
    error = np.sum((sums.x - decoder(layer(sums.x))) ** 2) / sums.count
    return 1 - error / sums.variance


def random_rows(rows, channels, seed):
    """java.util.Random's Gaussians (Javadoc of nextGaussian and next)."""
    state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def bits(count):
        nonlocal state
        state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return state >> (48 - count)

    values = []
    while len(values) < rows * channels:
        a, b = (2 * ((bits(26) << 27) + bits(27)) * 2.0**-53 - 1 for _ in range(2))
        s = a * a + b * b
        if 0 < s < 1:
            scale = math.sqrt(-2 * math.log(s) / s)
            values += [a * scale, b * scale]
    return np.array(values[: rows * channels]).reshape(rows, channels) / math.sqrt(rows)


class Logistic:
    """Ridge logistic regression in whitened channels, its optimum sought to the end.

    Directions that float32 products do not show are left out, as documented. Where rounding decides
    which those are, certain is False.
    """

    def __init__(self, x, labels, classes, sums, ridge):
        low, high = ranks(sums.x)
        live = np.ptp(sums.x, axis=0) > 0
        deviations = np.sqrt(np.diag(sums.cov)[live])
        values, vectors = np.linalg.eigh(sums.cov[np.ix_(live, live)] / np.outer(deviations, deviations))
        shown = np.maximum(values, 0) * (np.arange(len(values)) >= len(values) - low)
        root = deviations[:, None] * vectors * np.sqrt(shown)
        cov = np.zeros_like(sums.cov)
        cov[np.ix_(live, live)] = root @ root.T
        values, vectors = (a[..., len(live) - low :] for a in np.linalg.eigh(cov))
        smallest = 1e-7 * values[-1] if low else 0
        use = values > smallest
        self.certain = low == high and (use == (values > 2 * smallest)).all() and (use == (values > smallest / 2)).all()
        self.root = np.sqrt(values[use])
        self.vectors = vectors[:, use]
        self.mean = sums.mean
        self.z = (x - self.mean) @ self.vectors / self.root
        self.labels, self.classes, self.ridge = labels, classes, ridge

    def loss(self, u, a):
        scores = self.z @ u.T + a
        top = scores.max(1, keepdims=True)
        odds = np.exp(scores - top)
        total = odds.sum(1, keepdims=True)
        rows = np.arange(len(scores))
        mean = np.mean(np.log(total[:, 0]) + top[:, 0] - scores[rows, self.labels])
        d = odds / total
        d[rows, self.labels] -= 1
        d /= len(scores)
        value = mean + self.ridge / 2 * np.sum(u * u)
        return value, np.concatenate([(d.T @ self.z + self.ridge * u).ravel(), d.sum(0)])

    def best(self):
        rank = self.z.shape[1]
        k = self.classes

        def function(v):
            return self.loss(v[: k * rank].reshape(k, rank), v[k * rank :])

        found = scipy.optimize.minimize(
            function, np.zeros(k * rank + k), jac=True, method="L-BFGS-B",
            options={"maxiter": 5000, "ftol": 1e-14, "gtol": 1e-9},
        )
        u = found.x[: k * rank].reshape(k, rank)
        w = u / self.root @ self.vectors.T
        return found.fun, Layer(w, found.x[k * rank :] - w @ self.mean)

    def of(self, layer):
        u = layer.w @ self.vectors * self.root
        return self.loss(u, layer.b + layer.w @ self.mean)[0]


def softmax_loss(scores, labels):
    top = scores.max(1)
    total = np.log(np.exp(scores - top[:, None]).sum(1)) + top
    return np.mean(total - scores[np.arange(len(scores)), labels])


def ties(scores, relative=1e-4):
    """How many pixels rounding could give to another class."""
    if scores.shape[1] < 2:
        return 0
    two = np.partition(scores, -2, axis=1)[:, -2:]
    scale = np.abs(scores).max(initial=1)
    return int(np.sum(two[:, 1] - two[:, 0] <= relative * scale))
