"""pointwise.ml in a real session, judged by NumPy and by Spark's own PCA."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import PCA as SparkPCA
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import types as t

import pointwise
from pointwise import PointwiseError
from pointwise.ml import LDA, PCA, PointwiseModel, ReLUBottleneck, Whiten

KINDS = ["floats", "doubles", "vectors", "sparse", "float32", "float16"]


def pixels(rng, count, channels):
    mix = rng.normal(size=(channels, channels)) / channels + 2 * np.eye(channels)
    return rng.normal(size=(count, channels)) / np.arange(1, channels + 1) @ mix.T + np.arange(channels)


def table(spark, values, kind="floats", partitions=2):
    """A table with id and features; a row of None is null."""
    types = {"floats": t.ArrayType(t.FloatType()), "doubles": t.ArrayType(t.DoubleType()), "vectors": VectorUDT(), "sparse": VectorUDT()}
    write = {
        "floats": lambda x: x.tolist(),
        "doubles": lambda x: x.tolist(),
        "vectors": lambda x: Vectors.dense(x.tolist()),
        "sparse": lambda x: Vectors.sparse(len(x), np.flatnonzero(x).tolist(), x[x != 0].tolist()),
        "float32": lambda x: bytearray(x.astype("<f4").tobytes()),
        "float16": lambda x: bytearray(x.astype("<f2").tobytes()),
    }[kind]
    schema = t.StructType([t.StructField("id", t.IntegerType()), t.StructField("features", types.get(kind, t.BinaryType()))])
    rows = [(i, None if x is None else write(np.asarray(x))) for i, x in enumerate(values)]
    return spark.createDataFrame(rows, schema).repartitionByRange(partitions, "id")


def outputs(model, data):
    return [None if row.y is None else np.array(row.y) for row in model.transform(data).orderBy("id").select("y").collect()]


def test_layers_of_files_give_what_numpy_computes(spark, rng, tmp_path):
    for case in range(12):
        kind = KINDS[case % len(KINDS)]
        channels, out = int(rng.integers(1, 40)), int(rng.integers(1, 20))
        w, b = rng.normal(size=(out, channels)).astype("f4"), rng.normal(size=out).astype("f4")
        if channels == out:
            continue  # the layout of a square matrix is ambiguous, and refused
        np.save(tmp_path / "w.npy", w)
        np.save(tmp_path / "w.bias.npy", b)
        values = list(pixels(rng, int(rng.integers(1, 80)), channels).astype("f2").astype("f8"))
        for i in range(len(values)):
            if rng.random() < 0.1:
                values[i] = None
            elif rng.random() < 0.1:
                values[i][rng.integers(channels)] = np.nan
        nodata = bool(rng.integers(2))
        model = PointwiseModel.load(str(tmp_path / "w.npy")).setOutputCol("y").setNanIsNodata(nodata)
        data = table(spark, values, kind, int(rng.integers(1, 4)))
        for x, y in zip(values, outputs(model, data)):
            if x is None or (nodata and np.isnan(x).any()):
                assert y is None
            elif np.isnan(x).any():
                assert np.isnan(y).all()
            else:
                np.testing.assert_allclose(y, w @ x + b, atol=1e-3)


def test_pca_replaces_sparks_own(spark, rng):
    for kind in ["vectors", "sparse"]:
        data = table(spark, pixels(rng, 300, 6), kind, 3)
        theirs = SparkPCA(k=3, inputCol="features", outputCol="theirs").fit(data)
        ours = PCA(k=3, inputCol="features", outputCol="ours", centering=False).fit(data)
        np.testing.assert_allclose(ours.explainedVariance.toArray(), theirs.explainedVariance.toArray(), atol=1e-6)
        signs = np.sign((ours.pc.toArray() * theirs.pc.toArray()).sum(0))
        np.testing.assert_allclose(ours.pc.toArray() * signs, theirs.pc.toArray(), atol=1e-4)
        assert ours.getK() == theirs.getK() == 3
        for row in theirs.transform(ours.transform(data)).collect():
            np.testing.assert_allclose(row.ours.toArray() * signs, row.theirs.toArray(), atol=1e-3)


def test_fit_subtracts_the_mean_and_keeps_variance(spark, rng):
    values = pixels(rng, 400, 8)
    model = PCA(keepVariance=0.9, outputCol="y").fit(table(spark, values))
    found = np.array(outputs(model, table(spark, values)))
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-4)
    kept = found.var(0).sum() / values.var(0).sum()
    assert 0.9 <= kept <= 1 and found[:, :-1].var(0).sum() / values.var(0).sum() < 0.9
    assert model.fit_summary()["pixels"] == "400"


def test_whitened_outputs_have_unit_covariance(spark, rng):
    data = table(spark, pixels(rng, 500, 6))
    found = np.array(outputs(Whiten(k=4, outputCol="y").fit(data), data))
    np.testing.assert_allclose(np.cov(found.T, bias=True), np.eye(4), atol=1e-3)


def test_discriminants_part_classes(spark, rng):
    values = pixels(rng, 300, 5)
    values[::2, 2] += 9
    data = table(spark, values, "vectors").selectExpr("*", "id % 2 AS label")
    found = np.array(outputs(LDA(outputCol="y").fit(data), data))[:, 0]
    parted = (found > np.median(found)) == (np.arange(300) % 2 == 0)
    assert max(parted.mean(), 1 - parted.mean()) > 0.95


def second_layer(model, file, name):
    """The weights and the bias of what follows a layer, as written to a file."""
    model.write_weights(file, overwrite=True)
    layer = PointwiseModel.load_weights(file + "#" + name)
    return layer.pc.toArray(), layer.bias.toArray()


def test_trained_layers_reconstruct_what_numpy_computes(spark, rng, tmp_path):
    file = str(tmp_path / "w.safetensors")
    for kind in ["floats", "vectors", "float16"]:
        channels = int(rng.integers(2, 12))
        k = int(rng.integers(1, channels + 1))
        values = list(pixels(rng, int(rng.integers(60, 300)), channels).astype("f2").astype("f8"))
        values[3], values[4][0] = None, np.nan
        data = table(spark, values, kind, 3)
        model = ReLUBottleneck(k=k, outputCol="y", seed=3, binaryType="float16" if kind == "float16" else "float32").fit(data)
        facts = model.fit_summary()
        assert (facts["nullRows"], facts["nonFiniteRows"], facts["pixels"]) == ("1", "1", str(len(values) - 2))
        x, y = (np.array([rows[i] for i in range(len(values)) if i not in (3, 4)]) for rows in (values, outputs(model, data)))
        np.testing.assert_allclose(y, np.maximum(0, x @ model.pc.toArray() + model.bias.toArray()), atol=1e-3)
        w, b = second_layer(model, file, "decoder.weight")
        loss = ((y @ w + b - x) ** 2).sum() / len(x)
        np.testing.assert_allclose(float(facts["loss"]), loss, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(float(facts["explainedVariance"]), 1 - loss / x.var(0).sum(), atol=1e-5)
        leading = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1][:k].sum() / x.var(0).sum()
        assert float(facts["explainedVariance"]) >= leading - 0.02


def test_trained_layers_predict_what_numpy_computes(spark, rng, tmp_path):
    values = pixels(rng, 300, 5)
    values[:, 1] += 5 * (np.arange(300) % 3)
    data = table(spark, values, "vectors").selectExpr("*", "if(id < 270, id % 3, null) AS label")
    model = ReLUBottleneck(k=2, labelCol="label", outputCol="y").fit(data)
    facts, labels = model.fit_summary(), np.arange(270) % 3
    w, b = second_layer(model, str(tmp_path / "w.safetensors"), "head.weight")
    scores = np.array(outputs(model, data))[:270] @ w + b
    right = np.exp(scores - scores.max(1, keepdims=True))
    loss = -np.log(right[np.arange(270), labels] / right.sum(1)).mean()
    np.testing.assert_allclose(float(facts["loss"]), loss, rtol=1e-3)
    np.testing.assert_allclose(float(facts["accuracy"]), (scores.argmax(1) == labels).mean(), atol=0.01)
    assert float(facts["accuracy"]) > 0.8 and facts["pixels"] == "270"


def test_trained_pipelines(spark, rng, tmp_path):
    data = table(spark, pixels(rng, 120, 5), "vectors").selectExpr("*", "double(id % 2) AS label")
    layer = ReLUBottleneck(outputCol="y", maxIter=5, labelCol="label", trainPixels=100, weightDecay=0.01)
    pipeline = Pipeline(stages=[layer, LogisticRegression(featuresCol="y")])
    grid = ParamGridBuilder().addGrid(layer.k, [1, 2]).build()
    best = CrossValidator(estimator=pipeline, estimatorParamMaps=grid, evaluator=BinaryClassificationEvaluator(), numFolds=2, seed=1).fit(data).bestModel
    best.save(str(tmp_path / "pipeline"))
    loaded = PipelineModel.load(str(tmp_path / "pipeline"))
    assert loaded.transform(data).collect() == best.transform(data).collect()
    layer.save(str(tmp_path / "layer"))
    again = ReLUBottleneck.load(str(tmp_path / "layer"))
    assert (again.getLabelCol(), again.getMaxIter(), again.getTrainPixels(), again.getWeightDecay(), again.getSeed()) == ("label", 5, 100, 0.01, 1)
    weights = str(tmp_path / "w.safetensors")
    loaded.stages[0].write_weights(weights)
    assert PointwiseModel.load_weights(weights + "#head.weight").getK() == 2


@pytest.mark.parametrize(
    "change, message",
    [
        ({"k": 6}, "k is 6 but the column has 5 channels; set k to 1 … 5"),
        ({"maxIter": 0}, "maxIter is 0 but must be at least 1"),
        ({"trainPixels": 0}, "trainPixels is 0 but must be at least 1"),
        ({"weightDecay": -1.0}, "weightDecay is -1.0 but must be at least 0"),
        ({"labelCol": "half"}, ".5 but labels are whole numbers"),
        ({"labelCol": "gap"}, "class 1 of 0 … 2 has no pixels; number the classes without gaps"),
    ],
)
def test_what_cannot_be_trained_is_one_line(spark, rng, change, message):
    data = table(spark, pixels(rng, 30, 5)).selectExpr("*", "id % 2 + 0.5 AS half", "id % 2 * 2 AS gap")
    with pytest.raises(PointwiseError) as error:
        ReLUBottleneck(**{"k": 2, "outputCol": "y", **change}).fit(data)
    assert message in str(error.value) and "\n" not in str(error.value) and "--" not in str(error.value)


def test_pipelines_and_models_are_saved_and_loaded(spark, rng, tmp_path):
    data = table(spark, pixels(rng, 100, 6), "vectors")
    pca = PCA(k=2, outputCol="y", centering=False)
    model = Pipeline(stages=[pca]).fit(data)
    model.write().overwrite().save(str(tmp_path / "pipeline"))
    loaded = PipelineModel.load(str(tmp_path / "pipeline"))
    assert loaded.transform(data).collect() == model.transform(data).collect()
    assert loaded.stages[0].getOutputCol() == "y"
    pca.save(str(tmp_path / "pca"))
    again = PCA.load(str(tmp_path / "pca"))
    assert (again.getK(), again.getCentering(), again.uid) == (2, False, pca.uid)
    weights = str(tmp_path / "w.safetensors")
    model.stages[0].write_weights(weights)
    for read in (PointwiseModel.load(weights), PointwiseModel.load_weights(weights)):
        assert read.setOutputCol("y").transform(data).collect() == model.transform(data).collect()


def test_default_output_column_is_that_of_the_saved_model(spark, rng, tmp_path):
    data = table(spark, pixels(rng, 50, 5))
    model = PCA(k=2).fit(data)
    model.save(str(tmp_path / "model"))
    loaded = PointwiseModel.load(str(tmp_path / "model"))
    assert loaded.getOutputCol() == model.getOutputCol() in loaded.transform(data).columns


def test_layer_is_a_table(spark, rng):
    model = PCA(k=3).fit(table(spark, pixels(rng, 50, 5)))
    rows = model.layer_table().collect()
    np.testing.assert_array_equal(np.array([row.weights for row in rows]).T, model.pc.toArray())
    assert [row.bias for row in rows] == list(model.bias)
    assert [row.explainedVariance for row in rows] == list(model.explainedVariance)
    assert rows[0].summary == model.fit_summary() and rows[1].summary is None
    assert model.transform(table(spark, pixels(rng, 9, 5))).count() == 9


def test_cross_validation(spark, rng):
    values = rng.normal(size=(200, 5)) * [50, 1, 1, 1, 1]
    values[::2, 1] += 12
    data = table(spark, values, "vectors").selectExpr("*", "double(id % 2) AS label")
    pca = PCA(outputCol="y")
    pipeline = Pipeline(stages=[pca, LogisticRegression(featuresCol="y")])
    grid = ParamGridBuilder().addGrid(pca.k, [1, 2]).build()
    best = CrossValidator(estimator=pipeline, estimatorParamMaps=grid, evaluator=BinaryClassificationEvaluator(), numFolds=2, seed=1).fit(data).bestModel
    assert best.stages[0].getK() == 2


def test_params(spark):
    pca = PCA(k=2).setParams(k=3, inputCol="a")
    assert (pca.getK(), pca.getInputCol(), pca.getNanIsNodata()) == (3, "a", False)
    assert Whiten(k=2).setParams(epsilon=0.5).getEpsilon() == 0.5
    assert LDA().setParams(labelCol="class").getLabelCol() == "class"
    with pytest.raises(TypeError, match="PCA has no parameter channels, but .*k, "):
        pca.setParams(channels=3)
    assert pca.copy({pca.k: 4}).getK() == 4 and pca.getK() == 3
    assert "number of components" in pca.explainParams()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"inputCol": "none"}, "Cannot find column none: the table has id, features"),
        ({"inputCol": "id"}, "type INT but must be ARRAY<FLOAT>"),
        ({"outputCol": "id"}, "the table already has it"),
        ({"k": 9}, "5 channels allow 1 … 5; set k in that range"),
        ({"keepVariance": 0.5}, "k and keepVariance contradict each other"),
        ({"binaryType": "int8"}, "must be float32 or float16"),
    ],
)
def test_bad_parameters_are_one_line(spark, rng, change, message):
    with pytest.raises(PointwiseError) as error:
        PCA(**{"k": 2, "outputCol": "y", **change}).fit(table(spark, pixels(rng, 30, 5)))
    assert message in str(error.value) and "\n" not in str(error.value)


def test_bad_tables_are_one_line(spark, rng, tmp_path):
    data = table(spark, pixels(rng, 30, 5))
    ragged = data.selectExpr("id", "slice(features, 1, 4 + id % 2) AS features")
    with pytest.raises(PointwiseError, match="all must have the same number"):
        PCA(k=2).fit(ragged)
    with pytest.raises(PointwiseError, match="it has no values"):
        PCA(k=2).fit(data.selectExpr("id", "if(id < 0, features, null) AS features"))
    with pytest.raises(PointwiseError, match="neither a folder that PointwiseModel.save wrote nor a weights file"):
        PointwiseModel.load(str(tmp_path / "none"))
    with pytest.raises(Exception, match="a value has 4 channels but the layer reads 5"):
        PCA(k=2, outputCol="y").fit(data).transform(ragged).collect()
    assert data.count() == 30  # the session goes on


def in_thread(call):
    """What a call returns in another thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(call).result()


