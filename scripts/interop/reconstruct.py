"""The other side of ReconstructTest: draws features, and reconstructs reduced arrays in float64.

Imports nothing of Pointwise. Reads one JSON object a line and answers with one line each:

  {"do": "draw", "seed": S, "folder": F, "container": C, "axes": A, "type": T, "nodata": bool}
      writes features of low rank; answers with the path and the options that describe it
  {"do": "check", "reduced": P, "reducedAxes": A, "output": Q, "outputAxes": B, "decoder": FILE}
      compares an output with the decoder applied to the reduced array; answers with what is wrong,
      the largest error as a part of its bound, and the part of the variance that is lost, also by
      NumPy's principal components
"""

import glob
import json
import os
import struct
import warnings

import numpy as np
import onnx
import onnx.numpy_helper
import rasterio
import zarr
from peer import serve

UNIT = {"float16": 2.0**-11, "float32": 2.0**-24}
NODATA = -7.0


def rows(values, axes):
    """Pixels in the order n, y, x; channels last."""
    axes = list(axes.split(","))
    for missing in [a for a in "nyx" if a not in axes]:
        values, axes = values[None], [missing] + axes
    ordered = np.transpose(values, [axes.index(a) for a in "nyxc"])
    return ordered.reshape(-1, ordered.shape[-1])


def read(path, axes):
    """An array or a folder of files as rows."""
    if path.endswith((".hdr", ".img")):
        with rasterio.open(path[:-4] + ".img") as cube:
            return rows(cube.read(), "c,y,x")
    if path.endswith(".npy"):
        return rows(np.load(path), axes)
    if os.path.exists(os.path.join(path, "zarr.json")) or os.path.exists(os.path.join(path, ".zarray")):
        return rows(np.asarray(zarr.open_array(path, mode="r")[...]), axes)
    files = sorted(glob.glob(os.path.join(path, "*.npy")))
    axes = ",".join(a for a in axes.split(",") if a != "n")
    return np.concatenate([rows(np.load(file), axes) for file in files])


def decoder(file):
    """Weights and bias of the decoder beside a layer."""
    stem, ending = os.path.splitext(file)
    if ending == ".npy":
        return np.load(stem + ".decoder.npy"), np.load(stem + ".decoder.bias.npy")
    if ending == ".onnx":
        graph = onnx.load(stem + ".decoder.onnx").graph
        named = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
        return named["weight"][:, :, 0, 0], named["bias"]
    with open(file, "rb") as opened:
        length = struct.unpack("<Q", opened.read(8))[0]
        header, body = json.loads(opened.read(length)), opened.read()

    def tensor(name):
        begin, end = header[name]["data_offsets"]
        return np.frombuffer(body[begin:end], "<f4").reshape(header[name]["shape"])

    return tensor("decoder.weight")[:, :, 0, 0], tensor("decoder.bias")


class Peer:
    def draw(self, seed, folder, container, axes, type, nodata):
        rng = np.random.default_rng(seed)
        lengths = {a: int(rng.integers(6, 11)) for a in "yx"}
        lengths.update(n=int(rng.integers(2, 4)), c=int(rng.integers(7, 12)))
        order = axes.split(",")
        for a in "nyx":
            if a not in order:
                lengths[a] = 1
        n, y, x, c = (lengths[a] for a in "nyxc")
        pixels = n * y * x
        values = rng.normal(size=(pixels, 3)) @ rng.normal(size=(3, c)) * 3 + 10
        values += rng.normal(size=values.shape)
        values = values.astype(type).astype(np.float64)
        self.masked = np.zeros(pixels, bool)
        if nodata:
            self.masked = rng.random(pixels) < 0.2
            self.masked[0] = False
            values[self.masked, rng.integers(c)] = NODATA
        self.values = values
        stored = values.reshape(n, y, x, c).astype(type)
        stored = np.transpose(stored, ["nyxc".index(a) for a in "nyxc" if a not in order]
                              + ["nyxc".index(a) for a in order])
        stored = stored.reshape([lengths[a] for a in order])
        arguments = ["--nodata", str(NODATA)] if nodata else []
        if container.startswith("zarr"):
            path = os.path.join(folder, "in.zarr")
            group = zarr.open_group(path, mode="w", zarr_format=int(container[-1]))
            names = {"dimension_names": order} if container == "zarr3" else {}
            array = group.create_array(
                "data",
                shape=stored.shape,
                dtype=stored.dtype,
                chunks=[s if a == "c" else max(1, s // 2) for s, a in zip(stored.shape, order)],
                **names,
            )
            array[...] = stored
            arguments += [] if names else ["--axes", axes]
            return {"input": path + "/data", "arguments": arguments}
        arguments += ["--axes", axes]
        if container == "npy":
            path = os.path.join(folder, "in.npy")
            np.save(path, stored)
            return {"input": path, "arguments": arguments}
        path = os.path.join(folder, "in")
        os.makedirs(path)
        for i in range(n):
            np.save(os.path.join(path, "i%d.npy" % i), np.take(stored, i, order.index("n")))
        arguments[-1] = ",".join(a for a in order if a != "n")
        return {"input": path, "arguments": arguments}

    def check(self, reduced, reducedAxes, output, outputAxes, decoder, image=None):
        weight, bias = (a.astype(np.float64) for a in globals()["decoder"](decoder))
        found = read(output, outputAxes)
        unit = UNIT[found.dtype.name]
        found = found.astype(np.float64)
        y = read(reduced, reducedAxes).astype(np.float64)
        masked, original = self.masked, self.values
        if image is not None:
            begin = image * len(y)
            masked, original = masked[begin : begin + len(y)], original[begin : begin + len(y)]
        wrong = []
        exact = y @ weight.T + bias
        if found.shape != exact.shape:
            return {"wrong": ["shape: %s but %s expected" % (found.shape, exact.shape)]}
        if not (np.isnan(found[masked]).all() and np.isnan(y[masked]).all()):
            wrong.append("a nodata pixel has values")
        live = ~masked
        magnitude = np.abs(y[live]) @ np.abs(weight.T) + np.abs(bias)
        bound = (y.shape[1] + 2) * 2.0**-24 * magnitude + unit * np.abs(exact[live]) + 2.0**-24
        error = np.abs(found[live] - exact[live])
        part = float((error / bound).max()) if live.any() else 0.0
        if not part <= 1:
            wrong.append("an error is %g of its bound" % part)
        centred = original[live] - original[live].mean(axis=0)
        total = (centred**2).sum()
        squares = np.linalg.svd(centred, compute_uv=False) ** 2
        return {
            "wrong": wrong,
            "error": part,
            "absolute": float(error.max()) if live.any() else 0.0,
            "lost": float(((found[live] - original[live]) ** 2).sum() / total),
            "lostByNumPy": float(squares[y.shape[1] :].sum() / total),
        }


def main():
    warnings.filterwarnings("ignore")
    peer = Peer()
    serve(lambda request: getattr(peer, request.pop("do"))(**request))


main()
