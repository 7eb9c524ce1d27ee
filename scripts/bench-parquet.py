"""A table for `scripts/bench parquet`, and its reduction by PyArrow and NumPy.

usage: bench-parquet.py make TABLE WEIGHTS.npy ROWS CODEC
       bench-parquet.py reduce TABLE WEIGHTS.npy OUT REPEATS
       bench-parquet.py compare OUT OTHER
make draws 8 files of embeddings of 768 channels, an id and a text in each row. reduce applies the (F', F) float32 weights to the
column and keeps the others, file by file in two threads, with BLAS of one thread each. Prints the best of the repeats, without imports.
"""

import os
import shutil
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FILES = 8
CHANNELS = 768
OUT = 64
COLUMN = "embedding"
GROUP = 4096


def make(table, weights, rows, codec):
    if int(rows) < FILES:
        sys.exit("At least %d rows are needed" % FILES)
    random = np.random.default_rng(1)
    os.makedirs(table)
    for file in range(FILES):
        count = int(rows) // FILES
        numbers = random.normal(size=(count, CHANNELS)).astype("f4")
        ids = pa.array(range(file * count, file * count + count))
        columns = {
            "id": ids,
            "text": pa.array(["text of row %d" % i for i in range(count)]),
            COLUMN: lists(numbers),
        }
        pq.write_table(pa.table(columns), "%s/part-%d.parquet" % (table, file), row_group_size=GROUP, compression=codec, use_dictionary=False)
    np.save(weights, random.normal(size=(OUT, CHANNELS)).astype("f4") / np.float32(np.sqrt(CHANNELS)))


def lists(numbers):
    offsets = np.arange(0, numbers.size + 1, numbers.shape[1], dtype="i4")
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(numbers.reshape(-1)))


def reduce(table, weights, out, repeats):
    transposed = np.ascontiguousarray(np.load(weights).T)
    pa.set_cpu_count(1)

    def one(name):
        source = pq.ParquetFile("%s/%s" % (table, name))
        codec = source.metadata.row_group(0).column(0).compression.replace("UNCOMPRESSED", "NONE")
        writer = None
        for group in range(source.num_row_groups):
            rows = source.read_row_group(group, use_threads=False)
            vectors = rows.column(COLUMN).combine_chunks()
            numbers = vectors.flatten().to_numpy().reshape(len(vectors), -1)
            reduced = lists(numbers @ transposed)
            rows = rows.set_column(rows.schema.get_field_index(COLUMN), COLUMN, reduced)
            writer = writer or pq.ParquetWriter("%s/%s" % (out, name), rows.schema, compression=codec, use_dictionary=False)
            writer.write_table(rows)
        writer.close()

    best = None
    for _ in range(int(repeats)):
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        begun = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(one, sorted(os.listdir(table))))
        took = time.perf_counter() - begun
        best = min(best or took, took)
    print("best of %s %.3f s" % (repeats, best))


def compare(out, other):
    if sorted(os.listdir(out)) != sorted(os.listdir(other)):
        sys.exit("%s and %s have other files" % (out, other))
    for name in os.listdir(out):
        ours, theirs = (pq.read_table("%s/%s" % (folder, name)) for folder in (out, other))
        numbers = [table.column(COLUMN).combine_chunks().flatten().to_numpy() for table in (ours, theirs)]
        same = ours.drop_columns(COLUMN).equals(theirs.drop_columns(COLUMN)) and np.allclose(*numbers, rtol=1e-4, atol=1e-4)
        if not same:
            sys.exit("%s differs in %s and %s" % (name, out, other))


{"make": make, "reduce": reduce, "compare": compare}[sys.argv[1]](*sys.argv[2:])
