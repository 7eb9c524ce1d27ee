"""Nights of images and what an output of them contains, for the differential test of appends.

An image is [name, version, damage]. The name and the version determine its pixels; version 0 has no
data. Bit 1 of the damage means that the upper half of the image cannot be decoded, bit 2 the lower
half. A place of the output has one or several images that it may contain.
"""

import os
import shutil

import numpy as np
import zarr

SIDE = 8
CHANNELS = 5
HALF = SIDE // 2


class Nights:
    """Draws the layers of a case and the pixels of its images."""

    def __init__(self, seed, folder, heads, damaged_halves):
        self.seed = seed
        self.rows = HALF if damaged_halves else SIDE
        rng = np.random.default_rng([seed, 0])
        self.layers, self.arguments = {}, []
        for i in range(heads):
            name = "features" if heads == 1 else "head%d" % i
            weight = rng.normal(size=(int(rng.integers(1, 5)), CHANNELS)).astype(np.float32)
            path = os.path.join(folder, name + ".npy")
            np.save(path, weight)
            self.layers[name] = weight.astype(np.float64)
            self.arguments += ["--weights", path] if heads == 1 else ["--head", name + "=" + path]

    def pixels(self, image):
        name, version, _ = image
        if version == 0:
            return np.full((SIDE, SIDE, CHANNELS), np.nan, np.float32)
        rng = np.random.default_rng([self.seed, 1, name, version])
        return rng.normal(size=(SIDE, SIDE, CHANNELS)).astype(np.float32)

    def write(self, path, layout, images, coordinates):
        """Replaces what is at a path by images; returns the path to give to the command."""
        shutil.rmtree(path, ignore_errors=True)
        if layout == "npy-folder":
            os.makedirs(path)
            for image in images:
                np.save(os.path.join(path, file_name(image)), self.pixels(image))
            return path
        self.write_zarr(path, int(layout[4]), images, coordinates)
        return os.path.join(path, "data")

    def write_zarr(self, path, version, images, coordinates):
        values = np.stack([self.pixels(image) for image in images])
        group = zarr.create_group(path, zarr_format=version)
        array = create(group, "data", "nyxc", values, (1, self.rows, SIDE, CHANNELS))
        if coordinates:
            create(group, "n", "n", np.array([image[0] for image in images], np.int32))
        for i, image in enumerate(images):
            for part in range(SIDE // self.rows):
                if image[2] >> part & 1:
                    key = "%d/%d/0/0" % (i, part) if version == 3 else "%d.%d.0.0" % (i, part)
                    os.truncate(os.path.join(path, "data", "c" * (version == 3), key), 3)

    def expected(self, image, weight):
        """The outputs of an image, and by how much float32 sums may differ from them."""
        pixels = self.pixels(image).astype(np.float64)
        for part in range(SIDE // self.rows):
            if image[2] >> part & 1:
                pixels[part * self.rows : (part + 1) * self.rows] = np.nan
        error = (CHANNELS + 4) * 2.0**-23 * (np.abs(pixels) @ np.abs(weight).T) + 1e-30
        return pixels @ weight.T, error

    def fitting(self, found, place, head):
        """Which images of a place the stored pixels are of: those of each half may be of another."""
        fits = [set(), set()]
        for choice, image in enumerate(place):
            expected, error = self.expected(image, self.layers[head])
            with np.errstate(invalid="ignore"):
                near = np.abs(found - expected) <= error
            near |= np.isnan(found) & np.isnan(expected)
            for half, fit in enumerate(fits):
                if near[half * HALF : (half + 1) * HALF].all():
                    fit.add(choice)
        both = fits[0] & fits[1]
        if both:
            return {min(both)}
        return {min(fits[0]), min(fits[1])} if fits[0] and fits[1] else set()

    def judge(self, output, worlds, ended, coordinates):
        """Which of several worlds, which are lists of places, an output is, and what its places contain.

        Heads, and halves, may differ in what they contain of an image. Until an append has ended, they may have
        different lengths too, and the first of their worlds counts.
        """
        try:
            group = zarr.open_group(output, mode="r")
            found = {head: group[head][...].astype(np.float64) for head in self.layers}
        except Exception as e:
            return {"problem": "cannot be read: %r" % e}
        problems, which = [], {}
        for index, world in enumerate(worlds):
            for head in found:
                choices, problem = self.compare(world, head, found[head])
                if problem:
                    problems.append("%s of %s" % (problem, head))
                else:
                    which.setdefault(head, {})[index] = choices
        if len(which) < len(found):
            return {"problem": " | or ".join(problems)}
        common = [i for i in range(len(worlds)) if all(i in which[head] for head in found)]
        if not common and ended:
            return {"problem": "heads have the images of different nights: " + " | ".join(problems)}
        world = common[0] if common else min(min(fit) for fit in which.values())
        choices = [set() for _ in worlds[world]]
        for fit in which.values():
            for place, more in zip(choices, fit.get(world, ())):
                place |= more
        wrong = labels(group, [place[0] for place in worlds[world]], coordinates) if ended else []
        if wrong:
            return {"problem": "; ".join(wrong)}
        return {"world": world, "choices": [sorted(place) for place in choices]}

    def compare(self, world, head, values):
        """Which images each place of a head may have, and what is wrong."""
        if len(values) != len(world):
            return [], "%d images, but %d expected" % (len(values), len(world))
        choices, wrong = [], []
        for i, place in enumerate(world):
            choices.append(self.fitting(values[i], place, head))
            if not choices[i]:
                wrong.append("%d (%.2f nodata) is none of %s" % (i, np.isnan(values[i]).mean(), place))
        return choices, "image " + "; ".join(wrong) if wrong else None


def create(group, name, axes, values, chunks=None):
    """An array of uncompressed numbers."""
    three = group.metadata.zarr_format == 3
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        chunks=chunks or values.shape,
        compressors=None,
        dimension_names=list(axes) if three else None,
        config={"write_empty_chunks": True},
    )
    if not three:
        array.attrs["_ARRAY_DIMENSIONS"] = list(axes)
    array[...] = values
    return array


def file_name(image):
    return "image%05d.npy" % image[0]


def labels(group, images, coordinates):
    """What is wrong with the names of images, or with the coordinates along n."""
    if "image_names" in group.attrs:
        names = [file_name(image) for image in images]
        if list(group.attrs["image_names"]) != names:
            return ["names %s, but %s expected" % (group.attrs["image_names"], names)]
    if coordinates:
        try:
            found = group["n"][...].tolist()
        except Exception as e:
            return ["coordinates cannot be read: %r" % e]
        if found != [image[0] for image in images]:
            return ["coordinates %s, but %s expected" % (found, [image[0] for image in images])]
    return []
