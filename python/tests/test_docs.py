"""The programs of the documents run."""

import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def demo(folder):
    """Writes files of the names that `pointwise demo` writes."""
    patches = folder / "demo" / "features.zarr" / "patches"
    patches.mkdir(parents=True)
    x = np.random.default_rng(1).normal(size=(4, 8, 8, 48)).astype("<f4")
    array = {"zarr_format": 2, "shape": x.shape, "chunks": x.shape, "dtype": "<f4", "order": "C", "compressor": None, "filters": None, "fill_value": 0}
    (patches / ".zarray").write_text(json.dumps(array))
    (patches / ".zattrs").write_text(json.dumps({"_ARRAY_DIMENSIONS": ["n", "y", "x", "c"]}))
    (patches / "0.0.0.0").write_bytes(x.tobytes())
    w = x[0, :2].reshape(16, 48)
    header = json.dumps({"weight": {"dtype": "F32", "shape": w.shape, "data_offsets": [0, w.nbytes]}}).encode()
    (folder / "demo" / "dct16.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + w.tobytes())


@pytest.mark.parametrize("page, printed", [("README.md", "whole"), ("docs/python.md", "reduced"), ("python/README.md", "reduced")])
def test_programs_run(page, printed, tmp_path):
    demo(tmp_path)
    programs = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
    assert programs
    for program in programs:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, env=os.environ, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert printed in done.stdout
