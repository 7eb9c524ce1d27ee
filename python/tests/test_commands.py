"""The commands as functions in a real session, on real arrays, judged by NumPy."""

import json

import numpy as np
import pytest
import zarr

import pointwise
from pointwise import PointwiseError


@pytest.fixture
def data(rng, tmp_path):
    return Data(rng, tmp_path)


class Data:
    """An array as .npy and as Zarr, and a layer."""

    def __init__(self, rng, folder):
        self.folder = folder
        self.x = (rng.normal(size=(6, 20, 24, 8)) @ rng.normal(size=(8, 8)) + np.arange(8)).astype("f4")
        self.w, self.b = rng.normal(size=(3, 8)).astype("f4"), rng.normal(size=3).astype("f4")
        self.npy, self.zarr, self.weights = folder / "x.npy", folder / "x.zarr", folder / "w.npy"
        np.save(self.npy, self.x)
        self.store(self.x)
        np.save(self.weights, self.w)
        np.save(folder / "w.bias.npy", self.b)

    def store(self, values, name="x.zarr"):
        array = zarr.open(str(self.folder / name), mode="w", shape=values.shape, chunks=(2, 16, 16, 8), dtype="f4")
        array[:] = values
        return self.folder / name

    def output(self, name="out"):
        return self.folder / name

    def read(self, name="out", head="features"):
        """The stored values, by zarr-python; by NumPy where it is too old for Zarr v3."""
        return np.asarray(zarr.open(str(self.folder / name / head), mode="r")[:])

    def expected(self, x=None):
        return (self.x if x is None else x) @ self.w.T + self.b


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


V2 = {"format": "zarr2"}  # which every zarr-python reads


def test_reduce_gives_what_numpy_computes(spark, data):
    for name, source, more in [("a", data.zarr, {"axes": "n,y,x,c"}), ("b", str(data.npy), {"axes": ["n", "y", "x", "c"]})]:
        report = pointwise.reduce(spark, source, data.output(name), weights=data.weights, **more, **V2)
        close(data.read(name), data.expected())
        assert report["status"] == "complete" and report["pixels"] == data.x[..., 0].size
        stored = json.loads((data.folder / (name + ".pointwise") / "report.json").read_text("utf-8"))
        assert report == stored
    report = pointwise.reduce(spark, data.npy, data.output("c"), weights=data.weights, axes=("n", "y", "x", "c"), format="npy")
    files = sorted(data.output("c").rglob("*.npy"))
    close(np.concatenate([np.load(f) for f in files]) if len(files) > 1 else np.load(files[0]), data.expected())


def test_options_take_values_of_python(spark, data, rng):
    def reduced(x, name, **more):
        pointwise.reduce(spark, data.zarr, data.output(name), weights=data.weights, axes="n,y,x,c", **V2, **more)
        close(data.read(name), x)

    full = data.expected()
    reduced(full[1:4], "range", images=range(1, 4))
    reduced(full[[0, 2, 3, 5]], "list", images=[0, slice(2, 4), np.int64(5)])
    reduced(full[[0, 2, 4]], "steps", images=range(0, 6, 2))
    reduced(full[[1, 5]], "numbers", images=np.array([1, 5]))
    reduced(full[:, 4:12, 8:], "bbox", bbox=((4, 12), (8, None)))
    reduced(full[:, 4:12, 8:14], "array", bbox=np.array([[4, 12], [8, 14]]))
    reduced(full[:, 4:12, 8:], "slices", bbox=(slice(4, 12), slice(8, None)), chunk={"n": 1, "y": 4}, shard_size="1KiB")
    order = [7, 6, 5, 4, 3, 2, 1, 0]
    reduced(data.expected(data.x[..., order]), "channels", input_channels=order)
    reduced(np.maximum(full, 0), "relu", activation="relu", no_sync=True, compressor="zstd", compression_level=3)
    reduced(full / np.linalg.norm(full, axis=-1, keepdims=True), "unit", normalise="l2", check_past=0)
    reduced(data.expected(data.x * np.float32(0.5) + 2), "scaled", scale=0.5, offset=np.float32(2))
    report = pointwise.reduce(spark, data.zarr, data.output("half"), weights=data.weights, axes="n,y,x,c", dtype=np.float16, **V2)
    assert data.read("half").dtype == np.float16 and report["bytesOut"] > 0
    mask = rng.integers(0, 2, size=data.x.shape[:3]).astype("u1")
    np.save(data.folder / "mask.npy", mask)
    reduced(np.where(mask[..., None] == 0, np.nan, full), "masked", mask=data.folder / "mask.npy")


