"""The jar in a session that was started without it."""

import subprocess
import sys

from pyspark.ml import Pipeline

from pointwise.ml import PCA

PROGRAM = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
from pointwise.ml import PCA
data = spark.range(100).selectExpr("transform(sequence(1, 5), c -> float(sin(id * c))) AS features")
model = PCA(k=2, outputCol="y").fit(data)
print(model.transform(data).selectExpr("size(y)").distinct().collect()[0][0])
"""


LOADING = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
import pointwise.ml
from pyspark.ml import PipelineModel
print(PipelineModel.load(sys.argv[1]).stages[0].getK())
"""


COMMANDS = """
import os, signal, sys, threading, time
import numpy as np
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
import pointwise
folder = sys.argv[1]
x = np.random.default_rng(1).normal(size=(400, 8, 8, 4)).astype("f4")
np.save(folder + "/x.npy", x)
np.save(folder + "/w.npy", np.eye(4, dtype="f4")[:2])

def reduce():
    chunk = {"n": 1, "y": 8, "x": 8}
    return pointwise.reduce(spark, folder + "/x.npy", folder + "/out", weights=folder + "/w.npy", axes="n,y,x,c", shard_size=0, chunk=chunk)

def interrupt():
    while not spark.sparkContext.statusTracker().getActiveJobsIds():
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt).start()
try:
    reduce()
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
spark.sparkContext.setJobGroup("mine", "my work")
report = reduce()
print(report["status"], pointwise.verify(spark, folder + "/out")["status"])
print(len(spark.sparkContext.statusTracker().getJobIdsForGroup("mine")) > 0, spark.range(3).count())
spark.stop()
try:
    reduce()
except pointwise.PointwiseError as error:
    print(error)
"""


def run(program, *args):
    return subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True, timeout=300)


def test_session_with_the_jar_states_the_slow_kernel():
    done = run(PROGRAM.replace('"false")', '"false").config("spark.jars", __import__("pointwise").jar_path())', 1))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2"]
    slow = "Pointwise computes several times slower without SIMD" in done.stderr
    assert slow != ("Using incubator modules" in done.stderr)


def test_pipeline_is_loaded_in_a_fresh_session(spark, tmp_path):
    data = spark.range(100).selectExpr("transform(sequence(1, 5), c -> float(sin(id * c))) AS features")
    Pipeline(stages=[PCA(k=2, outputCol="y")]).fit(data).save(str(tmp_path / "pipeline"))
    done = run(LOADING, str(tmp_path / "pipeline"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2"]


def test_running_session_gets_the_jar():
    done = run(PROGRAM)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2"]
    if "Using incubator modules" not in done.stderr:  # Spark 3.5
        assert "Pointwise computes several times slower without SIMD" in done.stderr


def test_interrupted_command_goes_on_and_session_stays(tmp_path):
    done = run(COMMANDS, str(tmp_path))
    assert done.returncode == 0, done.stderr
    stopped = "Cannot use Pointwise: the session of Spark is stopped; start another"
    assert done.stdout.splitlines() == ["interrupted", "complete whole", "True 3", stopped]
    module = "Using incubator modules" in done.stderr
    assert ("UserWarning: " not in done.stderr) == module
    assert ("Pointwise computes several times slower without SIMD" not in done.stderr) == module
