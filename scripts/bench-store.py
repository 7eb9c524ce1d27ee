"""Makes the input of `scripts/bench reduce`: npy pictures (y,x,c) into one Zarr v2 array n,y,x,c, zstd level 1.

usage: bench-store.py NPY_DIR STORE.zarr/ARRAY REPEATS WEIGHTS_DIR     (Debian: python3-zarr python3-numpy)
One picture is one chunk. Beside STORE.zarr stands long.zarr, four times as long, its chunks links to the same
files. WEIGHTS_DIR gets a random layer w<K>.npy of shape (K, channels) for each K of the benchmark.
"""
import glob
import json
import os
import sys

import numpy as np
import zarr
from numcodecs import Zstd

folder, store, repeats, weights = sys.argv[1:5]
files = sorted(glob.glob(os.path.join(folder, "*.npy")))
first = np.load(files[0])
count = len(files) * int(repeats)
array = zarr.open(
    store,
    mode="w",
    shape=(count,) + first.shape,
    chunks=(1,) + first.shape,
    dtype="<f4",
    compressor=Zstd(1),
)
array.attrs["_ARRAY_DIMENSIONS"] = ["n", "y", "x", "c"]
for i in range(count):
    array[i] = np.load(files[i % len(files)])
long = os.path.join(os.path.dirname(os.path.dirname(store)), "long.zarr", os.path.basename(store))
os.makedirs(long)
for i in range(4 * count):
    os.link(os.path.join(store, f"{i % count}.0.0.0"), os.path.join(long, f"{i}.0.0.0"))
for name in (".zarray", ".zattrs"):
    with open(os.path.join(store, name)) as file:
        metadata = json.load(file)
    if "shape" in metadata:
        metadata["shape"][0] *= 4
    with open(os.path.join(long, name), "w") as file:
        json.dump(metadata, file)
channels = first.shape[-1]
for k in (2, 16, 32, 64, 96):
    generator = np.random.default_rng(k)
    w = generator.standard_normal((k, channels)).astype("f4") / np.float32(np.sqrt(channels))
    np.save(os.path.join(weights, f"w{k}.npy"), w)
print(f"{array.nbytes / 1e9:.2f} GB in {store}")
