"""Activations in float64 by their text on the command line, and how far a float32 kernel may err."""

import numpy as np
from scipy.special import erf, expit

LARGEST = np.finfo(np.float64).max
RELATIVE, ABSOLUTE = 2.0**-21, 2.0**-22  # of what is approximated by a polynomial

#: One of each kind that has no option value of its own.
OTHERS = (
    "leakyrelu:0.1",
    "leakyrelu:-1.75",
    "sigmoid",
    "tanh",
    "hardsigmoid:0.2:0.5",
    "hardswish",
    "silu",
    "gelu",
    "gelu_tanh",
    "elu:1.5",
    "softplus",
    "clip:-1:2.5",
    "clip:-inf:0.5",
)


class Activation:
    """``value(y)``; a change of y is enlarged by at most ``lipschitz``."""

    def __init__(self, text):
        self.name, *numbers = text.split(":")
        self.numbers = [float(np.float32(number)) for number in numbers]
        self.exact = self.name in ("none", "relu", "relu6", "clip")
        slope = abs(self.numbers[0]) if self.name in ("leakyrelu", "elu") else 1.5
        self.lipschitz = 1.0 if self.exact else max(1.5, slope)

    def value(self, y):
        with np.errstate(over="ignore", invalid="ignore"):
            z = np.where(np.isnan(y), y, np.maximum(y, -LARGEST))  # no 0 · ∞
            result = getattr(self, "_" + self.name)(y, z, *self.numbers)
        return np.where(np.isnan(y), y, result)

    def bound(self, y, value, bound):
        """Of the result, where y errs by ``bound``."""
        if self.exact:  # and monotone
            with np.errstate(invalid="ignore"):
                deviation = np.maximum(value - self.value(y - bound), self.value(y + bound) - value)
            return np.where(np.isnan(deviation), bound, deviation)
        size = np.where(np.isfinite(value), np.abs(value), 0)
        return self.lipschitz * bound + RELATIVE * size + ABSOLUTE

    def _none(self, y, z):
        return y

    def _relu(self, y, z):
        return np.where(y <= 0, 0, y)

    def _relu6(self, y, z):
        return np.clip(y, 0, 6)

    def _clip(self, y, z, lower, upper):
        return np.clip(y, lower, upper)

    def _leakyrelu(self, y, z, slope):
        return np.where(y < 0, slope * y, y)

    def _sigmoid(self, y, z):
        return expit(y)

    def _tanh(self, y, z):
        return np.tanh(y)

    def _hardsigmoid(self, y, z, slope, offset):
        return np.clip(slope * y + offset, 0, 1)

    def _hardswish(self, y, z):
        return z * np.clip(z / 6 + 0.5, 0, 1)

    def _silu(self, y, z):
        return z * expit(z)

    def _gelu(self, y, z):
        return z * (0.5 * (1 + erf(z / np.sqrt(2))))

    def _gelu_tanh(self, y, z):
        return z * expit(2 * np.sqrt(2 / np.pi) * (z + 0.044715 * z * z * z))

    def _elu(self, y, z, slope):
        return np.where(y < 0, slope * np.expm1(np.minimum(y, 0)), y)

    def _softplus(self, y, z):
        return np.logaddexp(y, 0)
