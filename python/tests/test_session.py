"""The jar in a session that was started without it."""

import subprocess
import sys

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


def test_running_session_gets_the_jar():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2"]
    if "Using incubator modules" not in done.stderr:  # Spark 3.5
        assert "Pointwise computes several times slower without SIMD" in done.stderr
