"""Estimators and the model in a session of Spark Connect: the server has the objects, and a client may transform with them."""

from __future__ import annotations

from typing import Any, NoReturn

from pyspark.errors import PySparkException
from pyspark.ml.linalg import DenseMatrix, DenseVector
from pyspark.ml.util import MLReader, MLWriter

from pointwise._errors import PointwiseError, one_line, saving

NO_WEIGHTS = (
    "Cannot write a weights file in a session of Spark Connect: save the model; "
    "weights.safetensors in its folder is the file for --weights"
)


def operator(name: str) -> str:
    """The name of a class that the server makes."""
    try:
        import pyspark.ml.connect.readwrite  # noqa: F401
    except ImportError:
        raise PointwiseError("Cannot use pointwise.ml in a session of Spark Connect of this Spark: Spark 4 or newer is needed") from None
    return "pointwise.ml." + name


def no_model() -> NoReturn:
    raise PointwiseError("Cannot make a model without a layer in a session of Spark Connect: fit an estimator or load a model")


class Reader(MLReader):
    """Loads on the server, which knows the classes of pointwise.ml by their names, but no subclasses of a user."""

    def __init__(self, clazz):
        super().__init__()
        self._clazz = next(base for base in clazz.__mro__ if base.__module__ == "pointwise.ml")

    def load(self, path: str):
        operator(self._clazz._java_name)
        from pyspark.ml.connect.readwrite import RemoteMLReader

        try:
            with one_line():
                return RemoteMLReader(self._clazz).load(path)
        except PySparkException as error:
            if "InvocationTargetException" not in str(error):
                raise
            # Spark 4.0 wraps what was thrown, and sends only the wrapper.
            raise PointwiseError(
                "Cannot load %s as %s: the log of the server of Spark Connect has the reason, which its Spark does not send"
                % (path, self._clazz.__name__)
            ) from None


class Writer(MLWriter):
    """Saves on the server."""

    def __init__(self, instance):
        super().__init__()
        self._instance = instance

    def save(self, path: str) -> None:
        from pyspark.ml.connect.readwrite import RemoteMLWriter

        writer = RemoteMLWriter(self._instance)
        writer.shouldOverwrite, writer.optionMap = self.shouldOverwrite, self.optionMap
        with saving(path):
            writer.save(path)


def pc(model: Any) -> DenseMatrix:
    rows = _rows(model, "weights")
    return DenseMatrix(len(rows[0]), len(rows), [weight for row in rows for weight in row])


def bias(model: Any) -> DenseVector:
    return DenseVector(_rows(model, "bias"))


def explained_variance(model: Any) -> DenseVector:
    parts = _rows(model, "explainedVariance")
    if None in parts:
        raise PointwiseError("Cannot state the variance by component: the layer of %s was not fitted by PCA or Whiten" % model.uid)
    return DenseVector(parts)


def fit_summary(model: Any) -> dict[str, str]:
    return dict(_rows(model, "summary")[0])


def load_weights(clazz: Any, file: str, kernel_layout: str | None) -> Any:
    if kernel_layout is not None:
        raise PointwiseError("Cannot load %s with a kernel layout in a session of Spark Connect: store the matrix F'xF as .safetensors" % file)
    return clazz.load(file)


def _rows(model: Any, column: str) -> list[Any]:
    return [row[0] for row in model.layer_table().orderBy("output").select(column).collect()]
