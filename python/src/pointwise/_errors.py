"""Errors of the Java side as one line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

from py4j.protocol import Py4JJavaError


class PointwiseError(Exception):
    """What cannot be done: one line with what was found, what was expected and what to change.

    report: the report of a run whose result fails a check: below a gate, or an output that is not whole; else None.
    """

    def __init__(self, message: str, report: dict[str, Any] | None = None):
        super().__init__(message)
        self.report = report


@contextmanager
def one_line() -> Iterator[None]:
    """Turns an exception of Pointwise on the Java side into a PointwiseError."""
    try:
        yield
    except Py4JJavaError as error:
        message = _message(error.java_exception)
        if message is None:
            raise
        raise PointwiseError(message) from None


def _message(thrown) -> str | None:
    while thrown is not None:
        if thrown.getClass().getName().startswith("org.pointwise.errors."):
            return str(thrown.getMessage())
        thrown = thrown.getCause()
    return None
