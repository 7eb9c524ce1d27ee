"""Draws arrays and queries, and the rows that NumPy finds for them: the cases of TableDifferentialTest.

    tables.py make FOLDER SEED COUNT   writes FOLDER/N/case.json and the arrays that it names

zarr-python, NumPy and PyArrow write the arrays. Conditions are evaluated with the three truth values of SQL.
"""
import json
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zarr
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

STORED = ("zarr2", "zarr3", "sharded", "npy", "folder", "mixed", "parquet")
FOLDERS = ("folder", "mixed", "parquet")  # of one file per image
MICROS = np.dtype("M8[us]")


def text(numbers):
    return ",".join(str(n) for n in numbers)


def bits(floats):
    """float32 numbers as Java's floatToIntBits, in which all NaN are one."""
    return np.where(np.isnan(floats), np.float32("nan"), floats).astype("<f4").view("<i4")


class Column:
    """A column over all pixels of the part that is read: its values, where they are null, and their SQL."""

    def __init__(self, values, nulls=None):
        self.values = values
        self.nulls = np.zeros(len(values), bool) if nulls is None else nulls

    def literal(self, value):
        kind = self.values.dtype.kind
        if kind == "M":
            return "timestamp_ntz'%s'" % np.datetime_as_string(value, "us").replace("T", " ")
        if kind in "UT":
            return "'%s'" % value
        if kind == "f":
            return "%rD" % float(value) if value.dtype == np.float64 else "CAST('%s' AS FLOAT)" % value
        return str(int(value))

    def compare(self, operator, value):
        """Spark's order, in which NaN is greater than all numbers."""
        found = self.values
        nan = np.isnan(found) if found.dtype.kind == "f" else np.zeros(len(found), bool)
        return {
            "=": lambda: found == value,
            "<": lambda: found < value,
            "<=": lambda: found <= value,
            ">": lambda: (found > value) | nan,
            ">=": lambda: (found >= value) | nan,
        }[operator]()

    def field(self, i):
        if self.nulls[i]:
            return "null"
        value = self.values[i]
        kind = self.values.dtype.kind
        if kind == "M":
            return str(value.astype(MICROS).astype("i8"))
        if kind == "f":
            return str(bits(value) if value.dtype == np.float32 else np.float64(value).view("i8"))
        return str(value)


