"""Python values as the text that the command line takes."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

import numpy as np

from pointwise._errors import PointwiseError

Path = Union[str, "os.PathLike[str]"]
"""A path or URI. A relative str is one of the driver's folder, a relative pathlib.Path one of this process's."""


def keyword(option: str) -> str:
    """The keyword argument for an option."""
    return option[2:].replace("-", "_")


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """The end of a message about an unknown name: the nearest known one, or else a text."""
    near = difflib.get_close_matches(name, known, 1)
    return "did you mean %s?" % near[0] if near else otherwise


def arguments(option: str, value: Any, repeatable: bool) -> list[str]:
    """The arguments that give an option a value: none for None and False, one for each value if it is repeatable.

    True is the option without a value. A dict gives a repeatable option NAME=VALUE.
    """
    value = _plain(value)
    if value is None or value is False:
        return []
    if value is True:
        return [option]
    if repeatable and isinstance(value, Mapping):
        values = ["%s=%s" % (name, text(keyword(option), item)) for name, item in value.items()]
    elif repeatable and _is_list(value):
        values = [text(keyword(option), item) for item in value]
    else:
        values = [text(keyword(option), value)]
    return ["%s=%s" % (option, each) for each in values]


def path(value: Path) -> str:
    """The text of a path."""
    if not isinstance(value, (str, os.PathLike)):
        raise PointwiseError("Cannot use a value of type %s as a path: give the path or URI of a file or array" % type(value).__name__)
    return os.path.abspath(os.fspath(value)) if isinstance(value, os.PathLike) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.ndim > 1 and value.dtype.kind not in "iu":
            raise PointwiseError("Cannot use an array of %d dimensions and type %s: give the path of a file" % (value.ndim, value.dtype))
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, range))


def text(name: str, value: Any) -> str:
    """The text of one value: lists are A,B; dicts A=1,B=2; ranges, and pairs within lists, are A:B."""
    value = _plain(value)
    if isinstance(value, Mapping):
        return ",".join("%s=%s" % (key, _item(name, item)) for key, item in value.items())
    if _is_list(value):
        if not value:
            raise PointwiseError("Cannot use an empty list for %s; None is the default" % name)
        return ",".join(_item(name, item) for item in value)
    return _item(name, value)


def _item(name: str, value: Any) -> str:
    value = _plain(value)
    if isinstance(value, os.PathLike):
        return path(value)
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    if isinstance(value, range) and value.step != 1:
        return ",".join(map(str, value))
    if isinstance(value, range) or (isinstance(value, slice) and value.step in (None, 1)):
        return _range(value.start, value.stop)
    if _is_list(value) and len(value) == 2:
        return _range(*map(_plain, value))
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    raise PointwiseError("Cannot use %r for %s: expected numbers, text, paths, ranges, or lists or dicts of them" % (value, name))


def _range(start: Any, end: Any) -> str:
    return "%s:%s" % ("" if start is None else start, "" if end is None else end)