def test_several_layers_are_arrays_of_one_output(spark, data, rng):
    other = rng.normal(size=(2, 8)).astype("f4")
    np.save(data.folder / "other.npy", other)
    files = {"a": data.weights, "b": str(data.folder / "other.npy")}
    pointwise.reduce(spark, data.zarr, data.output(), weights=files, axes="n,y,x,c", **V2)
    close(data.read(head="a"), data.expected())
    close(data.read(head="b"), data.x @ other.T)
    pointwise.reduce(spark, data.zarr, data.output("list"), weights=list(files.values()), axes="n,y,x,c", **V2)
    close(data.read("list", "other"), data.x @ other.T)
    for weights in (other, [other], {"a": other}):
        with pytest.raises(PointwiseError, match="Cannot use an array of 2 dimensions .* give the path of a file"):
            pointwise.reduce(spark, data.zarr, data.output("numbers"), weights=weights)
    with pytest.raises(PointwiseError, match="Cannot use a value of type ndarray as a path"):
        pointwise.reduce(spark, data.x, data.output("numbers"), weights=data.weights)
    with pytest.raises(PointwiseError, match="head is given twice"):
        pointwise.reduce(spark, data.zarr, data.output("twice"), weights=files, head=files)


def test_plan_and_dry_runs_write_nothing(spark, data):
    before = sorted(data.folder.rglob("*"))
    plan = pointwise.plan(spark, data.zarr, data.output(), weights=data.weights, axes="n,y,x,c")
    assert plan["pixels"] == data.x[..., 0].size and plan["estimate"]
    again = pointwise.reduce(spark, data.zarr, data.output(), weights=data.weights, axes="n,y,x,c", dry_run=True)
    assert again["fingerprint"] == plan["fingerprint"]
    pointwise.fit(spark, data.npy, data.output("w.safetensors"), channels=2, axes="n,y,x,c", dry_run=True)
    assert sorted(data.folder.rglob("*")) == before


def test_append_adds_images_and_overwrite_replaces(spark, data, rng):
    def reduce(**more):
        return pointwise.reduce(spark, data.zarr, data.output(), weights=data.weights, axes="n,y,x,c", **V2, **more)

    data.store(data.x[:4])
    reduce(append=True)
    data.store(data.x)
    reduce(append=True)
    close(data.read(), data.expected())
    new = rng.normal(size=(2, 20, 24, 8)).astype("f4")
    pointwise.reduce(spark, data.store(new, "new.zarr"), data.output(), weights=data.weights, axes="n,y,x,c", append_new=True, **V2)
    close(data.read(), data.expected(np.concatenate([data.x, new])))
    with pytest.raises(PointwiseError, match="overwrite to replace it"):
        reduce(images=[0])
    reduce(images=[0], overwrite=True)
    reduce(images=[0, 1], overwrite="now")
    close(data.read(), data.expected(data.x[:2]))


def test_fit_learns_what_numpy_does(spark, data):
    pixels = data.x.reshape(-1, 8).astype("f8")
    variances = np.linalg.eigvalsh(np.cov(pixels.T, bias=True))[::-1]
    report = pointwise.fit(spark, data.npy, data.output("w.safetensors"), channels=2, axes="n,y,x,c")
    kept = variances[:2].sum() / variances.sum()
    assert float(report["layer"]["explainedVariance"]) == pytest.approx(kept, abs=1e-4)
    pointwise.reduce(spark, data.npy, data.output(), weights=data.output("w.safetensors"), axes="n,y,x,c", **V2)
    np.testing.assert_allclose(data.read().reshape(-1, 2).var(0), variances[:2], rtol=1e-3)
    report = pointwise.reconstruct(spark, data.output(), data.output("back"), decoder=data.output("w.safetensors"), **V2)
    error = ((data.read("back").reshape(-1, 8) - pixels) ** 2).sum() / ((pixels - pixels.mean(0)) ** 2).sum()
    assert error == pytest.approx(1 - kept, abs=1e-3) and report["status"] == "complete"