class Case:
    def __init__(self, rng, folder):
        self.rng, self.folder, self.options = rng, folder, {}
        self.stored = str(rng.choice(STORED))
        self.zarr = self.stored in STORED[:3]
        self.axes = list(rng.permutation(list("nyxc")))
        if self.stored in FOLDERS:
            self.axes.remove("n")
        self.shape = tuple(int(rng.integers(1, rng.choice(most))) for most in ((5,), (20, 45), (20, 45), (6, 6, 40)))
        self.dtype = np.dtype(str(rng.choice(("<f4", "<f4", ">f4", "<f2", "<f8", "<i2", ">u2", "|u1"))))
        if self.stored == "parquet":
            self.shape = (self.shape[0], 1, self.shape[1] * self.shape[2], self.shape[3])
            self.dtype = np.dtype(str(rng.choice(("<f4", "<f8"))))
        self.draw_values()
        self.draw_chunks()
        self.path = self.write()
        self.draw_part()
        self.draw_scale()
        self.draw_mask()
        self.coordinates = self.draw_coordinates() if self.zarr else {}
        self.labels = self.draw_labels() if self.stored not in ("mixed", "parquet") and rng.random() < 0.5 else None
        self.keep = rng.random() < 0.5
        if self.keep or rng.random() < 0.5:
            self.options["nodata"] = "keep" if self.keep else "DROP"
        self.find_pixels()

    def draw_values(self):
        rng = self.rng
        if self.dtype.kind == "f":
            self.values = rng.normal(0, 3, self.shape).astype(self.dtype)
        else:
            self.values = rng.integers(1, 200, self.shape).astype(self.dtype)
        kind = str(rng.choice(("", "none", "nan", "number", "attribute")))
        if kind == "attribute" and not self.zarr or kind == "nan" and self.dtype.kind != "f":
            kind = "number"
        marker = 255 if self.dtype.kind == "u" else -512
        self.marker = {"nan": np.nan, "number": marker, "attribute": marker}.get(kind)
        self.attribute = marker if kind == "attribute" else None
        if kind in ("none", "nan"):
            self.options["nodataValue"] = kind
        elif kind == "number":
            self.options["nodataValue"] = str(marker)
        hidden = rng.random(self.shape[:3]) < rng.choice((0.9, 0.05, 0.01))
        for pixel in np.argwhere(hidden):
            if self.marker is not None:
                self.values[tuple(pixel)][rng.integers(self.shape[3])] = self.marker
        self.sizes = [self.shape[1:3]] * self.shape[0]
        self.nulls = np.zeros(self.shape[:3], bool)
        if self.stored == "parquet":
            self.nulls = rng.random(self.shape[:3]) < rng.choice((0.0, 0.1, 0.9))
            self.sizes = [(1, int(rng.integers(1, self.shape[2] + 1))) for _ in self.sizes]
            self.nulls[:, 0, 0] &= ~np.all(self.nulls, axis=(1, 2))  # one vector gives the number of channels
            self.nulls[0, 0, 0] = False
        if self.stored == "mixed":
            self.sizes = [tuple(int(rng.integers(1, side + 1)) for side in self.shape[1:3]) for _ in self.sizes]
            tall, wide = max(s[0] for s in self.sizes), max(s[1] for s in self.sizes)
            self.values = self.values[:, :tall, :wide]
            self.shape = self.values.shape

    def draw_chunks(self):
        whole = self.rng.random() < 0.7
        self.chunk = [int(self.rng.integers(1, self.rng.choice(most))) for most in ((4,), (10, 40), (10, 40))]
        self.chunk.append(self.shape[3] if whole else int(self.rng.integers(1, self.shape[3] + 1)))
        self.lost = np.zeros(self.shape[:3], bool)  # pixels of chunks that are not stored

    def ordered(self, numbers):
        """Numbers per pixel or per channel, in the order of the stored axes."""
        order = [a for a in self.axes if numbers.ndim == 4 or a != "c"]
        return np.ascontiguousarray(numbers.transpose(["nyxc".index(a) for a in order]))

    def write(self):
        if self.zarr:
            return self.write_zarr()
        if self.stored == "npy":
            np.save(self.folder / "a.npy", self.ordered(self.values))
            self.options["AXES"] = ",".join(self.axes)
            return str(self.folder / "a.npy")
        if self.stored == "parquet":
            return self.write_tables()
        images = self.folder / "images"
        images.mkdir()
        for i, (tall, wide) in enumerate(self.sizes):
            image = self.values[i, :tall, :wide].transpose(["yxc".index(a) for a in self.axes])
            np.save(images / ("image%02d.npy" % i), np.ascontiguousarray(image))
        self.options["axes"] = ",".join(self.axes)
        return str(images)

    def write_tables(self):
        rng = self.rng
        table = self.folder / "table.parquet"
        table.mkdir()
        two = rng.random() < 0.5
        fixed = rng.random() < 0.5
        kind = pa.from_numpy_dtype(self.dtype)
        kind = pa.list_(kind, self.shape[3]) if fixed else pa.list_(kind)
        for i, (_, rows) in enumerate(self.sizes):
            vectors = [None if null else list(v) for v, null in zip(self.values[i, 0, :rows], self.nulls[i, 0, :rows])]
            columns = {"id": pa.array(range(rows)), "v": pa.array(vectors, kind)}
            if two:
                columns["other"] = pa.array([[1.0]] * rows, pa.list_(pa.float32()))
            pq.write_table(
                pa.table(columns),
                table / ("part%02d.parquet" % i),
                row_group_size=int(rng.integers(1, rows + 1)),
                compression=str(rng.choice(("none", "snappy", "zstd"))),
                use_dictionary=bool(rng.random() < 0.5),
            )
        if two and rng.random() < 0.5:
            return str(table) + "#v"
        if two or rng.random() < 0.5:
            self.options["column"] = "v"
        return str(table)

    def write_zarr(self):
        rng = self.rng
        version = 2 if self.stored == "zarr2" else 3
        self.group = zarr.open_group(self.folder / "a.zarr", mode="w", zarr_format=version)
        chunk = [self.chunk["nyxc".index(a)] for a in self.axes]
        more = {"dimension_names": self.axes} if version == 3 else {"order": str(rng.choice(("C", "F")))}
        if self.stored == "sharded":
            more["shards"] = [int(rng.integers(1, 4)) * length for length in chunk]
        if version == 3:
            choices = [None, ZstdCodec(), GzipCodec(), BloscCodec(typesize=self.dtype.itemsize)]
            more["compressors"] = choices[rng.integers(len(choices))]
        array = self.group.create_array(
            "data",
            shape=[self.shape["nyxc".index(a)] for a in self.axes],
            chunks=chunk,
            dtype=self.dtype,
            fill_value=0,
            config={"write_empty_chunks": True},
            **more,
        )
        if version == 2:
            array.attrs["_ARRAY_DIMENSIONS"] = self.axes
        if self.attribute is not None:
            array.attrs["_FillValue"] = self.attribute
        array[...] = self.ordered(self.values)
        if self.stored != "sharded" and rng.random() < 0.3:
            self.lose_chunk(version, chunk)
        return str(self.folder / "a.zarr/data")

    def lose_chunk(self, version, chunk):
        """Deletes a stored chunk: its numbers are 0, or nodata if the option says so."""
        place = [int(self.rng.integers(-(-self.shape["nyxc".index(a)] // c))) for a, c in zip(self.axes, chunk)]
        name = "/".join(["c", *map(str, place)]) if version == 3 else ".".join(map(str, place))
        (self.folder / "a.zarr/data" / name).unlink()
        box = {a: slice(p * c, (p + 1) * c) for a, p, c in zip(self.axes, place, chunk)}
        self.values[tuple(box[a] for a in "nyxc")] = 0
        if self.rng.random() < 0.7:
            self.options["missingChunks"] = "nodata"
            if box["c"] == slice(0, self.shape[3]):
                self.lost[tuple(box[a] for a in "nyx")] = True
            else:
                self.options["missingChunks"] = "fill"

    def draw_part(self):
        rng, (n, y, x, c) = self.rng, self.shape
        self.images, self.channels = list(range(n)), list(range(c))
        self.y0, self.x0 = 0, 0
        self.y1, self.x1 = y, x
        if rng.random() < 0.3:
            self.images = [int(i) for i in rng.permutation(n)[: rng.integers(1, n + 1)]]
            self.options["images"] = text(self.images)
        if rng.random() < 0.3 and self.stored not in ("mixed", "parquet"):
            self.y0, self.x0 = int(rng.integers(y)), int(rng.integers(x))
            self.y1, self.x1 = int(rng.integers(self.y0, y)) + 1, int(rng.integers(self.x0, x)) + 1
            self.options["bbox"] = "%d:%d,%d:%d" % (self.y0, self.y1, self.x0, self.x1)
        if rng.random() < 0.3:
            self.channels = [int(i) for i in rng.permutation(c)[: rng.integers(1, c + 1)]]
            self.options["inputChannels"] = text(self.channels)

    def draw_scale(self):
        """Factors for which float32 and float64 give the same numbers."""
        self.scale, self.offset = 1.0, 0.0
        if self.dtype.kind != "f" and self.rng.random() < 0.4:
            self.scale, self.offset = 0.5, 3.0
            self.options.update(scale="0.5", offset="3")

    def draw_mask(self):
        self.masked = np.zeros(self.shape[:3], bool)
        if self.stored in FOLDERS or self.rng.random() < 0.75:
            return
        self.masked = self.rng.random(self.shape[:3]) < 0.4
        np.save(self.folder / "mask.npy", self.ordered((~self.masked).astype("u1")))
        self.options["mask"] = str(self.folder / "mask.npy")

    def draw_labels(self):
        labels = self.rng.integers(-1, 4, self.shape[:3])
        if self.rng.random() < 0.5:
            np.save(self.folder / "labels.npy", labels.astype(str(self.rng.choice(("<i4", "<i8", "|i1", "<f4")))))
            self.options.update(labels=str(self.folder / "labels.npy"), labelAxes="n,y,x")
        else:
            group = zarr.open_group(self.folder / "labels.zarr", mode="w", zarr_format=3)
            chunk = [int(self.rng.integers(1, length + 1)) for length in labels.shape]
            array = group.create_array(
                "l", shape=labels.shape, chunks=chunk, dtype="i4", dimension_names=list("nyx"))
            array[...] = labels
            self.options["labels"] = str(self.folder / "labels.zarr/l")
        self.ignored = self.rng.random() < 0.7
        if self.ignored:
            self.options["ignoreLabel"] = "-1"
        return labels

    def draw_coordinates(self):
        coordinates = {}
        for axis, length in zip("nyx", self.shape):
            if self.rng.random() < 0.5:
                coordinates[axis] = values = self.draw_coordinate(length)
                named = {"dimension_names": [axis]} if self.stored != "zarr2" else {}
                array = self.group.create_array(axis, shape=values.shape, dtype=values.dtype, **named)
                if not named:
                    array.attrs["_ARRAY_DIMENSIONS"] = [axis]
                array[...] = values
        return coordinates

    def draw_coordinate(self, length):
        rng = self.rng
        kind = str(rng.choice(("f8", "f4", "i8", "i2", "u8", "M8[D]", "M8[ns]", "M8[h]", "M8[s]", "U")))
        if kind == "U":
            return rng.choice(("a", "b", "ab", "Zü", "点", ""), length).astype("<U4")
        if kind[0] == "M":
            days = np.datetime64("2026-11-01") + rng.integers(0, 5, length)
            found = days.astype("M8[us]") + rng.integers(0, 2, length) * np.timedelta64(12, "h")
            return np.where(rng.random(length) < 0.2, np.datetime64("NaT"), found).astype(kind)
        if kind[0] == "f":
            found = rng.integers(-4, 5, length) / 3
            return np.where(rng.random(length) < 0.1, np.nan, found).astype(kind)
        return rng.integers(0, 6, length).astype(kind)

    def find_pixels(self):
        """The table: its columns over all pixels of the part, and which of these are nodata."""
        index = []
        for n, image in enumerate(self.images):
            tall, wide = self.sizes[image]
            y, x = np.mgrid[: min(tall, self.y1) - self.y0, : min(wide, self.x1) - self.x0].reshape(2, -1)
            index.append(np.stack([np.full(len(y), n), y, x]))
        n, y, x = np.concatenate(index, 1)
        at = (np.array(self.images)[n], y + self.y0, x + self.x0)
        stored = self.values[at][:, self.channels]
        self.nodata = self.masked[at] | self.lost[at] | self.nulls[at]
        if self.marker is not None:
            marked = np.isnan(stored) if np.isnan(self.marker) else stored == self.marker
            self.nodata |= marked.any(1)
        self.features = (stored.astype("f8") * self.scale + self.offset).astype("f4")
        self.columns = {"n": Column(n), "y": Column(y), "x": Column(x)}
        for axis, values in self.coordinates.items():
            found = values[at["nyx".index(axis)]]
            if found.dtype.kind == "M":
                found = found.astype(MICROS)
            self.columns["coord_" + axis] = Column(found, np.isnat(found) if found.dtype.kind == "M" else None)
        if self.labels is not None:
            labels = self.labels[at]
            self.columns["label"] = Column(labels, (labels == -1) & self.ignored)

    # Conditions: their SQL, where they are true, and where they are unknown.

    def condition(self, depth):
        rng = self.rng
        if depth > 0 and rng.random() < 0.7:
            return self.combined(depth)
        if rng.random() < 0.1:
            level = np.float32(np.round(rng.normal(), 2))
            first = Column(self.features[:, 0], self.nodata)
            return "features[0] < %s" % first.literal(level), first.compare("<", level) & ~first.nulls, first.nulls
        if rng.random() < 0.2:
            return self.scattered(str(rng.choice(list("yx"))))
        name = str(rng.choice(list(self.columns)))
        column = self.columns[name]
        kind = rng.integers(6)
        some = [self.value(column) for _ in range(int(rng.choice((1, 2, 4))))]
        if kind == 0:
            null = rng.random() < 0.5
            true = column.nulls if null else ~column.nulls
            return "%s IS %sNULL" % (name, "" if null else "NOT "), true, np.zeros(len(true), bool)
        if kind == 1:
            true = np.any([column.compare("=", value) for value in some], 0)
            sql = "%s IN (%s)" % (name, ", ".join(column.literal(value) for value in some))
        elif kind == 2:
            low, high = some[0], some[-1]
            true = column.compare(">=", low) & column.compare("<=", high)
            sql = "%s BETWEEN %s AND %s" % (name, column.literal(low), column.literal(high))
        else:
            operator = str(rng.choice(("=", "<", "<=", ">", ">=")))
            true = column.compare(operator, some[0])
            sql = "%s %s %s" % (name, operator, column.literal(some[0]))
        return sql, true & ~column.nulls, column.nulls

    def scattered(self, axis):
        """Half of the rows or columns, as a list."""
        chosen = [i for i in range(50) if self.rng.random() < 0.5]
        true = np.isin(self.columns[axis].values, chosen)
        return "%s IN (%s)" % (axis, text(chosen)), true, np.zeros(len(true), bool)

    def value(self, column):
        """A value of a column, or a number beside the values."""
        found = column.values[~column.nulls]
        if found.dtype.kind == "f":
            found = found[~np.isnan(found)]
        if not len(found):
            one = column.values.dtype.type
            return one("2026-11-02") if column.values.dtype.kind == "M" else one(0)
        value = found[self.rng.integers(len(found))]
        if found.dtype.kind in "iu" and self.rng.random() < 0.3:
            value = value + found.dtype.type(1)
        return value

    def combined(self, depth):
        one, true, unknown = self.condition(depth - 1)
        if self.rng.random() < 0.4:
            return "NOT (%s)" % one, ~true & ~unknown, unknown
        other, also, doubtful = self.condition(depth - 1)
        if self.rng.random() < 0.5:
            false = ~true & ~unknown | ~also & ~doubtful
            return "(%s AND %s)" % (one, other), true & also, ~(true & also) & ~false
        either = true | also
        return "(%s OR %s)" % (one, other), either, (unknown | doubtful) & ~either

    def query(self, columns, where):
        kept = np.ones(len(self.nodata), bool) if self.keep else ~self.nodata
        for _, true, _ in where:
            kept = kept & true
        rows = ["|".join(self.field(name, i) for name in columns) for i in np.flatnonzero(kept)]
        return {"columns": columns, "where": [sql for sql, _, _ in where], "rows": rows}

    def field(self, name, i):
        if name == "features":
            return "null" if self.nodata[i] else text(bits(self.features[i]))
        return self.columns[name].field(i)

    def queries(self):
        rng, names = self.rng, [*self.columns, "features"]
        yield self.query(names, [])
        for depth in (0, 0, 1, 2, 2):
            some = list(rng.permutation(names)[: rng.integers(1, len(names) + 1)])
            yield self.query(some, [self.condition(depth) for _ in range(int(rng.integers(1, 3)))])

    def tiles(self):
        """The pixels of all tiles, in the order of the rows of pixels; null if they have labels."""
        if self.labels is not None:
            return None
        hidden = np.where(self.nodata[:, None], np.float32("nan"), self.features)
        pixels = ["|".join(self.columns[a].field(i) for a in "nyx") for i in range(len(hidden))]
        return {"pixels": pixels, "features": [text(bits(f)) for f in hidden], "nodata": self.nodata.tolist()}

    def written(self):
        return {
            "path": self.path,
            "stored": "%s %s %s" % (self.stored, self.shape, self.dtype),
            "options": self.options,
            "columns": [*self.columns, "features"],
            "channels": len(self.channels),
            "queries": list(self.queries()),
            "tiles": self.tiles(),
        }


def make(folder, seed, count):
    for number in range(count):
        place = folder / str(number)
        place.mkdir(parents=True)
        case = Case(np.random.default_rng([seed, number]), place)
        (place / "case.json").write_text(json.dumps(case.written(), default=str), encoding="utf-8")


make(pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
