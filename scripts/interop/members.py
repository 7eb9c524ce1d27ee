"""Makes Zarr stores with zarr-python, and reads outputs that are members of their groups.

Each line of JSON on stdin is a request, each line on stdout its answer.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import xarray
import zarr
from peer import serve

warnings.simplefilter("ignore")
DIMENSIONS = ["n", "y", "x", "channel"]
DOCUMENT = {2: ".zmetadata", 3: "zarr.json"}


def entries(path, version):
    """Returns the consolidated metadata of a group as it is stored; None without."""
    file = Path(path, DOCUMENT[version])
    if not file.exists():
        return None
    found = json.loads(file.read_text())
    found = found if version == 2 else found.get("consolidated_metadata")
    return found and found["metadata"]


def array(group, name, values, version, dimensions, **attributes):
    named = {"dimension_names": dimensions} if version == 3 else {}
    made = group.create_array(
        name, shape=values.shape, chunks=(1,) + values.shape[1:], dtype=values.dtype, **named
    )
    made.attrs.update(attributes)
    if version == 2:
        made.attrs["_ARRAY_DIMENSIONS"] = dimensions
    made[:] = values


def make(request):
    random = np.random.default_rng(request["seed"])
    version = int(random.integers(2, 4))
    root = request["folder"] + "/store.zarr"
    group = zarr.open_group(root, mode="w", zarr_format=version)
    group.attrs["about"] = {"a": 1e-7, "b": float("nan") if version == 2 else 2, "c": 2**60}
    depth = int(random.integers(0, 3))
    within = ""
    for level in range(depth):
        within += f"g{level}/"
        group = group.create_group(f"g{level}")
        group.attrs["level"] = level
    values = random.standard_normal((3, 5, 4, 6)).astype("f4")
    array(group, "features", values, version, DIMENSIONS, kept="yes", tiny=1e-300)
    array(zarr.open_group(root), "mask", np.ones((3, 5), "u1"), version, ["n", "y"])
    consolidated = []
    if random.random() < 0.7:
        consolidated.append("")
    if depth and random.random() < 0.5:
        consolidated.append("g0")
    for path in sorted(consolidated, reverse=True):  # the root's copy is the last
        zarr.consolidate_metadata(root, path=path or None)
    beside = within if random.random() < 0.5 else ""
    new = "".join(f"new{i}/" for i in range(int(random.integers(0, 3))))
    for name, count in (("one", 2), ("two", 3), ("other", 5)):
        file = f"{request['folder']}/{name}.npy"
        np.save(file, random.standard_normal((count, 6)).astype("f4"))
    return {
        "format": f"zarr{version}",
        "root": root,
        "input": within + "features",
        "output": beside + new + "reduced",
        # As text, since it may contain NaN.
        "copies": json.dumps({p: entries(root + "/" + p, version) for p in consolidated}),
    }


def grow(request):
    root = request["root"]
    store = zarr.open_group(root, use_consolidated=False)
    more = np.random.default_rng(request["seed"]).standard_normal((2, 5, 4, 6))
    store[request["input"]].append(more.astype("f4"))
    store["mask"].append(np.ones((2, 5), "u1"))
    for path in sorted(json.loads(request["copies"]), reverse=True):
        zarr.consolidate_metadata(root, path=path or None)
    return {}


def require(holds, text):
    if not holds:
        raise AssertionError(text)


def check(request):
    root, output, version = request["root"], request["output"], int(request["format"][-1])
    features = zarr.open_group(root, use_consolidated=False)[request["input"]]
    values = features[:]
    require(features.attrs["kept"] == "yes" and features.attrs["tiny"] == 1e-300, "attributes")
    group = zarr.open_group(root, mode="r", zarr_format=version)
    members = dict(group.members(max_depth=None))
    require(request["input"] in members and "mask" in members, f"input: {sorted(members)}")
    tree = xarray.open_datatree(root, engine="zarr")
    opened = xarray.open_zarr(root, group=output)
    for head, file in request["heads"].items():
        expected = values @ np.load(file).T
        for found in (
            group[output][head][:],
            members[f"{output}/{head}"][:],
            opened[head].values,
            tree[output][head].values,
        ):
            require(found.shape == expected.shape, f"{head}: {found.shape}, {expected.shape}")
            require(np.allclose(found, expected, atol=1e-4), f"values of {head}")
    heads = {name for name in members if name.startswith(output + "/")}
    require(heads == {f"{output}/{head}" for head in request["heads"]}, f"heads: {heads}")
    for path, before in json.loads(request["copies"]).items():
        now = entries(root + "/" + path, version)
        inside = output[len(path) + 1 :] if path and output.startswith(path + "/") else output
        for key, entry in before.items():
            same = json.dumps(now.get(key), sort_keys=True) == json.dumps(entry, sort_keys=True)
            require(same, f"{path}: the entry {key} changed: {now.get(key)}")
        added = [key for key in now if key not in before]
        if path and not output.startswith(path + "/"):
            require(not added, f"{path} gained {added}")
            continue
        parts = inside.split("/")
        above = ["/".join(parts[:i]) for i in range(1, len(parts) + 1)]
        require(
            all(any(key.startswith(name + "/") or key == name for name in above) for key in added)
            and added,
            f"{path} gained {added}",
        )
    return {}


if __name__ == "__main__":
    serve(lambda request: {"make": make, "grow": grow, "check": check}[request["action"]](request))
