"""Arrays as tables, judged by NumPy and zarr-python."""

import numpy as np
import pytest
import zarr

import pointwise
from pointwise import PointwiseError

AXES = ("n", "y", "x", "c")


@pytest.fixture
def data(rng, tmp_path):
    return Data(rng, tmp_path)


class Data:
    """An array as Zarr and as .npy, with labels and a mask."""

    def __init__(self, rng, folder):
        self.folder, self.rng = folder, rng
        shape = tuple(int(rng.integers(low, high)) for low, high in [(3, 7), (5, 20), (5, 20), (4, 9)])
        self.zarr, self.npy = folder / "x.zarr", folder / "x.npy"
        array = zarr.open(str(self.zarr), mode="w", shape=shape, chunks=(1, 8, 8, shape[3]), dtype="f4")
        array[:] = rng.normal(size=shape)
        self.x = np.asarray(zarr.open(str(self.zarr), mode="r")[:])
        np.save(self.npy, self.x)
        self.labels = rng.integers(0, 4, size=shape[:3]).astype("i4")
        np.save(folder / "labels.npy", self.labels)
        self.mask = rng.integers(0, 2, size=shape[:3]).astype("u1")
        np.save(folder / "mask.npy", self.mask)


def pixels(table, *columns):
    """A table as a dict of n, y, x and the features, or some columns."""
    return {(row.n, row.y, row.x): tuple(row[c] for c in columns) if columns else row.features for row in table.collect()}


def assert_pixels(table, x, at=None):
    """Asserts that a table has the pixels of an array, all or those for which a mask is not 0."""
    found = pixels(table)
    wanted = list(np.argwhere(np.ones(x.shape[:3]) if at is None else at))
    assert set(found) == set(map(tuple, wanted))
    np.testing.assert_allclose([found[tuple(p)] for p in wanted], [x[tuple(p)] for p in wanted], rtol=1e-6)


def test_values_are_those_of_the_array(spark, data):
    for path in (data.zarr, str(data.zarr), data.npy):
        assert_pixels(pointwise.read_features(spark, path, axes=AXES), data.x)
    table = pointwise.read_features(spark, data.zarr, axes=AXES).where("n = 1 AND y < 3")
    assert table.count() == 3 * data.x.shape[2]
    mean = table.selectExpr("avg(features[2])").first()[0]
    assert mean == pytest.approx(data.x[1, :3, :, 2].mean(dtype="f8"), rel=1e-5, abs=1e-7)


def test_options_take_values_of_python(spark, data):
    def read(**options):
        return pointwise.read_features(spark, data.zarr, axes="n,y,x,c", **options)

    assert_pixels(read(images=range(1, 3)), data.x[1:3])
    assert_pixels(read(images=[0, slice(2, 3)]), data.x[[0, 2]])
    assert_pixels(read(images=[1, np.int64(2)]), data.x[[1, 2]])
    assert_pixels(read(images=range(0, 3, 2)), data.x[[0, 2]])
    assert_pixels(read(images=2), data.x[[2]])
    assert_pixels(read(bbox=((1, 4), (2, None))), data.x[:, 1:4, 2:])
    assert_pixels(read(bbox=(slice(1, 4), slice(None, 3))), data.x[:, 1:4, :3])
    assert_pixels(read(input_channels=[3, 0]), data.x[..., [3, 0]])
    assert_pixels(read(input_channels=np.array([2, 1])), data.x[..., [2, 1]])
    assert_pixels(read(scale=0.5, offset=np.float32(2)), data.x * np.float32(0.5) + 2)
    assert_pixels(read(mask=data.folder / "mask.npy"), data.x, data.mask)
    scales = data.rng.normal(size=data.x.shape[3])
    np.save(data.folder / "scale.npy", scales)
    assert_pixels(read(scale=data.folder / "scale.npy"), data.x * scales)
    kept = pixels(read(mask=data.folder / "mask.npy", nodata="keep"))
    assert {p for p, features in kept.items() if features is None} == set(map(tuple, np.argwhere(data.mask == 0)))
    assert_pixels(read(nodata=None, rows=False, missing_chunks="fill"), data.x)


def test_nodata_and_labels(spark, data):
    x = data.x.copy()
    empty = data.rng.random(x.shape[:3]) < 0.3
    x[empty] = np.nan
    np.save(data.npy, x)
    assert_pixels(pointwise.read_features(spark, data.npy, axes=AXES, nodata_value=np.nan), x, ~empty)
    table = pointwise.read_features(spark, data.zarr, axes=AXES, labels=data.folder / "labels.npy", label_axes=("n", "y", "x"), ignore_label=3)
    found = pixels(table, "label")
    for p in np.ndindex(data.labels.shape):
        assert found[p] == (None if data.labels[p] == 3 else data.labels[p],)


def test_tiles_are_tensors(spark, data):
    seen = np.zeros(data.x.shape[:3], bool)
    for row in pointwise.read_features(spark, data.zarr, axes=AXES, rows="tiles").collect():
        tensor = np.frombuffer(row.tensor, "<f4").reshape(row.height, row.width, row.channels)
        part = (row.n, slice(row.y, row.y + row.height), slice(row.x, row.x + row.width))
        np.testing.assert_array_equal(tensor, data.x[part])
        assert not seen[part].any()
        seen[part] = True
    assert seen.all()


def test_columns_of_parquet(spark, data):
    values = data.x[0, 0]
    rows = [(int(i), {"vector": [float(v) for v in row]}) for i, row in enumerate(values)]
    path = data.folder / "table.parquet"
    spark.createDataFrame(rows, "id INT, a STRUCT<vector: ARRAY<FLOAT>>").coalesce(1).write.parquet(str(path))
    table = pointwise.read_features(spark, path, column="a.vector")
    np.testing.assert_array_equal([row.features for row in table.orderBy("x").collect()], values)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"imags": 3}, "read_features has no option imags; did you mean images?"),
        ({"nodataValue": 3}, "read_features has no option nodataValue; did you mean nodata_value?"),
        ({"zzz": 3}, "read_features has no option zzz; its options are rows, column, axes, "),
        ({"images": []}, "Cannot use an empty list for images; None is the default"),
        ({"images": True}, "Cannot use True for images"),
        ({"images": "7:99"}, "7:99"),
        ({"rows": "lines"}, "Cannot use option rows 'lines': it is none of pixels, tiles"),
        ({"nodata": 0}, "the stored number that marks nodata is option nodata_value"),
        ({"ignore_label": 0}, "Cannot use option ignore_label without labels"),
        ({"axes": None}, "option axes n,y,x,c"),
        ({"path": "none.npy"}, "none.npy"),
    ],
)
def test_wrong_calls_are_one_line(spark, data, change, message):
    with pytest.raises(PointwiseError) as error:
        pointwise.read_features(spark, **{"path": data.npy, "axes": AXES, **change})
    assert message in str(error.value) and "\n" not in str(error.value)
    assert spark.range(3).count() == 3
