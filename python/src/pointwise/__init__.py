"""Pointwise for PySpark: layers over columns of image features."""

from pointwise._errors import PointwiseError
from pointwise._session import attach, jar_path, session, version

__version__ = version()

__all__ = ["PointwiseError", "attach", "jar_path", "session"]
