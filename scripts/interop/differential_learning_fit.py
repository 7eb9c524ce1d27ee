"""What a fitted layer should be; the other part of differential_learning_checks."""

import warnings

import numpy as np
import scipy.linalg
from differential_learning_checks import (
    FLOAT32, SUMS, Layer, LinearDiscriminantAnalysis, Logistic, PCA, Regression, Sums, Wrong,
    check_moments, kept, least_squares, merged, random_rows, ranks, read_layer, softmax_loss, ties,
)
from sklearn.preprocessing import StandardScaler

RIDGE = 1e-4


def taken(data):
    """Pixels that are learned from, those held out, and how many tiles of how many are."""
    o = data.options
    held, count, tiles = data.held_out(float(o["hold-out"]), int(o["block"]), int(o["seed"]))
    return data.sampled(float(o["sample"]), int(o["seed"])) & ~held, held, (count, tiles)


def check_split(wrong, data, facts):
    o = data.options
    part = float(o["hold-out"])
    wrong.equal("recorded hold-out", float(facts["heldOut"]), part)
    if part > 0:
        wrong.equal("recorded block", facts["heldOutBlock"], o["block"])
    if part > 0 or float(o["sample"]) < 1:
        wrong.equal("recorded seed", facts["seed"], o["seed"])


def check_tiles(wrong, data, report):
    _, _, (count, tiles) = taken(data)
    wrong.equal("heldOutBlocks", report["heldOutBlocks"], count)
    wrong.equal("holdoutBlocks", report["holdoutBlocks"], tiles)
    exact = float(data.options["hold-out"]) * tiles
    wrong.unless(abs(count - exact) < 1, "%d of %d tiles are held out", count, tiles)


def rank(data):
    """The rank of the pixels that are learned from, for a choice of channels."""
    took, _, _ = taken(data)
    return ranks(data.values[took & data.usable], wide=data.wide)[1]


def refused(data, request, use):
    """Whether there is nothing to learn from; None where rounding decides."""
    x, method, channels = data.values[use], request["method"], request["channels"]
    if not len(x) or not np.ptp(x, axis=0).any():
        return True
    if method in ("pca", "whiten") and channels:
        # Layers compute in float32: whitening would amplify its rounding errors.
        low, high = ranks(x, wide=data.wide and method == "pca")
        return True if channels > high else False if channels <= low else None
    labelled = data.labels[use]
    present = set(labelled[labelled >= 0].tolist())
    classes = method in ("lda", "score") or (method == "bottleneck" and data.options["labels"] != "none")
    if classes and (not present or max(present) < 1 or len(present) != max(present) + 1):
        return True
    if method == "lda":
        max_channels = min(data.channels, len(present) - 1)
        return True if channels > max_channels else Within(x, labelled).refused(channels or 1)
    return False


class Within:
    """The scatter within classes of pixels, and what scikit-learn makes of it."""

    def __init__(self, x, labels):
        x, labels = x[labels >= 0], labels[labels >= 0]
        self.classes = labels.max() + 1
        means = np.array([x[labels == i].mean(0) for i in range(self.classes)])
        centred = x - means[labels]
        # Rounding of means is no scatter, of which scikit-learn would make a direction.
        constant = centred.std(0) <= 1e-12 * np.abs(x).max(0)
        # Float32 products show no less scatter than this beside that of the means.
        self.unsure = (~constant & (centred.std(0) < 1e-2 * x.std(0))).any()
        centred = np.where(constant, 0, centred)
        self.count, self.labels = len(x), labels
        self.low, self.high = ranks(centred, np.where(constant, 0, x.std(0)), self.classes)
        self.x = np.where(constant, 0, x)
        self.constant = constant
        self.rule = None
        if self.low:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.rule = LinearDiscriminantAnalysis(solver="svd").fit(self.x, labels)
            scale = np.where(constant, 1, centred.std(0)) * np.sqrt(self.count)
            size = np.linalg.svd(centred / scale, compute_uv=False)
            self.unsure |= int((size > 1e-4).sum()) != self.low or self.low != self.high
            self.smallest = size[self.low - 1] ** 2
            error = 2.0**-23 * np.sqrt(min(self.count, 1024)) * x.shape[1]
            self.error = error * (x.std(0) / np.where(constant, np.inf, centred.std(0))).max() ** 2
            self.found = min(self.rule.scalings_.shape[1], self.x.shape[1], self.classes - 1)

    def refused(self, channels):
        if not self.high:
            return True
        if not self.low or self.unsure:
            return None
        return channels > self.found


