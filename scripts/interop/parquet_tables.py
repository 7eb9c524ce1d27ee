"""Writes tables with PyArrow and compares reduced tables with NumPy. Imports nothing of Pointwise.

Reads one JSON object a line and answers with one line each:

  {"action": "make", "folder": F, "seed": S}
      draws a table and weights in F; answers with the paths, the arguments and what was drawn
  {"action": "check", "case": answer of make, "output": O}
      compares each file of O with that of the table: vectors with NumPy, everything else exactly;
      answers with the number of files, rows and null rows
"""

import base64
import datetime
import decimal
import json
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from peer import serve

OUT = 3


def others(rows, random):
    """Columns that a reduction must not change, of random kinds."""
    text = [i % 10 and "a%d" % (i % 7) or None for i in range(1, rows + 1)]
    whole = [int(i) for i in random.integers(-5, 5, rows)]
    made = {
        "id": pa.array(["row %d" % i for i in range(rows)]),
        "kind": pa.array(text).dictionary_encode(),
        "time": pa.array(np.arange(rows) * 10**9, pa.timestamp("ns", tz="Europe/Berlin")),
        "day": pa.array([datetime.date(2020, 1, 1 + i % 28) for i in range(rows)]),
        "price": pa.array([decimal.Decimal(i) / 100 for i in whole], pa.decimal128(10, 2)),
        "geometry": pa.array([bytes([i % 256]) * (i % 4) for i in range(rows)]),
        "flag": pa.array([i > 0 for i in whole]),
        "byte": pa.array(whole, pa.int8()),
        "half": pa.array(np.array(whole, "f2")),
        "nothing": pa.nulls(rows),
        "place": pa.array([{"x": i, "y": {"z": None if i < 0 else "z"}} for i in whole]),
        "tags": pa.array([None if i < -3 else ["t"] * (i + 3) for i in whole]),
        "counts": pa.array([[("k", i)] for i in whole], pa.map_(pa.string(), pa.int64())),
        "matrix": pa.array([[[1.0, 2.0], [float(i)]] for i in whole]),
        "element": pa.array(np.array(whole, "f4")),
    }
    names = list(made)
    random.shuffle(names)
    return {name: made[name] for name in names[: random.integers(0, len(names) + 1)]}


def vectors(drawn, rows, random):
    """The numbers of a file, [row][channel], with NaN, and which rows are null."""
    numbers = random.normal(size=(rows, drawn["channels"])).astype(drawn["type"])
    if drawn["repeated"]:
        numbers = np.round(numbers)
    if drawn["nan"]:
        numbers[random.random(rows) < 0.1] = np.nan
        numbers[random.random(numbers.shape) < 0.02] = np.nan
    null = random.random(rows) < drawn["nulls"]
    return numbers, null


def column(drawn, numbers, null, random):
    """The numbers as a column, in structures if so drawn; null rows are null at any level."""
    element = pa.field("element", getattr(pa, drawn["type"])(), drawn["nullable"])
    kind = {
        "list": lambda: pa.list_(element),
        "large": lambda: pa.large_list(element),
        "fixed": lambda: pa.list_(element, drawn["channels"]),
    }[drawn["layout"]]()
    rows = [None if hidden else row.tolist() for hidden, row in zip(null, numbers)]
    if drawn["bad"] == "ragged":
        rows[drawn["row"]] = rows[drawn["row"]][1:]
    if drawn["bad"] == "element":
        rows[drawn["row"]][-1] = None
    field = pa.field("embedding", kind, nullable=drawn["nulls"] > 0, metadata=drawn["field"])
    levels = random.integers(0, drawn["depth"] + 1, len(rows))
    for depth in range(drawn["depth"]):
        name = field.name
        rows = [
            None if row is None and level > depth else {name: row, **drawn["beside"]}
            for row, level in zip(rows, levels)
        ]
        # PyArrow takes the nulls of a structure from a field that is no list, if there is one.
        beside = [pa.field(n, pa.int32()) for n in drawn["beside"]]
        field = pa.field("s%d" % depth, pa.struct([field, *beside]))
    return field, pa.array(rows, field.type)


def keys(drawn, schema, random):
    """The metadata of a file."""
    drawn_keys = dict(schema.metadata or {})
    if random.random() < 0.5:
        drawn_keys[b"geo"] = b'{"version": "1.1.0", "columns": {}}'
    if random.random() < 0.5:
        drawn_keys[b"\xc3\xa4"] = b"\xc3\xb6" * 3
    if random.random() < 0.5 and drawn["layout"] == "fixed" and not drawn["depth"]:
        feature = {
            "feature": {"dtype": drawn["type"], "_type": "Value"},
            "length": drawn["channels"],
            "_type": "List",
        }
        features = {"embedding": feature, "id": {"dtype": "string", "_type": "Value"}}
        drawn_keys[b"huggingface"] = json.dumps({"info": {"features": features}}).encode()
    if random.random() < 0.5 and not drawn["depth"]:
        array = {"type": "array", "elementType": drawn["type"].replace("float32", "float"),
                 "containsNull": True}
        array["elementType"] = array["elementType"].replace("float64", "double")
        fields = [{"name": "embedding", "type": array, "nullable": True, "metadata": {}}]
        drawn_keys[b"org.apache.spark.sql.parquet.row.metadata"] = json.dumps(
            {"type": "struct", "fields": fields}).encode()
    return drawn_keys


