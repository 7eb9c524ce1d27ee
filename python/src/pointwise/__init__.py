"""Pointwise for PySpark: reduces arrays of image features, and columns of them, by layers that are learned or trained."""

from pointwise._commands import evaluate, fit, inspect, moments, options, plan, reconstruct, reduce, verify
from pointwise._errors import PointwiseError
from pointwise._session import attach, jar_path, session, version
from pointwise._tables import read_features

__version__ = version()

__all__ = [
    "PointwiseError",
    "attach",
    "evaluate",
    "fit",
    "inspect",
    "jar_path",
    "moments",
    "options",
    "plan",
    "read_features",
    "reconstruct",
    "reduce",
    "session",
    "verify",
]