def check(data, request):
    wrong = Wrong()
    method = request["method"]
    took, _, _ = taken(data)
    use = took & data.usable
    expected = refused(data, request, use)
    if expected is None:
        expected = request["code"] == 3
    # Moments that were taken before are looked at later than the command line.
    classes = method == "score" or (method == "lda" and data.options["reuse"] == "no")
    unlabelled = classes and data.options["labels"] == "none"
    meaningless = request["standardise"] and method not in ("pca", "whiten", "random")
    code = 2 if unlabelled or meaningless else 3 if expected else 0
    wrong.equal("exit code (%s)" % request["stderr"].strip(), request["code"], code)
    if code or wrong:
        return wrong
    groups, _ = check_moments(wrong, data, took, request["moments"])
    if wrong:
        return wrong
    layer, facts = read_layer(request["weights"])
    decoder, _ = read_layer(request["weights"], "decoder")
    head, _ = read_layer(request["weights"], "head")
    if facts:
        check_split(wrong, data, facts)
        wrong.equal("recorded method", facts["method"], method)
        wrong.equal("recorded standardise", facts.get("standardised"), "true" if request["standardise"] else None)
    report = request["report"]
    layer.relu = report["layer"]["activation"] == "relu"  # which .npy does not record
    if not request["reuse"]:
        check_tiles(wrong, data, report)
    Fitted(wrong, data, request, groups, use).check(layer, decoder, head)
    return wrong


def best_kept(wrong, layer, ours, sums, slack, formula=None):
    """No affine decoder keeps more; outputs that differ by rounding alone need not count.

    formula: a decoder with the smallest kept variance, by default that of the formula for these units.
    """
    lower = kept(layer, formula or Regression(layer, sums).decoder, sums)
    upper = kept(layer, least_squares(layer, sums), sums)
    good = lower - slack <= ours <= upper + slack
    wrong.unless(good, "the decoder keeps %.9f, the best %.9f to %.9f ± %.3g", ours, lower, upper, slack)


