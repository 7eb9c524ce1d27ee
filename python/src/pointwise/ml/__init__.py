"""Estimators and the model of Spark ML over columns of features.

A column is ARRAY<FLOAT>, ARRAY<DOUBLE>, a vector (dense or sparse) or BINARY (little-endian float32 or
float16). The output is a dense vector where the input is one, else ARRAY<FLOAT>; null stays null.

``from pointwise.ml import PCA`` replaces ``from pyspark.ml.feature import PCA``.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pyspark import keyword_only
from pyspark.ml.linalg import DenseMatrix, DenseVector
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable, JavaMLWriter
from pyspark.ml.wrapper import JavaEstimator, JavaModel
from pyspark.sql import DataFrame

from pointwise._connect import is_connect, is_remote
from pointwise._errors import PointwiseError, one_line, saving
from pointwise._session import attach, running_session
from pointwise.ml import _remote

__all__ = ["LDA", "PCA", "PointwiseModel", "ReLUBottleneck", "Whiten"]


def _java_class(name: str):
    spark = running_session()
    if spark is None:
        raise PointwiseError("Cannot use pointwise.ml without a session: start one with pointwise.session()")
    attach(spark)
    return getattr(spark._jvm.pointwise.ml, name)


def _java_object(name: str, *args: str):
    """A new object of a Java class; with Spark Connect its name, by which the server makes one."""
    return _remote.operator(name) if is_remote() else _java_class(name)(*args)


def _int32(value: Any) -> int:
    number = TypeConverters.toInt(value)
    if abs(number) >= 2**31:
        raise TypeError("%d is beyond 32 bits" % number)
    return number


class _Reader(JavaMLReader):
    def __init__(self, clazz):
        _java_class(clazz._java_name)
        super().__init__(clazz)

    @classmethod
    def _java_loader_class(cls, clazz) -> str:
        return "pointwise.ml." + clazz._java_name

    def load(self, path: str):
        with one_line():
            found = super().load(path)
        wanted = self._clazz._java_name
        if found._java_name != wanted:
            raise PointwiseError("Cannot load %s as %s: it is a %s; use %s.load" % (path, wanted, found._java_name, found._java_name))
        return found


class _Writer(JavaMLWriter):
    def save(self, path: str) -> None:
        with saving(path):
            super().save(path)


class _Stored(JavaMLReadable, JavaMLWritable):
    """What can be saved and loaded. Subclasses in Python keep the Java class of their base."""

    _java_name: str

    @classmethod
    def read(cls):
        """A reader of what ``save`` saved."""
        return _remote.Reader(cls) if is_remote() else _Reader(cls)

    def write(self):
        """A writer, as of Spark's own estimators and models."""
        if is_remote():
            return _remote.Writer(self)
        with one_line():
            return _Writer(self)


class _Columns(Params):
    """The parameters that estimators and the model have in common."""

    inputCol: Param[str] = Param(Params._dummy(), "inputCol", "column with features", TypeConverters.toString)
    outputCol: Param[str] = Param(Params._dummy(), "outputCol", "new column with the outputs of the layer", TypeConverters.toString)
    nanIsNodata: Param[bool] = Param(Params._dummy(), "nanIsNodata", "whether the output of a row with NaN is null", TypeConverters.toBoolean)

    def _columns(self) -> None:
        self._setDefault(inputCol="features", outputCol=self.uid + "__output", nanIsNodata=False)

    def _resetUid(self, newUid: str):
        super()._resetUid(newUid)
        self._columns()
        return self

    def setInputCol(self, value: str):
        """Sets the column with features; ``features`` by default."""
        return self._set(inputCol=value)

    def getInputCol(self) -> str:
        return self.getOrDefault(self.inputCol)

    def setOutputCol(self, value: str):
        """Sets the new column with the outputs of the layer."""
        return self._set(outputCol=value)

    def getOutputCol(self) -> str:
        return self.getOrDefault(self.outputCol)

    def setNanIsNodata(self, value: bool):
        """Sets whether the output of a row with NaN is null; by default its outputs are NaN."""
        return self._set(nanIsNodata=value)

    def getNanIsNodata(self) -> bool:
        return self.getOrDefault(self.nanIsNodata)