def test_moments_are_merged(spark, data):
    halves = [data.output("a.safetensors"), data.output("b.safetensors")]
    for half, images in zip(halves, [range(3), range(3, 6)]):
        found = pointwise.moments(spark, data.npy, half, images=images, axes="n,y,x,c")
        assert found["pixels"] == 3 * 20 * 24
    whole = pointwise.fit(spark, data.npy, data.output("whole.safetensors"), axes="n,y,x,c", channels=3)
    merged = pointwise.fit(spark, None, data.output("merged.safetensors"), moments=halves, channels=3)
    assert merged["pixelsUsed"] == data.x[..., 0].size
    assert float(merged["layer"]["explainedVariance"]) == pytest.approx(float(whole["layer"]["explainedVariance"]), abs=1e-6)


def test_evaluate_measures_and_gates(spark, data):
    layers = {}
    for method in ["pca", "select"]:
        layers[method] = data.output(method + ".safetensors")
        pointwise.fit(spark, data.npy, layers[method], method=method, channels=2, test_size=0.5, hold_out_block=8, axes="n,y,x,c")
    page = data.output("page.html")
    report = pointwise.evaluate(spark, data.npy, weights=layers, axes="n,y,x,c", report=page)
    assert report == json.loads(data.output("page.json").read_text("utf-8")) and page.is_file()
    assert {"pca", "select"} <= {row["name"] for row in report["layers"]}
    with pytest.raises(PointwiseError, match="^Below the gate: ") as error:
        pointwise.evaluate(spark, data.npy, weights=layers["pca"], axes="n,y,x,c", fail_below_variance=0.9999)
    assert error.value.report["layers"]


def test_verify_finds_damage(spark, data):
    pointwise.reduce(spark, data.zarr, data.output(), weights=data.weights, axes="n,y,x,c", **V2)
    report = pointwise.verify(spark, data.output(), deep=True, continue_=False)
    assert report["status"] == "whole" and report["comparedPixels"] > 0
    assert pointwise.verify(spark, data.output(), input=data.zarr, weights=data.weights, tiles=0)["status"] == "whole"
    chunk = next(f for f in sorted((data.output() / "features").rglob("*")) if f.is_file() and not f.name.startswith("."))
    chunk.write_bytes(chunk.read_bytes()[:-1])
    with pytest.raises(PointwiseError, match="out is damaged: torn, ") as error:
        pointwise.verify(spark, data.output())
    assert error.value.report["torn"] == 1 and error.value.report["problems"]


def test_inspect_describes_the_array(spark, data):
    found = pointwise.inspect(spark, data.zarr, axes="n,y,x,c")
    assert found["shape"] == dict(zip("nyxc", data.x.shape)) and found["chunk"]["y"] == 16
    assert found["type"] == "float32"


def test_options_describe_keywords(spark):
    found = pointwise.options(spark, "reduce")
    assert found == pointwise.options(spark, "plan")
    assert found["images"].startswith("Images to read") and "append_new" in found
    assert not {"json", "quiet", "runner", "master", "help", "log_level"} & found.keys()
    with pytest.raises(PointwiseError, match="no function demo: expected one of inspect, "):
        pointwise.options(spark, "demo")


@pytest.mark.parametrize(
    "change, message",
    [
        ({"imags": 3}, "reduce has no option imags; did you mean images?"),
        ({"json": True}, "reduce has no option json; pointwise.options(spark, 'reduce') lists them"),
        ({"dtype": "float33"}, "Invalid value for dtype: 'float33' is not one of float32"),
        ({"images": "7:9"}, "7:9"),
        ({"images": []}, "Cannot use an empty list for images; None is the default"),
        ({"images": {1, 2}}, "Cannot use {1, 2} for images: expected "),
        ({"images": True}, "images"),
        ({"append": True, "overwrite": True}, "append and overwrite contradict each other"),
        ({"axes": None}, "name them, for example axes n,y,x,c"),
        ({"weights": None}, "weights"),
        ({"weights": "none.npy"}, "none.npy"),
        ({"input": "none.npy"}, "none.npy"),
        ({"input": "@none"}, "@none"),
        ({"input": "--none"}, "--none"),
        ({"shard_size": 5}, "'5' is not a size; write a number and a unit"),
    ],
)
def test_wrong_calls_are_one_line(spark, data, change, message):
    given = {"input": data.npy, "output": data.output(), "weights": data.weights, "axes": "n,y,x,c", **change}
    with pytest.raises(PointwiseError) as error:
        pointwise.reduce(spark, **given)
    text = str(error.value)
    assert message in text and "\n" not in text and "Exception" not in text.replace("FileNotFoundException", "")
    assert error.value.report is None and not data.output().exists()
    assert spark.range(3).count() == 3
