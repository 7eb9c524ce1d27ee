"""The other side of ReLUBottleneckTest: judges layers that were trained on the rows of a table.

Imports nothing of Pointwise. Reads one JSON object a line and answers with one line each:

  {"pixels": NPY, "places": NPY, "labels": NPY or null, "weights": FILE or null, "k": K, "seed": S, "trainPixels": N}
      rows, of which those with NaN are null or have NaN; the partition and the number in it of each;
      labels, −1 for none; the layer, or null if the fit was refused; answers with what is wrong
"""

from types import SimpleNamespace

import numpy as np
from differential_learning_checks import SUMS, Sums, Wrong, ranks, read_layer
from differential_learning_data import mix
from differential_learning_fit import Fitted
from peer import serve


def sampled(places, fraction, seed):
    """The sample of pixels at (partition, 0, row)."""
    if fraction == 1:
        return np.ones(len(places), bool)
    partition, row = places.T.astype(np.uint64)
    with np.errstate(over="ignore"):
        hashed = mix(mix(mix(mix(np.full(len(places), seed, np.uint64)) + partition)) + row)
    return (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53 < fraction


class FittedRows(Fitted):
    def __init__(self, wrong, data, request, use):
        self.wrong, self.data, self.request, self.use = wrong, data, request, use
        self.facts = request["report"]["layer"]
        self.sums = Sums(data.values[use])
        self.labels = data.labels[use]
        self.error = SUMS * np.linalg.norm(self.sums.cov, 2)
        self.low, self.high = ranks(self.sums.x)
        self.decompose(self.sums)


def refused(data, use, chosen, classes):
    if not chosen.any() or not np.ptp(data.values[use], axis=0).any():
        return True
    present = set(data.labels[use].tolist())
    return classes and (len(present) < 2 or present != set(range(len(present))))


def check(request):
    wrong = Wrong()
    values = np.load(request["pixels"]).astype(np.float64)
    classes = request["labels"] is not None
    labels = np.load(request["labels"]).astype(int) if classes else np.full(len(values), -1)
    usable = np.isfinite(values).all(1)
    use = usable & (labels >= 0) if classes else usable
    seed = request["seed"]
    fraction = min(1, request["trainPixels"] / max(1, use.sum()))
    places = np.load(request["places"])
    data = SimpleNamespace(
        options={"labels": "some" if classes else "none", "sample": "1", "seed": seed},
        values=values,
        labels=labels,
        usable=usable,
        channels=values.shape[1],
        sampled=lambda part, any_seed: sampled(places, part, seed),
    )
    expected = refused(data, use, use & sampled(places, fraction, seed), classes)
    wrong.equal("refused", request["weights"] is None, expected)
    if expected or wrong:
        return {"wrong": wrong, "refused": expected}
    layer, facts = read_layer(request["weights"])
    decoder, _ = read_layer(request["weights"], "decoder")
    head, _ = read_layer(request["weights"], "head")
    wrong.equal("outputs", len(layer.w), request["k"])
    wrong.equal("method", facts["method"], "bottleneck")
    wrong.equal("activation", facts["activation"], "relu")
    wrong.equal("seed", facts["seed"], str(seed))
    wrong.equal("a head", head is not None, classes)
    own = {"method": "bottleneck", "reuse": False, "standardise": False, "report": {"layer": facts}}
    FittedRows(wrong, data, {**request, **own}, use).check(layer, decoder, head)
    return {"wrong": wrong, "refused": False}


serve(check)