class PointwiseModel(JavaModel, _Columns, _Stored):
    """A layer, applied to each value of a column: y = act(W·x + b), F to F' channels, as float32."""

    _java_name = "PointwiseModel"

    describe: Param[bool] = Param(Params._dummy(), "describe", "whether transform returns the layer, not outputs", TypeConverters.toBoolean)

    def __init__(self, java_model=None):
        if java_model is None:
            java_model = _remote.no_model() if is_remote() else _java_class("PointwiseModel")()
        super().__init__(java_model)
        self._columns()
        self._setDefault(describe=False)
        if not is_remote():
            self._transfer_params_from_java()

    def layer_table(self) -> DataFrame:
        """The layer: a row for each output with its number, weights, bias and explained variance; row 0 has the summary of the fit."""
        spark = running_session()
        if spark is None:
            raise PointwiseError("Cannot read the layer in this thread: it has no active session; use the thread that made the session")
        return self.copy({self.describe: True}).transform(spark.range(0))

    @property
    def pc(self) -> DenseMatrix:
        """The weights as a matrix F x F', one column for each output: the principal components."""
        if is_remote():
            return _remote.pc(self)
        with one_line():
            return self._call_java("pc")

    @property
    def bias(self) -> DenseVector:
        """The bias of each output."""
        if is_remote():
            return _remote.bias(self)
        with one_line():
            return self._call_java("bias")

    @property
    def explainedVariance(self) -> DenseVector:
        """The part of the variance that each principal component holds."""
        if is_remote():
            return _remote.explained_variance(self)
        with one_line():
            return self._call_java("explainedVariance")

    def getK(self) -> int:
        """The number of outputs, F'."""
        if is_remote():
            return self.layer_table().count()
        with one_line():
            return self._java_obj.outChannels()

    def fit_summary(self) -> dict[str, str]:
        """The description of the fit: method, pixels, rows left out, rank, explained variance or accuracy, loss."""
        if is_remote():
            return _remote.fit_summary(self)
        with one_line():
            return dict(self._java_obj.fitSummary())

    def _transform(self, dataset: DataFrame) -> DataFrame:
        with one_line():
            found = super()._transform(dataset)
            if is_connect(dataset.sparkSession):
                found.schema  # so that the server refuses here what it refuses
            return found

    def write_weights(self, file: str, overwrite: bool = False) -> None:
        """Writes the layer, its decoder and its head to a .safetensors, .npy or .onnx file, for ``--weights``."""
        if is_remote():
            raise PointwiseError(_remote.NO_WEIGHTS)
        with one_line():
            if overwrite:
                self._java_obj.replaceWeights(file)
            else:
                self._java_obj.writeWeights(file)

    @classmethod
    def load_weights(cls, file: str, kernel_layout: str | None = None) -> PointwiseModel:
        """Loads a layer from a weights file, or from FILE#NAME if it contains several.

        ``kernel_layout`` is that of a matrix: "oi" for F'xF, "io" for FxF'; a square .npy matrix needs it.
        """
        if is_remote():
            return _remote.load_weights(cls, file, kernel_layout)
        java_class = _java_class("PointwiseModel")
        with one_line():
            return cls(java_class.loadWeights(file) if kernel_layout is None else java_class.loadWeights(file, kernel_layout))


class _Estimator(JavaEstimator, _Columns, _Stored):
    """What the estimators have in common: the columns, and a pass of moments over the rows."""

    binaryType: Param[str] = Param(Params._dummy(), "binaryType", "numbers in a BINARY column: float32 or float16", TypeConverters.toString)

    def __init__(self, kwargs: dict[str, Any], **defaults: Any):
        super().__init__()
        self._java_obj = _java_object(self._java_name, self.uid)
        self._columns()
        self._setDefault(binaryType="float32", **defaults)
        self._set(**kwargs)

    def setParams(self, **params: Any):
        """Sets several parameters by name, as the constructor does."""
        for name in params:
            if not self.hasParam(name):
                raise TypeError("%s has no parameter %s, but %s" % (type(self).__name__, name, ", ".join(p.name for p in self.params)))
        return self._set(**params)

    def setBinaryType(self, value: str):
        """Sets the type of the numbers in a BINARY column: float32 (default) or float16."""
        return self._set(binaryType=value)

    def getBinaryType(self) -> str:
        return self.getOrDefault(self.binaryType)

    def _fit(self, dataset: DataFrame) -> PointwiseModel:
        with one_line():
            return super()._fit(dataset)

    def _create_model(self, java_model) -> PointwiseModel:
        return PointwiseModel(java_model)


class _Projection(_Estimator):
    """Projections to principal components."""

    k: Param[int] = Param(Params._dummy(), "k", "number of components", _int32)
    keepVariance: Param[float] = Param(Params._dummy(), "keepVariance", "part of the variance to keep, instead of k", TypeConverters.toFloat)

    def setK(self, value: int):
        """Sets the number of components."""
        return self._set(k=value)

    def getK(self) -> int:
        return self.getOrDefault(self.k)

    def setKeepVariance(self, value: float):
        """Sets the part of the variance to keep, 0 to 1, which determines the number of components."""
        return self._set(keepVariance=value)

    def getKeepVariance(self) -> float:
        return self.getOrDefault(self.keepVariance)


class PCA(_Projection):
    """Principal components. The model subtracts the mean, unless ``centering`` is false, as in Spark's PCA."""

    _java_name = "PCA"

    centering: Param[bool] = Param(Params._dummy(), "centering", "whether transform subtracts the mean of the fit", TypeConverters.toBoolean)

    @keyword_only
    def __init__(
        self,
        *,
        k: int | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        keepVariance: float | None = None,
        centering: bool = True,
        binaryType: str = "float32",
        nanIsNodata: bool = False,
    ):
        super().__init__(self._input_kwargs, centering=True)

    def setCentering(self, value: bool) -> PCA:
        """Sets whether the model subtracts the mean of the pixels that it was fitted on."""
        return self._set(centering=value)

    def getCentering(self) -> bool:
        return self.getOrDefault(self.centering)