def test_other_threads(spark, rng, tmp_path):
    data = table(spark, pixels(rng, 50, 5))
    model = in_thread(lambda: PCA(k=2, outputCol="y").fit(data))
    model.save(str(tmp_path / "model"))
    assert in_thread(lambda: PointwiseModel.load(str(tmp_path / "model"))).getK() == 2
    assert in_thread(lambda: pointwise.session()) is spark


class CentredPCA(PCA):
    """An estimator of a user, with the Java class of its base."""


def test_subclasses(spark, rng, tmp_path):
    pca = CentredPCA(k=2, outputCol="y")
    assert pca.fit(table(spark, pixels(rng, 50, 5))).getK() == 2
    pca.save(str(tmp_path / "pca"))
    assert CentredPCA.load(str(tmp_path / "pca")).getK() == 2


def test_bad_calls_are_one_line(spark, rng, tmp_path):
    model = PCA(k=2, outputCol="y").fit(table(spark, pixels(rng, 50, 5)))
    for call in (lambda: PointwiseModel().pc, lambda: PointwiseModel().bias, lambda: PointwiseModel().save(str(tmp_path / "a"))):
        with pytest.raises(PointwiseError) as error:
            call()
        assert "\n" not in str(error.value)
    with pytest.raises(TypeError, match="beyond 32 bits"):
        PCA(k=2**40)
    model.save(str(tmp_path / "model"))
    with pytest.raises(PointwiseError, match="as PCA: it is a PointwiseModel; use PointwiseModel.load"):
        PCA.load(str(tmp_path / "model"))
    PCA(k=2).save(str(tmp_path / "pca"))
    with pytest.raises(PointwiseError, match="as Whiten: it is a PCA; use PCA.load"):
        Whiten.load(str(tmp_path / "pca"))


def test_numbers_beyond_float32_are_infinite(spark):
    data = spark.sql("SELECT array(1F, 2F) AS features UNION ALL SELECT array(3F, 1F)")
    model = PCA(k=1, outputCol="out").fit(data)
    large = spark.sql("SELECT array(1e39D, 2D) AS features")
    assert np.isinf(model.transform(large).first().out).all()
    vectors = spark.createDataFrame([(Vectors.dense([1e39, 2.0]),)], ["features"])
    assert np.isinf(model.transform(vectors).first().out.toArray()).all()


def test_existing_paths_are_one_line(spark, tmp_path):
    data = spark.sql("SELECT array(1F, 2F) AS features UNION ALL SELECT array(3F, 1F)")
    for stage, name in [(PCA(k=1), "estimator"), (PCA(k=1).fit(data), "model")]:
        path = str(tmp_path / name)
        stage.save(path)
        with pytest.raises(PointwiseError, match="Cannot save to %s: it exists; use write" % path):
            stage.save(path)
        stage.write().overwrite().save(path)
