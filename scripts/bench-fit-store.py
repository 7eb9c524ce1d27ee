"""Makes the inputs of `scripts/bench fit` from that of `scripts/bench reduce`: 1 GB of 256 channels, and as much of
1024, each the channels of 2×2 neighbouring pixels; Zarr v2 n,y,x,c, zstd level 1, one picture a chunk.

usage: bench-fit-store.py STORE.zarr/ARRAY OUT.zarr PICTURES     (Debian: python3-zarr python3-numpy)
"""
import sys

import zarr
from numcodecs import Zstd

source = zarr.open(sys.argv[1], mode="r")
pictures = int(sys.argv[3])
_, y, x, channels = source.shape
y, x = y // 2, x // 2


def make(name, shape):
    array = zarr.open(
        f"{sys.argv[2]}/{name}",
        mode="w",
        shape=(pictures,) + shape,
        chunks=(1,) + shape,
        dtype="<f4",
        compressor=Zstd(1),
    )
    array.attrs["_ARRAY_DIMENSIONS"] = ["n", "y", "x", "c"]
    return array


narrow = make("f256", source.shape[1:])
wide = make("f1024", (y, x, 4 * channels))
for i in range(pictures):
    picture = source[i]
    narrow[i] = picture
    quads = picture[: 2 * y, : 2 * x].reshape(y, 2, x, 2, channels).transpose(0, 2, 1, 3, 4)
    wide[i] = quads.reshape(y, x, 4 * channels)
print(f"{(narrow.nbytes + wide.nbytes) / 1e9:.2f} GB in {sys.argv[2]}")