class Whiten(_Projection):
    """Principal components scaled to unit variance: divided by the root of variance + ``epsilon``."""

    _java_name = "Whiten"

    epsilon: Param[float] = Param(Params._dummy(), "epsilon", "number added to each variance", TypeConverters.toFloat)

    @keyword_only
    def __init__(
        self,
        *,
        k: int | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        keepVariance: float | None = None,
        epsilon: float = 0.0,
        binaryType: str = "float32",
        nanIsNodata: bool = False,
    ):
        super().__init__(self._input_kwargs, epsilon=0.0)

    def setEpsilon(self, value: float) -> Whiten:
        """Sets the number that is added to each variance; 0 by default."""
        return self._set(epsilon=value)

    def getEpsilon(self) -> float:
        return self.getOrDefault(self.epsilon)


class LDA(_Estimator):
    """Fisher's linear discriminants between classes 0, 1, …; rows whose label is null are not used."""

    _java_name = "LDA"

    k: Param[int] = Param(Params._dummy(), "k", "number of discriminants; by default as many as there are", _int32)
    labelCol: Param[str] = Param(Params._dummy(), "labelCol", "column with classes 0, 1, …", TypeConverters.toString)

    @keyword_only
    def __init__(
        self,
        *,
        k: int | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        labelCol: str = "label",
        binaryType: str = "float32",
        nanIsNodata: bool = False,
    ):
        super().__init__(self._input_kwargs, labelCol="label")

    def setK(self, value: int) -> LDA:
        """Sets the number of discriminants: at most one fewer than classes."""
        return self._set(k=value)

    def getK(self) -> int:
        return self.getOrDefault(self.k)

    def setLabelCol(self, value: str) -> LDA:
        """Sets the column with classes; ``label`` by default."""
        return self._set(labelCol=value)

    def getLabelCol(self) -> str:
        return self.getOrDefault(self.labelCol)


class ReLUBottleneck(_Estimator):
    """A layer that ends in a ReLU, trained to predict the classes of ``labelCol``; without it, to reconstruct the features."""

    _java_name = "ReLUBottleneck"

    k: Param[int] = Param(Params._dummy(), "k", "number of outputs", _int32)
    labelCol: Param[str] = Param(Params._dummy(), "labelCol", "column with classes 0, 1, …; unset to reconstruct", TypeConverters.toString)
    maxIter: Param[int] = Param(Params._dummy(), "maxIter", "largest number of L-BFGS steps", _int32)
    weightDecay: Param[float] = Param(Params._dummy(), "weightDecay", "weight of the squared parameters in the loss", TypeConverters.toFloat)
    seed: Param[int] = Param(Params._dummy(), "seed", "random seed of the sample and of the first weights", TypeConverters.toInt)
    trainPixels: Param[int] = Param(Params._dummy(), "trainPixels", "number of rows to train on, approximately", TypeConverters.toInt)

    @keyword_only
    def __init__(
        self,
        *,
        k: int | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        labelCol: str | None = None,
        maxIter: int = 300,
        weightDecay: float = 1e-4,
        seed: int = 1,
        trainPixels: int = 200_000,
        binaryType: str = "float32",
        nanIsNodata: bool = False,
    ):
        super().__init__(self._input_kwargs, maxIter=300, weightDecay=1e-4, seed=1, trainPixels=200_000)

    def setK(self, value: int) -> ReLUBottleneck:
        """Sets the number of outputs."""
        return self._set(k=value)

    def getK(self) -> int:
        return self.getOrDefault(self.k)

    def setLabelCol(self, value: str) -> ReLUBottleneck:
        """Sets the column with classes to predict; without it, the features are reconstructed."""
        return self._set(labelCol=value)

    def getLabelCol(self) -> str:
        return self.getOrDefault(self.labelCol)

    def setMaxIter(self, value: int) -> ReLUBottleneck:
        """Sets the largest number of L-BFGS steps; 300 by default."""
        return self._set(maxIter=value)

    def getMaxIter(self) -> int:
        return self.getOrDefault(self.maxIter)

    def setWeightDecay(self, value: float) -> ReLUBottleneck:
        """Sets the weight of the squared parameters in the loss; 1e-4 by default."""
        return self._set(weightDecay=value)

    def getWeightDecay(self) -> float:
        return self.getOrDefault(self.weightDecay)

    def setSeed(self, value: int) -> ReLUBottleneck:
        """Sets the random seed of the sample and of the first weights; 1 by default."""
        return self._set(seed=value)

    def getSeed(self) -> int:
        return self.getOrDefault(self.seed)

    def setTrainPixels(self, value: int) -> ReLUBottleneck:
        """Sets the number of rows to train on, approximately; 200,000 by default."""
        return self._set(trainPixels=value)

    def getTrainPixels(self) -> int:
        return self.getOrDefault(self.trainPixels)


def _attach_running() -> None:
    spark = None if is_remote() else running_session()
    if getattr(spark, "_jsparkSession", None) is not None:
        with suppress(PointwiseError):  # raised again where a class is used
            attach(spark)


_attach_running()  # so that a Pipeline with these stages can be loaded