def write(path, drawn, rows, random):
    """Writes a file."""
    numbers, null = vectors(drawn, rows, random)
    null[drawn["row"]] = False
    if drawn["bad"]:
        null[0] = False
    field, array = column(drawn, numbers, null, random)
    columns = others(rows, random)
    names = list(columns)
    at = random.integers(0, len(names) + 1)
    arrays = [columns[name] for name in names]
    arrays.insert(at, array)
    fields = [pa.field(name, columns[name].type) for name in names]
    fields.insert(at, field)
    if drawn["two"]:
        fields.append(pa.field("other", pa.list_(pa.float32())))
        arrays.append(pa.array([[1.0] * 2] * rows, pa.list_(pa.float32())))
    schema = pa.schema(fields)
    schema = schema.with_metadata(keys(drawn, schema, random))
    options = {
        "row_group_size": int(random.integers(1, rows + 2)),
        "compression": drawn["codec"],
        "data_page_version": random.choice(["1.0", "2.0"]),
        "data_page_size": int(random.choice([64, 1000, 1 << 20])),
        "write_page_index": bool(random.random() < 0.5),
        "write_page_checksum": bool(random.random() < 0.5),
        "write_statistics": bool(random.random() < 0.8),
        "store_schema": bool(random.random() < 0.8),
        "use_compliant_nested_type": bool(random.random() < 0.7),
        "use_dictionary": bool(random.random() < 0.5),
    }
    if not options["use_dictionary"] and random.random() < 0.5:
        leaf = ".".join(["s%d" % i for i in reversed(range(drawn["depth"]))] + ["embedding.list.element"])
        options["column_encoding"] = {leaf: "BYTE_STREAM_SPLIT"}
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, **options)


def make(request):
    random = np.random.default_rng(request["seed"])
    drawn = {
        "channels": int(random.choice([1, 2, 5, 16, 100])),
        "type": str(random.choice(["float32", "float64"])),
        "layout": str(random.choice(["list", "large", "fixed"])),
        "depth": int(random.choice([0, 0, 0, 1, 2])),
        "nulls": float(random.choice([0, 0, 0.2, 0.9])),
        "nullable": bool(random.random() < 0.8),
        "nan": bool(random.random() < 0.3),
        "repeated": bool(random.random() < 0.3),
        "two": bool(random.random() < 0.3),
        "codec": str(random.choice(["none", "snappy", "gzip", "zstd", "lz4"])),
        "field": {} if random.random() < 0.5 else {"unit": "m"},
        "beside": {} if random.random() < 0.6 else {"n": 1},
        "bad": "",
        "row": 0,
    }
    if random.random() < 0.1 and drawn["channels"] > 1:
        drawn["bad"] = str(random.choice(["ragged", "element"]))
        drawn["layout"] = "list"
        drawn["nullable"] = True
    place = str(random.choice(["file", "folder", "partitions", "plain"]))
    table = request["folder"] + "/" + (place == "plain" and "plain" or "in.parquet")
    files = place == "file" and [""] or ["/part-%d.parquet" % i for i in range(random.integers(1, 5))]
    if place == "partitions":
        files = ["/year=%d%s" % (i % 2, name) for i, name in enumerate(files)]
    for number, name in enumerate(files):
        rows = int(random.integers(1, 4)) if random.random() < 0.2 else int(random.integers(2, 400))
        file = dict(drawn)
        if number == len(files) - 1 and drawn["bad"]:
            file["row"] = rows - 1
            rows += file["row"] == 0
            file["row"] = rows - 1
        else:
            file["bad"] = ""
        write(table + name, file, rows, random)
    if place != "file" and random.random() < 0.5:
        for name in ("_SUCCESS", ".part-0.parquet.crc", "_metadata"):
            open(table + "/" + name, "wb").close()
    weights = random.normal(size=(OUT, drawn["channels"])).astype("f4")
    np.save(request["folder"] + "/weights.npy", weights)
    name = ".".join(["s%d" % i for i in reversed(range(drawn["depth"]))] + ["embedding"])
    dtype = str(random.choice(["", "float32", "float64"]))
    args = dtype and ["--dtype", dtype] or []
    nodata = bool(drawn["nan"] and random.random() < 0.5)
    args += nodata and ["--nodata", "nan"] or []
    if drawn["two"] or place == "plain" or random.random() < 0.5:
        args += ["--column", name]
    return {
        "table": table, "files": files, "weights": request["folder"] + "/weights.npy",
        "args": args, "name": name, "drawn": drawn, "out": dtype or "float32",
        "nodata": nodata, "bad": drawn["bad"], "place": place, "seed": request["seed"],
    }


def unpacked(table, name):
    """The vectors of a column, and at which level each row is null."""
    rows = table.to_pylist()
    found = []
    for row in rows:
        value, level = row, 0
        for part in name.split("."):
            if value is not None:
                value, level = value[part], level + 1
        found.append((value, level))
    return found


