"""Sessions of Spark Connect: the client has no JVM, and the server needs the jar."""

from __future__ import annotations

from typing import Any

from pointwise._errors import PointwiseError, one_line

NO_COMMANDS = (
    "Cannot run a command of Pointwise in a session of Spark Connect: it needs a session with a JVM, as of pointwise.session(); "
    "pointwise.read_features, format pointwise in SQL, and pointwise.ml work here"
)
_NO_PATH = "there is no path"


def is_connect(spark: Any) -> bool:
    """Whether a session is one of Spark Connect."""
    return type(spark).__module__.startswith("pyspark.sql.connect.")


def is_remote() -> bool:
    """Whether PySpark of this process works with Spark Connect, as it decides for all of Spark ML."""
    from pyspark.sql.utils import is_remote

    return is_remote()


def check_server(spark: Any) -> None:
    """Refuses a server without the jar: a data source that exists asks for its path."""
    try:
        with one_line():
            spark.read.format("pointwise").load().schema
    except PointwiseError as error:
        if _NO_PATH not in str(error):
            raise
