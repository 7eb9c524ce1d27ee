"""Clients of a server of Spark Connect, which PySpark 4 contains, judged by NumPy. The server and each client have their own process."""

import glob
import importlib.util
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import Future

import numpy as np
import pyspark
import pytest

import pointwise

HOME = os.path.dirname(pyspark.__file__)

if not glob.glob(os.path.join(HOME, "jars", "spark-connect_*.jar")):
    pytest.skip("PySpark %s contains no server of Spark Connect" % pyspark.__version__, allow_module_level=True)
if importlib.util.find_spec("grpc") is None:
    pytest.skip("Spark Connect needs pyspark[connect]", allow_module_level=True)


class Server:
    """A server on a free port."""

    def __init__(self, *options):
        program = [os.path.join(HOME, "bin", "spark-submit"), "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
        settings = ["--master", "local[2]", "--conf", "spark.connect.grpc.binding.port=0", "--conf", "spark.ui.enabled=false"]
        self.port, self.lines = Future(), []
        environment = {**os.environ, "SPARK_HOME": HOME}
        self.process = subprocess.Popen(
            [*program, *settings, *options, "spark-internal"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
        )
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            found = re.search(r"Spark Connect server started at: .*:(\d+)", line)
            if found:
                self.port.set_result(int(found.group(1)))
        if not self.port.done():
            self.port.set_exception(RuntimeError("".join(self.lines)))

    def run(self, program, *args):
        """What a client prints."""
        start = START % (self.port.result(),)
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", start + program, *map(str, args)], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()


@pytest.fixture(scope="module")
def server():
    on_disk = "spark.connect.session.connectML.mlCache.memoryControl.maxInMemorySize=1"  # models are read from it at each use
    server = Server("--jars", pointwise.jar_path(), "--conf", on_disk)
    yield server
    server.stop()


START = """
import sys
import numpy as np
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote("sc://127.0.0.1:%d").getOrCreate()
import pointwise
from pointwise import PointwiseError
from pointwise.ml import LDA, PCA, PointwiseModel, ReLUBottleneck, Whiten

def refused(call):
    try:
        call()
    except PointwiseError as error:
        print(error)
"""

TABLES = """
folder = sys.argv[1]
x = np.load(folder + "/x.npy")
pointwise.attach(spark)
assert pointwise.session() is spark

def same(table, x):
    found = [row.features for row in table.orderBy("n", "y", "x").collect()]
    np.testing.assert_allclose(found, x.reshape(-1, x.shape[-1]), rtol=1e-6)

same(pointwise.read_features(spark, folder + "/x.npy", axes=("n", "y", "x", "c")), x)
same(pointwise.read_features(spark, folder + "/x.npy", axes="n,y,x,c", images=[1], bbox=((1, 4), (2, None)), scale=2), 2 * x[[1], 1:4, 2:])
for kind, name in [("TABLE", "a"), ("TEMPORARY VIEW", "b")]:
    spark.sql("CREATE %s %s USING pointwise OPTIONS (path '%s/x.npy', axes 'n,y,x,c')" % (kind, name, folder))
    means = spark.sql("SELECT avg(features[1]) FROM %s WHERE y < 3 GROUP BY n ORDER BY n" % name).collect()
    np.testing.assert_allclose([row[0] for row in means], x[:, :3, :, 1].mean((1, 2), dtype="f8"), rtol=1e-5, atol=1e-7)
spark.sql("DROP TABLE a")
refused(lambda: pointwise.read_features(spark, folder + "/x.npy", axes="n,y,x,c", images="7:99"))
refused(lambda: pointwise.read_features(spark, folder + "/x.npy", axes="n,y,x,c", ignore_label=3))
refused(lambda: pointwise.reduce(spark, folder + "/x.npy", folder + "/out", weights="w.npy"))
refused(lambda: pointwise.options(spark, "fit"))
"""


def test_arrays_are_tables(server, rng, tmp_path):
    np.save(tmp_path / "x.npy", rng.normal(size=(2, 6, 7, 5)).astype("f4"))
    printed = server.run(TABLES, tmp_path)
    assert len(printed) == 4, printed
    assert "7:99" in printed[0] and printed[1] == "Cannot use option ignore_label without labels; give option labels"
    for line in printed[2:]:
        assert line.startswith("Cannot run a command of Pointwise in a session of Spark Connect: ") and "read_features" in line


MODELS = """
from pyspark.ml import Pipeline, PipelineModel
folder = sys.argv[1]
x = np.load(folder + "/x.npy")
data = pointwise.read_features(spark, folder + "/x.npy", axes="n,y,x,c").selectExpr("*", "n AS label")

def outputs(model, column="out"):
    return np.array([row[0] for row in model.transform(data).orderBy("n", "y", "x").select(column).collect()])

pixels = x.reshape(-1, x.shape[-1]).astype("f8")
variances, vectors = np.linalg.eigh(np.cov(pixels.T, bias=True))
parts = variances[::-1][:3] / variances.sum()
model = PCA(k=3, outputCol="out").fit(data)
found = outputs(model)
expected = (pixels - pixels.mean(0)) @ vectors[:, ::-1][:, :3]
np.testing.assert_allclose(found * np.sign((found * expected).sum(0)), expected, atol=1e-3)
np.testing.assert_allclose(found, pixels @ model.pc.toArray() + model.bias.toArray(), atol=1e-4)
np.testing.assert_allclose(model.explainedVariance.toArray(), parts, atol=1e-6)
assert model.getK() == 3 and model.fit_summary()["pixels"] == str(len(pixels)) and model.fit_summary()["method"] == "pca"
assert [row.output for row in model.layer_table().collect()] == [0, 1, 2]

model.save(folder + "/model")
loaded = PointwiseModel.load(folder + "/model")
assert (outputs(loaded) == found).all() and loaded.getOutputCol() == "out" and loaded.uid == model.uid
assert (outputs(PointwiseModel.load_weights(folder + "/model/weights.safetensors").setOutputCol("z"), "z") == found).all()
unnamed = PCA(k=2).fit(data)
assert unnamed.getOutputCol() in unnamed.transform(data).columns
pca = PCA(k=2, centering=False)
pca.save(folder + "/pca")
again = PCA.load(folder + "/pca")
assert (again.getK(), again.getCentering(), again.uid) == (2, False, pca.uid)
assert again.getOutputCol() == pca.getOutputCol()

class Reducer(PCA):
    pass

assert Reducer.load(folder + "/pca").uid == pca.uid and Reducer(k=2).fit(data).getK() == 2

pipeline = Pipeline(stages=[Whiten(k=3, outputCol="out")]).fit(data)
np.testing.assert_allclose(np.cov(outputs(pipeline).T, bias=True), np.eye(3), atol=1e-3)
pipeline.write().overwrite().save(folder + "/pipeline")
assert (outputs(PipelineModel.load(folder + "/pipeline")) == outputs(pipeline)).all()
parted = LDA(outputCol="out").fit(data)
assert outputs(parted).shape == (len(pixels), 1)
for classes in ({}, {"labelCol": "label"}):
    trained = ReLUBottleneck(k=2, outputCol="out", seed=7, maxIter=20, **classes).fit(data)
    rectified = np.maximum(0, pixels @ trained.pc.toArray() + trained.bias.toArray())
    np.testing.assert_allclose(outputs(trained), rectified, atol=1e-4)
    assert (rectified > 0).any() and trained.fit_summary()["method"] == "bottleneck"
    trained.save(folder + "/bottleneck%d" % len(classes))
    assert (outputs(PointwiseModel.load(folder + "/bottleneck%d" % len(classes))) == outputs(trained)).all()

refused(lambda: parted.explainedVariance)
refused(lambda: model.write_weights(folder + "/w.npy"))
refused(lambda: PointwiseModel.load_weights(folder + "/w.npy", "oi"))
refused(PointwiseModel)
refused(lambda: PCA.load(folder + "/model"))
refused(lambda: model.save(folder + "/model"))
refused(lambda: pca.save(folder + "/pca"))
refused(lambda: PCA(k=9).fit(data))
refused(lambda: model.setInputCol("none").transform(data))
"""


def test_layers_are_fitted_and_applied(server, rng, tmp_path):
    np.save(tmp_path / "x.npy", (rng.normal(size=(2, 6, 9, 5)) * np.arange(1, 6) + 3).astype("f4"))
    assert [line.split(":")[0] for line in server.run(MODELS, tmp_path)] == [
        "Cannot state the variance by component",
        "Cannot write a weights file in a session of Spark Connect",
        "Cannot load %s/w.npy with a kernel layout in a session of Spark Connect" % tmp_path,
        "Cannot make a model without a layer in a session of Spark Connect",
        "Cannot load %s/model as PCA" % tmp_path,
        "Cannot save to %s/model" % tmp_path,
        "Cannot save to %s/pca" % tmp_path,
        "Cannot make 9 channels",
        "Cannot find column none",
    ]


BARE = """
folder = sys.argv[1]
data = spark.range(100).selectExpr("transform(sequence(1, 5), c -> float(sin(id * c))) AS features")
refused(lambda: pointwise.attach(spark))
refused(lambda: pointwise.session())
refused(lambda: pointwise.read_features(spark, folder + "/x.npy", axes="n,y,x,c"))
refused(lambda: PCA(k=2).fit(data))
refused(lambda: PointwiseModel.load(folder + "/model"))
assert data.count() == 100
spark.addArtifacts(pointwise.jar_path())
pointwise.attach(spark)
x = np.load(folder + "/x.npy")
table = pointwise.read_features(spark, folder + "/x.npy", axes="n,y,x,c")
np.testing.assert_array_equal([row.features for row in table.orderBy("n", "y", "x").collect()], x.reshape(-1, x.shape[-1]))
model = PCA(k=2, outputCol="y").fit(data)
print(model.transform(data).selectExpr("size(y)").distinct().collect()[0][0])
model.save(folder + "/model")
refused(lambda: PointwiseModel.load(folder + "/model"))  # the server listed its classes before
"""

UPLOADED = """
spark.addArtifacts(pointwise.jar_path())
pointwise.attach(spark)
data = spark.range(100).selectExpr("transform(sequence(1, 5), c -> float(sin(id * c))) AS features")
for stage, name in [(PCA(k=2, outputCol="y"), "/pca"), (PCA(k=2, outputCol="y").fit(data), "/model")]:
    stage.write().overwrite().save(sys.argv[1] + name)
    loaded = type(stage).load(sys.argv[1] + name)
    assert loaded.uid == stage.uid
print(loaded.transform(data).selectExpr("size(y)").distinct().collect()[0][0])
"""


def test_server_without_the_jar_is_named_and_gets_it(rng, tmp_path):
    np.save(tmp_path / "x.npy", rng.normal(size=(2, 3, 4, 5)).astype("f4"))
    server = Server()
    try:
        *refusals, size, late = server.run(BARE, tmp_path)
    finally:
        server.stop()
    assert size == "2" and len(refusals) == 5 and len(set(refusals)) == 1
    assert "it has no pointwise.jar; start the server with --jars" in refusals[0] and "spark.addArtifacts(pointwise.jar_path())" in refusals[0]
    assert "it used Spark ML before it had pointwise.jar; start the server with --jars" in late


def test_each_session_may_upload_the_jar(tmp_path):
    server = Server()
    try:
        assert [server.run(UPLOADED, tmp_path) for _ in range(2)] == [["2"], ["2"]]
    finally:
        server.stop()