def replaced(kind, path, element, channels):
    """The type of a column, or of a structure around it, with other numbers."""
    if path:
        fields = [kind.field(i) for i in range(kind.num_fields)]
        return pa.struct([
            f.with_type(replaced(f.type, path[1:], element, channels)) if f.name == path[0] else f
            for f in fields])
    field = kind.value_field.with_type(element)
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(field, channels)
    return pa.large_list(field) if pa.types.is_large_list(kind) else pa.list_(field)


def metadata(table, path):
    """The metadata of a column."""
    field = table.schema.field(path[0])
    for name in path[1:]:
        field = field.type.field(name)
    return field.metadata or {}


def compare(before, after, case, weights):
    """Compares one file; answers with its rows and null rows."""
    old_file = pq.ParquetFile(before)
    new_file = pq.ParquetFile(after, page_checksum_verification=True)
    old, new = old_file.read(), new_file.read()
    path = case["name"].split(".")
    element = pa.float32() if case["out"] == "float32" else pa.float64()
    top = old.schema.get_field_index(path[0])
    field = old.schema.field(top)
    field = field.with_type(replaced(field.type, path[1:], element, OUT))
    wanted = old.schema.set(top, field).remove_metadata()
    assert new.schema.remove_metadata().equals(wanted, check_metadata=False), new.schema
    for name in old.column_names:
        if name != path[0]:
            assert old[name].equals(new[name]) or old.select([name]).to_pydict() == new.select(
                [name]).to_pydict(), name
    assert metadata(old, path).items() <= metadata(new, path).items(), metadata(new, path)
    check_metadata(old_file, new_file, case)
    nulls = 0
    for (vector, level), (reduced, there) in zip(unpacked(old, case["name"]), unpacked(new, case["name"])):
        assert (vector is None) == (reduced is None) and level == there, (vector, level, reduced, there)
        if vector is None:
            nulls += 1
            continue
        x = np.array(vector, "f8")
        y = np.array(reduced, "f8")
        assert y.shape == (OUT,), y
        wanted = weights @ x
        if case["nodata"] and np.isnan(x).all():
            wanted = np.full(OUT, np.nan)
        bound = (np.abs(weights) @ np.abs(x) + 1e-30) * (len(x) + 2) * 2.0**-23
        assert np.array_equal(np.isnan(y), np.isnan(wanted)), (x, y)
        assert np.isnan(y).all() or (np.abs(y - wanted) <= bound).all(), (y, wanted)
    assert len(old) == len(new)
    return len(old), nulls


def check_metadata(old_file, new_file, case):
    """Keys of the file, row groups, codecs, and the statistics of other columns."""
    old, new = old_file.metadata, new_file.metadata
    old_keys, new_keys = dict(old.metadata or {}), dict(new.metadata or {})
    assert list(old_keys) == list(new_keys), new_keys
    for key in old_keys:
        text = new_keys[key]
        if key == b"huggingface":
            features = json.loads(text)["info"]["features"]
            assert features["embedding"]["length"] == OUT, text
            assert features["embedding"]["feature"]["dtype"] == case["out"], text
            assert features["id"] == {"dtype": "string", "_type": "Value"}, text
        elif key == b"org.apache.spark.sql.parquet.row.metadata":
            array = json.loads(text)["fields"][0]["type"]
            assert array["elementType"] == {"float32": "float", "float64": "double"}[case["out"]]
        elif key == b"ARROW:schema":
            schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))
            assert schema.names == old_file.schema_arrow.names
        else:
            assert text == old_keys[key], key
    assert new.created_by == old.created_by
    assert new.num_row_groups == old.num_row_groups
    for group in range(old.num_row_groups):
        a, b = old.row_group(group), new.row_group(group)
        assert a.num_rows == b.num_rows and a.num_columns == b.num_columns
        for i in range(a.num_columns):
            before, after = a.column(i), b.column(i)
            assert before.path_in_schema == after.path_in_schema
            assert before.compression == after.compression
            if before.path_in_schema.startswith(case["name"] + "."):
                continue
            for part in ("encodings", "num_values", "total_compressed_size",
                         "total_uncompressed_size", "is_stats_set", "has_column_index",
                         "has_offset_index", "has_dictionary_page"):
                assert getattr(before, part) == getattr(after, part), (part, before, after)
            if before.is_stats_set:
                assert before.statistics.to_dict() == after.statistics.to_dict()


def check(request):
    case = request["case"]
    weights = np.load(case["weights"]).astype("f8")
    rows = nulls = 0
    for name in case["files"]:
        target = name or "/" + os.path.basename(case["table"])
        done = compare(case["table"] + name, request["output"] + target, case, weights)
        rows, nulls = rows + done[0], nulls + done[1]
    found = []
    for folder, _, names in os.walk(request["output"]):
        found += [os.path.join(folder, name) for name in names]
    assert len(found) == len(case["files"]), found
    return {"files": len(found), "rows": rows, "nulls": nulls}


if __name__ == "__main__":
    serve(lambda request: {"make": make, "check": check}[request["action"]](request))
