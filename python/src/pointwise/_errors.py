"""Errors of the Java side as one line."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import Any, Iterator

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

_OURS = re.compile(r"(?:^\(|Caused by: )org\.pointwise\.errors\.\w+(?:\)|:) (.*)", re.M)
_MISSING = re.compile(r"Failed to find the data source: pointwise\b|Unsupported (?:ML operator, found|read for) pointwise\.")
_EXISTS = re.compile(r"Path \S.* already exists\. To overwrite it")
_UNLISTED = re.compile(r"pointwise\.ml\.\w+\S* to be loaded is not in the allowlist")
_LATE_JAR = (
    "Cannot load estimators and models of Pointwise on this server of Spark Connect: it used Spark ML before it had "
    "pointwise.jar; start the server with --jars and the path of pointwise.jar"
)
_NO_JAR = (
    "Cannot use Pointwise on this server of Spark Connect: it has no pointwise.jar; "
    "start the server with --jars and the path of pointwise.jar, or call spark.addArtifacts(pointwise.jar_path())"
)


class PointwiseError(Exception):
    """What cannot be done: one line with what was found, what was expected and what to change.

    report: the report of a run whose result fails a check: below a gate, or an output that is not whole; else None.
    """

    def __init__(self, message: str, report: dict[str, Any] | None = None):
        super().__init__(message)
        self.report = report


@contextmanager
def one_line() -> Iterator[None]:
    """Turns an exception of Pointwise on the Java side, or on a server of Spark Connect, into a PointwiseError."""
    try:
        yield
    except Py4JJavaError as error:
        message = _message(error.java_exception)
        if message is None:
            raise
        raise PointwiseError(message) from None
    except PySparkException as error:
        message = _remote_message(error)
        if message is None:
            raise
        raise PointwiseError(message) from None


@contextmanager
def saving(path: str) -> Iterator[None]:
    """The same for saving, of which Spark throws that the path exists."""
    try:
        with one_line():
            yield
    except (Py4JJavaError, PySparkException) as error:
        if not _EXISTS.search(str(error)):
            raise
        raise PointwiseError("Cannot save to %s: it exists; use write().overwrite().save(path)" % path) from None


def _message(thrown) -> str | None:
    while thrown is not None:
        if thrown.getClass().getName().startswith("org.pointwise.errors."):
            return str(thrown.getMessage())
        thrown = thrown.getCause()
    return None


def _remote_message(error: PySparkException) -> str | None:
    """The line in an exception of a server of Spark Connect, whose text has the class that was thrown and the causes."""
    if _UNLISTED.search(str(error)):
        return _LATE_JAR
    found = _OURS.search(str(error))
    if found:
        return found.group(1)
    return _NO_JAR if _MISSING.search(str(error)) else None
