"""Parts of the inputs of the differential test, and masks that hide pixels of them."""

import os

import numpy as np
import zarr

WHOLE = {"images": "all", "bbox": "none", "input-channels": "all", "mask": "none"}
MASK_TYPES = ("bool", "bool", "uint8", "int16", "float32")


class Part:
    """What the command reads of a source: images, a window, channels, and pixels that no mask hides.

    Has the interface of the source, so that the expected results are those of a smaller input.
    """

    def __init__(self, source, options, seed):
        self.source = source
        self.options = {**WHOLE, **options}
        options = self.options
        self.rng = rng = np.random.default_rng([seed, 1])
        count = source.lengths["c"]
        self.channels = np.arange(count)
        self.channel_text = None
        if options["input-channels"] == "range":
            first, end = span(count, rng)
            self.channels = np.arange(first, end)
            self.channel_text = text_of_range(first, end, count, rng)
        elif options["input-channels"] == "list":
            self.channels, self.channel_text = listed(count, rng)
        self.axes, self.names, self.dtype = source.axes, source.names, source.dtype
        self.nodata, self.unheld = source.nodata, source.unheld
        self.one_file, self.folder_of_files = source.one_file, source.folder_of_files
        self.rows = source.rows
        self.scale, self.offset = self.of_channels(source.scale), self.of_channels(source.offset)
        self.exact_scale = self.of_channels(source.exact_scale)
        self.exact_offset = self.of_channels(source.exact_offset)

    def of_channels(self, numbers):
        return numbers if numbers is None or np.ndim(numbers) == 0 else numbers[self.channels]

    def choose(self, folder):
        """Draws images and a window, and writes what the command reads besides the input."""
        source, options, rng = self.source, self.options, self.rng
        images = source.images if "n" in source.axes else 1
        self.part_arguments = []
        self.chosen = np.arange(images)
        if options["images"] == "range":
            first, end = span(images, rng)
            self.chosen = np.arange(first, end)
            self.part_arguments += ["--images=" + text_of_range(first, end, images, rng)]
        elif options["images"] in ("list", "file"):
            self.chosen, text = listed(images, rng)
            if options["images"] == "file":
                text = self.write_list(folder)
            self.part_arguments += ["--images=" + text]
        # An output that grows reads the same window of all images.
        growing = options["images"] == "all"
        sizes = source.sizes if growing else [source.sizes[i] for i in self.chosen]
        height, width = min(s[0] for s in sizes), min(s[1] for s in sizes)
        self.window = None
        if options["bbox"] == "window":
            rows, columns = span(height, rng), span(width, rng)
            self.window = rows + columns
            # An end that is left out is that of the largest image.
            full = source.lengths
            text = ",".join(
                text_of_range(first, end, full[a], rng)
                for (first, end), a in ((rows, "y"), (columns, "x"))
            )
            self.part_arguments += ["--bbox=" + text]
        if self.channel_text is not None:
            self.part_arguments += ["--input-channels=" + self.channel_text]
        self.draw_mask(folder)
        self.locate()

    def write_list(self, folder):
        path = os.path.join(folder, "images.txt")
        lines = ["# images", ""]
        for i in self.chosen:
            by_name = self.source.folder_of_files and self.rng.random() < 0.7
            lines.append(self.source.files[i] if by_name else str(i))
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def draw_mask(self, folder):
        """Zero where a pixel is hidden: single pixels, or whole areas, of which no tile is read."""
        source, kind, rng = self.source, self.options["mask"], self.rng
        n, y, x = source.lengths["n"], source.lengths["y"], source.lengths["x"]
        axes = [a for a in source.axes if a != "c"]
        self.hidden_pixels = np.zeros((n, y, x), bool)
        shared = kind == "shared" and len(axes) > 1 and not source.folder_of_files and "n" in axes
        if kind == "none" or not axes or (kind == "shared" and not shared):
            return
        hidden = rng.random((1 if shared else n, y, x)) < rng.choice((0.05, 0.5))
        if rng.random() < 0.5:
            hidden[:, : int(rng.integers(y + 1))] = True
        if not shared and rng.random() < 0.3:
            hidden[int(rng.integers(n))] = True
        self.hidden_pixels |= hidden
        values = rng.integers(1, 100, hidden.shape)
        values = np.where(hidden, 0, values).astype(str(rng.choice(MASK_TYPES)))
        if shared:
            axes = [a for a in axes if a != "n"]
        self.part_arguments += ["--mask=" + self.write_mask(folder, kind, axes, values)]

    def write_mask(self, folder, kind, axes, values):
        source, rng = self.source, self.rng
        if kind == "zarr" and not (source.folder_of_files and len(set(source.sizes)) > 1):
            path = os.path.join(folder, "mask.zarr")
            named = [str(a) for a in rng.permutation(axes)]
            stored = source.in_order(values[..., None], named + ["c"])[..., 0]
            chunks = [int(rng.integers(1, length + 1)) for length in stored.shape]
            array = zarr.create_array(
                path,
                shape=stored.shape,
                dtype=stored.dtype,
                chunks=chunks,
                dimension_names=named,
                config={"write_empty_chunks": False},
            )
            array[...] = stored
            return path
        inside = [a for a in axes if a != "n"]
        if source.folder_of_files and inside:
            path = os.path.join(folder, "mask")
            os.makedirs(path)
            for i, name in enumerate(source.files):
                y, x = source.sizes[i]
                one = source.in_order(values[i : i + 1, :y, :x, None], inside + ["c"])[..., 0]
                np.save(os.path.join(path, name), one)
            for name in source.files[source.images :]:
                os.remove(os.path.join(path, name))
            return path
        path = os.path.join(folder, "mask.npy")
        first = values if values.shape[0] == 1 else values[: source.images]
        np.save(path, source.in_order(first[..., None], axes + ["c"])[..., 0])
        return path

    def locate(self):
        """Which rows of ``source.read`` are read, and which of these are hidden."""
        source = self.source
        begins = np.concatenate([[0], np.cumsum([y * x for y, x in source.sizes])])
        rows, hidden, self.sizes = [], [], []
        for i in self.chosen:
            y, x = source.sizes[i]
            y0, y1, x0, x1 = self.window or (0, y, 0, x)
            rows.append((begins[i] + np.arange(y * x)).reshape(y, x)[y0:y1, x0:x1].ravel())
            hidden.append(self.hidden_pixels[i, y0:y1, x0:x1].ravel())
            self.sizes.append((y1 - y0, x1 - x0))
        self.read_rows = np.concatenate(rows)
        self.hidden = np.concatenate(hidden)
        self.images = len(self.chosen)
        self.lengths = {
            "n": self.images,
            "y": max(s[0] for s in self.sizes),
            "x": max(s[1] for s in self.sizes),
            "c": len(self.channels),
        }

    @property
    def whole(self):
        return not self.part_arguments

    @property
    def path(self):
        return self.source.path

    @property
    def files(self):
        return [self.source.files[i] for i in self.chosen]

    def grow(self, images):
        """The source gains images, of which all are read."""
        self.source.grow(images)
        self.chosen = np.arange(images)
        self.locate()

    def read(self):
        return self.source.read()[self.read_rows][:, self.channels]

    def missing(self):
        """Chunks that are not stored and hold pixels that are read, and which pixels they hold."""
        count, pixels = 0, np.zeros(len(self.read_rows), bool)
        for chunk in self.source.missing_chunks():
            lost = chunk[self.read_rows][:, self.channels].any(axis=1)
            count += bool((lost & ~self.hidden).any())
            pixels |= lost
        return count, pixels

    def arguments(self):
        return self.source.arguments()


def span(length, rng):
    """A range within a length, sometimes all of it."""
    first = int(rng.integers(length))
    return first, int(rng.integers(first + 1, length + 1))


def text_of_range(first, end, length, rng):
    begin = "" if first == 0 and rng.random() < 0.5 else str(first)
    return begin + ":" + ("" if end == length and rng.random() < 0.5 else str(end))


def listed(length, rng):
    """Some indexes in any order, as ranges and single ones, and their text."""
    pieces, at = [], 0
    while at < length:
        end = int(rng.integers(at + 1, length + 1))
        pieces.append((at, end))
        at = end
    kept = [p for p in pieces if rng.random() < 0.7] or pieces[-1:]
    kept = [kept[i] for i in rng.permutation(len(kept))]
    text = ",".join(str(a) if b == a + 1 else "%d:%d" % (a, b) for a, b in kept)
    return np.concatenate([np.arange(a, b) for a, b in kept]), text