class Fitted:
    formula = None  # of a layer of standardised channels, the decoder by its formula
    unit_error = 0  # relative, of the variances by which channels are standardised

    def __init__(self, wrong, data, request, groups, use):
        self.wrong, self.data, self.request = wrong, data, request
        self.facts = request["report"]["layer"]
        self.use = use
        self.sums = Sums(data.values[use])
        self.labels = data.labels[use]
        count, self.mean, products = merged(groups, data.channels)
        # How far the moments that were learned from are from exact ones; both were compared.
        self.error = np.linalg.norm(products / count - self.sums.cov, 2)
        self.low, self.high = ranks(self.sums.x, wide=data.wide and request["method"] != "whiten")
        if request["standardise"]:
            self.scaled = StandardScaler().fit(self.sums.x)
            units = self.scaled.scale_
            scales = np.outer(units, units)
            self.unit_error = np.linalg.norm((products / count - self.sums.cov) / scales, 2)
            self.error = self.unit_error * (1 + np.linalg.norm(self.sums.cov / scales, 2))
        self.decompose(self.sums)

    def decompose(self, sums):
        self.values, self.vectors = (a[..., ::-1] for a in np.linalg.eigh(sums.cov))
        self.values = np.maximum(self.values, 0)

    def check(self, layer, decoder, head):
        method = self.request["method"]
        wrong = self.wrong
        wrong.equal("inChannels", layer.w.shape[1], self.data.channels)
        rank = int(self.facts["rank"])
        wrong.unless(self.low <= rank <= self.high, "the rank is %d, not %d … %d", rank, self.low, self.high)
        if method in ("score", "bottleneck"):
            self.trained(method, layer, decoder, head)
            return
        wrong.equal("pixels", self.facts["pixels"], str(self.sums.count))
        if method == "select":
            wrong.equal("bias", layer.b.tolist(), [0] * len(layer.b))
        else:
            self.centred(layer)
        if self.request["standardise"]:
            layer, decoder = self.standardise(layer, decoder)
        self.explained(layer, decoder)
        getattr(self, method)(layer, decoder)

    def standardise(self, layer, decoder):
        """Checks what is kept in units of the pixels; everything else, in those of StandardScaler."""
        units, mean = self.scaled.scale_, self.sums.mean
        exact = kept(layer, decoder, self.sums)
        slack = 1e-5 + 4 * self.error * self.data.channels / self.values[0] * np.max(units) ** 2
        self.wrong.close("explainedVarianceUnscaled", self.number("explainedVarianceUnscaled"), exact, slack)
        self.formula = self.divided(Regression(layer, self.sums).decoder, mean)
        self.sums = Sums(self.scaled.transform(self.sums.x))
        self.decompose(self.sums)
        inside = Layer(layer.w * units, layer.b + layer.w @ mean)
        return inside, self.divided(decoder, mean)

    def divided(self, decoder, mean):
        units = self.scaled.scale_
        return Layer(decoder.w / units[:, None], (decoder.b - mean) / units)

    def number(self, fact):
        return float(self.facts[fact])

    def centred(self, layer):
        size = np.abs(layer.w) @ np.abs(self.sums.mean) + np.abs(layer.b)
        mean_error = np.abs(layer.w) @ np.abs(self.mean - self.sums.mean)
        self.wrong.close("output of the mean", layer(self.sums.mean[None])[0], 0, 2 * FLOAT32 * size + mean_error)

    def explained(self, layer, decoder):
        """The decoder is the affine regression, and the report states what it keeps."""
        wrong = self.wrong
        exact = kept(layer, decoder, self.sums)
        through = 1 + np.linalg.norm(decoder.w @ layer.w, 2)
        slack = 1e-6 + 2 * self.error * through**2 * self.data.channels / self.sums.variance
        wrong.close("explainedVariance", self.number("explainedVariance"), exact, slack)
        best_kept(wrong, layer, exact, self.sums, slack, self.formula)

    def ordered(self, layer):
        k = len(layer.w)
        variance = np.einsum("oc,cd,od->o", layer.w, self.sums.cov, layer.w)
        scale = (layer.w**2).sum(1)
        wrong = self.wrong
        wrong.close("variance by channel", variance / scale, self.values[:k], self.error + 1e-6 * self.values[0])
        size = np.abs(layer.w).max(1)
        wrong.unless((layer.w.max(1) >= size * (1 - 1e-5)).all(), "a largest weight is negative")

    def span(self, layer):
        """Against the exact eigenvectors, by Davis and Kahan where eigenvalues are separated."""
        k, c = layer.w.shape
        gap = self.values[k - 1] - (self.values[k] if k < c else -np.inf)
        if gap <= 10 * self.error:
            return
        basis = scipy.linalg.orth(layer.w.T)
        outside = basis - self.vectors[:, :k] @ (self.vectors[:, :k].T @ basis)
        limit = 2 * self.error / gap + 1e-6 * np.sqrt(c)
        self.wrong.close("sine to the eigenvectors", np.linalg.norm(outside, 2), 0, limit)

    def counted(self, k):
        wrong = self.wrong
        if self.request["channels"]:
            wrong.equal("channels", k, self.request["channels"])
            return
        wrong.unless(k <= self.high, "%d components of rank %d", k, self.high)
        part = self.request["keep"] or 0.99
        sums = np.cumsum(self.values) / self.sums.variance
        slack = 2 * self.error * self.data.channels / self.sums.variance + 1e-12
        wrong.unless(sums[k - 1] >= part - slack, "%d components keep only %.6f", k, sums[k - 1])
        wrong.unless(k == 1 or sums[k - 2] < part + slack, "%d components kept %.6f", k - 1, sums[k - 2])

    def pca(self, layer, decoder):
        wrong = self.wrong
        k, c = layer.w.shape
        self.counted(k)
        self.ordered(layer)
        self.span(layer)
        wrong.close("rows' products", layer.w @ layer.w.T, np.eye(k), 1e-6 + self.unit_error)
        slack = 1e-6 + 2 * self.error * c / self.sums.variance
        ours = self.number("explainedVariance")
        wrong.close("explained, NumPy", ours, self.values[:k].sum() / self.sums.variance, slack)
        theirs = PCA(k, svd_solver="full").fit(self.sums.x).explained_variance_ratio_.sum()
        wrong.close("explained, scikit-learn", ours, theirs, slack)
        self.like(layer, PCA(k, svd_solver="full").fit(self.sums.x).components_)
        strong = self.values[:k] > 1e-3 * self.values[0]
        tolerance = 1e-6 + self.unit_error + 2 * (self.error + 1e-6 * self.values[0]) / self.values[:k][strong]
        wrong.close("decoder and transpose", decoder.w[:, strong], layer.w.T[:, strong], tolerance)

    def like(self, layer, components):
        """Component by component, with its sign, where only rounding differs."""
        for i, theirs in enumerate(components):
            others = np.delete(self.values, i)
            gap = np.abs(others - self.values[i]).min(initial=self.values[i])
            two = np.sort(np.abs(theirs))[-2:]
            limit = 4 * (self.error + 1e-6 * self.values[0]) / gap if gap > 0 else 1
            if limit < 0.1 * (two[-1] - two[0]):
                ours = layer.w[i] / np.linalg.norm(layer.w[i])
                self.wrong.close("component %d of scikit-learn" % i, ours, theirs, limit + 1e-6)

    def whiten(self, layer, decoder):
        k = len(layer.w)
        self.counted(k)
        self.ordered(layer)
        self.span(layer)
        variance = layer.w @ self.sums.cov @ layer.w.T
        values = self.values[:k]
        relative = (self.error + 1e-6 * self.values[0]) / np.sqrt(np.outer(values, values))
        self.wrong.close("whitened covariance", variance, np.eye(k), 2e-6 + 2 * relative)
        theirs = PCA(k, svd_solver="full", whiten=True).fit(self.sums.x)
        self.like(layer, theirs.components_)
        if k == self.low == self.high:
            y, count = theirs.transform(self.sums.x), self.sums.count
            ours, theirs = layer(self.sums.x) / np.sqrt(count), y / np.sqrt(count - 1)
            limit = 1e-5 + 8 * (self.error + 1e-6 * self.values[0]) / values[-1]
            self.wrong.close("whitened pixels' products", ours @ ours.T, theirs @ theirs.T, limit)

    def select(self, layer, decoder):
        k = self.request["channels"]
        wrong = self.wrong
        chosen = layer.w.argmax(1)
        wrong.equal("weights", layer.w.tolist(), np.eye(self.data.channels)[chosen].tolist())
        wrong.equal("channels", len(set(chosen.tolist())), k)
        variance = np.diag(self.sums.cov)
        best = np.sort(variance)[::-1][:k]
        wrong.close("variance of the selected", variance[chosen], best, 2 * self.error + 1e-12 * best[0])

    def random(self, layer, decoder):
        # The moments hold the pixels; what is drawn comes from the command's own seed.
        theirs = random_rows(self.request["channels"], self.data.channels, int(self.data.options["seed"]))
        limit = 1e-6 + self.unit_error * np.abs(theirs).max()
        self.wrong.close("random weights", layer.w, theirs, limit)

    def lda(self, layer, decoder):
        wrong = self.wrong
        labelled = self.labels >= 0
        x, labels = self.sums.x[labelled], self.labels[labelled]
        classes = labels.max() + 1
        k = self.request["channels"] or min(self.data.channels, classes - 1)
        means = np.array([x[labels == i].mean(0) for i in range(classes)])
        inner = (x - means[labels]).T @ (x - means[labels]) / len(x)
        between = np.cov(means[labels].T, bias=True)
        values, vectors = np.linalg.eigh(inner)
        found = Within(self.sums.x, self.labels)
        if found.rule is None or found.unsure or found.low < self.data.channels:
            self.singular(layer, found, k)
            return
        wrong.equal("channels", len(layer.w), k)
        condition = (self.error + 1e-6 * values[-1]) / values[0]
        wrong.close("scatter within", layer.w @ inner @ layer.w.T, np.eye(k), 1e-5 + 4 * condition)
        best = scipy.linalg.eigh(between, inner, eigvals_only=True)[::-1][:k]
        parted = np.linalg.eigvals(
            np.linalg.solve(layer.w @ inner @ layer.w.T, layer.w @ between @ layer.w.T)
        ).real
        limit = 1e-5 * best[0] + 8 * condition * (1 + best[0])
        wrong.close("scatter between", np.sort(parted)[::-1], best, limit)
        if k == classes - 1 and condition < 1e-3:
            rule = LinearDiscriminantAnalysis(solver="svd")
            all_channels = rule.fit(x, labels).predict(x)
            rule = LinearDiscriminantAnalysis(solver="svd")
            reduced = rule.fit(layer(x), labels).predict(layer(x))
            same = np.mean(all_channels == reduced)
            wrong.unless(same >= 0.98, "scikit-learn predicts the same class for %.4f of the pixels", same)

    def singular(self, layer, found, k):
        """Against scikit-learn's solver svd, by the products of the pixels' outputs."""
        wrong = self.wrong
        wrong.unless(1 <= len(layer.w) <= k, "%d channels of at most %d", len(layer.w), k)
        if found.rule is None or found.unsure:
            return
        wrong.equal("rankWithinClasses", self.facts["rankWithinClasses"], str(found.low))
        if self.request["channels"]:
            return
        wrong.equal("discriminants", len(layer.w), found.found)
        condition = found.error / found.smallest
        if wrong or condition > 1e-2:
            return
        ours = layer.w[:, ~found.constant] @ (found.x - found.x.mean(0)).T[~found.constant]
        theirs = found.rule.scalings_[:, : len(layer.w)].T @ (found.x - found.x.mean(0)).T
        products = theirs.T @ theirs
        wrong.close("discriminants' products", ours.T @ ours, products, (1e-4 + 20 * condition) * products.max())

    def trained(self, method, layer, decoder, head):
        wrong, data, request = self.wrong, self.data, self.request
        classes = data.options["labels"] != "none"
        kept_pixels = request["trainPixels"]
        fraction = float(data.options["sample"]) * min(1, kept_pixels / self.sums.count)
        chosen = self.use & data.sampled(fraction, int(data.options["seed"]))
        if classes:
            chosen = chosen & (data.labels >= 0)
        x, labels = data.values[chosen], data.labels[chosen]
        wrong.equal("pixels", self.facts["pixels"], str(len(x)))
        if wrong or not len(x):
            return
        y = layer(x)
        scores = head(y) if head is not None else decoder(y) if method == "bottleneck" else y
        # Weights are rounded to float32, which moves the scores by so much at most.
        move = 2 * FLOAT32 * (np.abs(x) @ np.abs(layer.w).T + np.abs(layer.b))
        if method == "bottleneck":
            second = head if head is not None else decoder
            move = move @ np.abs(second.w).T + 2 * FLOAT32 * (np.abs(y) @ np.abs(second.w).T + np.abs(second.b))
        if not classes:
            loss = np.sum((x - scores) ** 2) / len(x)
            limit = np.sum(move * (2 * np.abs(x - scores) + move)) / len(x)
            wrong.close("loss", self.number("loss"), loss, limit + 1e-6 * loss)
            ours = 1 - loss / self.sums.variance
            wrong.close("explainedVariance", self.number("explainedVariance"), ours, (limit + 1e-6 * loss) / self.sums.variance + 2 * self.error / self.sums.variance * self.data.channels + 1e-6)
            k = len(layer.w)
            pca = self.values[:k].sum() / self.sums.variance
            if len(x) == self.sums.count:
                wrong.unless(ours >= pca - 0.02, "a bottleneck keeps %.5f, pca %.5f", ours, pca)
            return
        count = int(data.labels[self.use].max()) + 1
        wrong.equal("scores", scores.shape[1], count)
        loss = softmax_loss(scores, labels)
        wrong.close("loss", self.number("loss"), loss, 2 * move.max() + 1e-6 * loss)
        right = np.mean(scores.argmax(1) == labels)
        wrong.close("accuracy", self.number("accuracy"), right, (ties(scores) + 0.5) / len(x))
        parts = np.bincount(labels, minlength=count) / len(x)
        prior = -np.sum(parts[parts > 0] * np.log(parts[parts > 0]))
        if method == "bottleneck":
            wrong.unless(loss <= 1.01 * prior + 1e-6, "loss %.6f, that of the classes' parts %.6f", loss, prior)
            if request["report"]["layer"]["activation"] == "relu":
                sums = Sums(x)
                if not sums.variance > 0:  # equal pixels: the decoder returns their mean
                    rounding = 4 * FLOAT32 * np.abs(x).max(1)
                    wrong.close("equal pixels, decoded", decoder(y).T, x.T, rounding)
                    return
                # Rounding decides what is decoded of outputs that vary less than float32 sums err.
                clear = Regression(layer, sums, SUMS**0.5).decoder
                best_kept(wrong, layer, kept(layer, decoder, sums), sums, 1e-5, clear)
            return
        self.explained(layer, decoder)
        logistic = Logistic(x, labels, count, self.sums, RIDGE)
        if not logistic.certain:
            return
        minimum, _ = logistic.best()
        ours = logistic.of(layer)
        if self.facts["converged"] == "true":
            # It stops where five steps lower the loss by less than a ten-thousandth of it each.
            wrong.unless(ours <= minimum * 1.01 + 1e-4, "loss %.6f, the minimum is %.6f", ours, minimum)
