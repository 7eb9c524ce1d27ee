"""The commands of the command line as functions on a running session."""

from __future__ import annotations

import json
import re
import warnings
from concurrent.futures import Future
from typing import Any, Iterable, Mapping, Sequence, Union

from pyspark import InheritableThread
from pyspark.sql import SparkSession

from pointwise._arguments import Path, arguments, did_you_mean, keyword, path
from pointwise._errors import PointwiseError, one_line
from pointwise._session import attach_jvm

Report = dict[str, Any]
Layers = Union[Path, Sequence[Path], Mapping[str, Path]]

_WARNING = "Warning: "


def inspect(spark: SparkSession, input: Path, **options: Any) -> Report:
    """Describes an array: axes, shape, type, chunks, codecs, size, band names, nodata and quantisation."""
    return _run(spark, "inspect", [input], options)


def moments(spark: SparkSession, input: Path, output: Path, **options: Any) -> Report:
    """Computes count, mean and co-moments of all pixels in one pass, and stores them in a .safetensors file."""
    return _run(spark, "moments", [input, output], options)


def fit(spark: SparkSession, input: Path | None, weights: Path, **options: Any) -> Report:
    """Learns a layer F to F' and its decoder from an array, or without input from ``moments=[FILE, …]``.

    weights: the file to write: .safetensors, .npy or .onnx.
    """
    return _run(spark, "fit", [weights] if input is None else [input, weights], options)


def evaluate(spark: SparkSession, input: Path, *, weights: Layers | None = None, **options: Any) -> Report:
    """Measures how much of the features layers keep, on blocks held out from their fit; writes an HTML report.

    weights: one layer or several, or a dict of names and layers.
    """
    return _run(spark, "evaluate", [input], dict(options, weights=weights))


def reduce(spark: SparkSession, input: Path, output: Path, *, weights: Layers | None = None, **options: Any) -> Report:
    """Reduces the channels of an array by one or several layers: y = act(W·x + b) at every pixel.

    weights: one layer FILE or FILE#NAME, or several; a dict names their arrays in the output.
    """
    heads = {"head" if isinstance(weights, Mapping) else "weights": weights} if weights is not None else {}
    if heads.keys() & options.keys():
        raise PointwiseError("Cannot reduce: head is given twice; give all heads in one dict")
    return _run(spark, "reduce", [input, output], {**options, **heads})


def plan(spark: SparkSession, input: Path, output: Path, *, weights: Layers | None = None, **options: Any) -> Report:
    """The plan of ``reduce`` with these arguments, with an estimate of time, bytes and requests; writes nothing."""
    return reduce(spark, input, output, weights=weights, **{**options, "dry_run": True})


def reconstruct(spark: SparkSession, reduced: Path, output: Path, *, decoder: Path, **options: Any) -> Report:
    """Maps the channels of a reduced array back by the decoder of its layer."""
    return _run(spark, "reconstruct", [reduced, output], dict(options, decoder=decoder))


def verify(spark: SparkSession, output: Path, *, input: Path | None = None, weights: Layers | None = None, **options: Any) -> Report:
    """Checks whether an output is complete and correct; raises PointwiseError, whose ``report`` has the problems, if not.

    input, weights: those to recompute sampled tiles from; by default as recorded.
    """
    return _run(spark, "verify", [output], dict(options, input=input, weights=weights))


def options(spark: SparkSession, command: str) -> dict[str, str]:
    """The keyword arguments of a function, such as "reduce", and what they mean, with the names of the command line."""
    return {keyword(option): text for option, text in _command(spark, "reduce" if command == "plan" else command).options().items()}


def _command(spark: SparkSession, name: str) -> Any:
    attach_jvm(spark)
    if name not in _COMMANDS:
        raise PointwiseError("There is no function %s: expected one of %s" % (name, ", ".join(_COMMANDS)))
    return spark._jvm.org.pointwise.cli.SessionCommand(name)


_COMMANDS = ("inspect", "moments", "fit", "evaluate", "reduce", "reconstruct", "verify")


def _run(spark: SparkSession, name: str, parameters: Sequence[Path], given: Mapping[str, Any]) -> Report:
    command = _command(spark, name)
    known = {keyword(option): option for option in command.options()}
    texts = []
    for word, value in given.items():
        option = known.get(word.rstrip("_"))  # continue_ is no keyword of Python
        if option is None:
            help = did_you_mean(word, known, "pointwise.options(spark, %r) lists them" % name)
            raise PointwiseError("%s has no option %s; %s" % (name, word, help))
        texts += arguments(option, value, command.isRepeatable(option))
    paths = [path(parameter) for parameter in parameters]
    code = _wait(command, texts, paths)
    report, errors = json.loads(command.report() or "null"), []
    for message in command.messages():
        line = re.sub(r"(?<![\w-])--[a-z][a-z-]*", lambda found: _renamed(found.group(), known.values()), message)
        if line.startswith(_WARNING):
            warnings.warn(line[len(_WARNING) :], stacklevel=3)
        else:
            errors.append(line)
    if code != 0:
        raise PointwiseError("; ".join(errors) or _failed(paths[0], report), report)
    return report


def _wait(command: Any, options: list[str], parameters: list[str]) -> int:
    """Runs a command in a thread of its own, so that Ctrl-C can cancel its jobs; they have the job group of this thread."""
    code: Future[int] = Future()

    def run() -> None:
        try:
            with one_line():
                code.set_result(command.run(options, parameters))
        except BaseException as error:
            code.set_exception(error)

    thread = InheritableThread(target=run)
    thread.start()
    try:
        return code.result()
    except KeyboardInterrupt:
        command.cancel()
        raise
    finally:
        thread.join()


def _failed(output: str, report: Report) -> str:
    """The line for an output that is not whole: its state and its first problem."""
    return ": ".join(["%s is %s" % (output, report["status"]), *(", ".join(problem.values()) for problem in report["problems"][:1])])


def _renamed(option: str, known: Iterable[str]) -> str:
    """The keyword in the place of an option in a message."""
    return keyword(option) if option in known else option
