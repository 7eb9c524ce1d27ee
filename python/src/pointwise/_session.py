"""Sessions with the jar, and the jar in sessions that run already."""

from __future__ import annotations

import importlib.metadata
import os
import sys

from pyspark.sql import SparkSession

from pointwise._connect import NO_COMMANDS, check_server, is_connect
from pointwise._errors import PointwiseError

VECTOR_MODULE = "--add-modules=jdk.incubator.vector"
_checked: object = None  # the JVM whose kernel was looked at
_OPTIONS = ("spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions")


def version() -> str:
    """The version of the package, which is that of the jar."""
    try:
        return importlib.metadata.version("pointwise")
    except importlib.metadata.PackageNotFoundError:
        return "0"  # run from sources


def jar_path() -> str:
    """The path of pointwise.jar, for spark.jars; POINTWISE_JAR names another one."""
    path = os.environ.get("POINTWISE_JAR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "jars", "pointwise.jar")
    if not os.path.isfile(path):
        raise PointwiseError("Cannot find %s: install the wheel, or set POINTWISE_JAR to the path of pointwise.jar" % path)
    return path


def session(master: str | None = None, app: str = "pointwise", **config: str) -> SparkSession:
    """A SparkSession with the jar and the vector module; the running one, if there is one.

    master: by default that of Spark's own settings, else local[*].
    config: more settings; a name's dots are written as two underscores, as in spark__ui__enabled.
    """
    running = running_session()
    if running is not None:
        attach(running)
        return running
    builder = SparkSession.builder.appName(app).config("spark.jars", jar_path())
    if master:
        builder = builder.master(master)
    for option in _OPTIONS:
        builder = builder.config(option, VECTOR_MODULE)
    for name, value in config.items():
        name = name.replace("__", ".")
        builder = builder.config(name, "%s %s" % (VECTOR_MODULE, value) if name in _OPTIONS else value)
    return builder.getOrCreate()


def running_session() -> SparkSession | None:
    """The session of this thread, else that of the process."""
    return SparkSession.getActiveSession() or getattr(SparkSession, "_instantiatedSession", None)


def attach(spark: SparkSession) -> None:
    """Adds the jar to a session that runs without it, on the driver and on all executors.

    A server of Spark Connect is only asked whether it has the jar; PointwiseError says how it gets it.
    """
    if is_connect(spark):
        check_server(spark)
    else:
        attach_jvm(spark)


def attach_jvm(spark: SparkSession) -> None:
    """Attaches as ``attach`` does; refuses sessions of Spark Connect."""
    jvm = _jvm(spark)
    if not _has_classes(jvm):
        _add_jar(spark, jvm)
    _check_kernel(jvm)


def _add_jar(spark: SparkSession, jvm) -> None:
    path = jar_path()
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    if not hasattr(loader, "addURL"):
        raise PointwiseError("Cannot add Pointwise to this session: its class loader takes no jars; start Spark with spark.jars=%s" % path)
    spark.sparkContext._jsc.sc().addJar(path)
    loader.addURL(jvm.java.io.File(path).toURI().toURL())
    if not _has_classes(jvm):
        raise PointwiseError("Cannot add Pointwise to this session; start Spark with spark.jars=%s" % path)


def _check_kernel(jvm) -> None:
    """Says once for each JVM that its kernel is slow."""
    global _checked
    if _checked is jvm:
        return
    _checked = jvm
    kernel = jvm.org.pointwise.conv.KernelProvider.forThisJvm()
    if not kernel.simd():
        print("Pointwise computes several times slower without SIMD: start Spark with %s in %s" % (VECTOR_MODULE, " and ".join(_OPTIONS)), file=sys.stderr)


def _jvm(spark: SparkSession):
    if is_connect(spark):
        raise PointwiseError(NO_COMMANDS)
    if getattr(spark, "_jsparkSession", None) is None:
        raise PointwiseError("Cannot use Pointwise in a %s of %s: a SparkSession is needed" % (type(spark).__name__, type(spark).__module__))
    if spark.sparkContext._jsc is None:
        raise PointwiseError("Cannot use Pointwise: the session of Spark is stopped; start another")
    return spark._jvm


def _has_classes(jvm) -> bool:
    from py4j.java_gateway import JavaClass

    return isinstance(jvm.pointwise.ml.PointwiseModel, JavaClass)
