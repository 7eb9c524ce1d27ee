"""The other side of the differential test: draws inputs, writes them and reads outputs.

Imports nothing of Pointwise. Reads one JSON object a line and answers with one line each:

  {"do": "draw", "seed": S, "options": {…}, "folder": F, "images": null or N}
      draws a case and writes its first images; answers with the options of the command
  {"do": "grow", "images": N}
      the input of the last case gains images
  {"do": "night", "begin": I, "end": J, "folder": F}
      writes images I to J of the last case alone; answers with their path
  {"do": "same_images", "one": I, "other": J, "count": N}
      whether the outputs of N images from I on equal those of N images from J on
  {"do": "check_past", "output": O, "grown": true}
      answers with what is wrong with an output that is still as before the last growth, or, if not
      grown, as now
  {"do": "check", "output": O, "clients": false, "report": true}
      answers with what is wrong with an output of the last case
  {"do": "reconstruct", "output": O, "seed": S, "folder": F}
      draws a head of that output and writes a decoder for it; answers with the arguments of the command
  {"do": "check_reconstruction", "output": O}
      answers with what is wrong with that reconstruction
  {"do": "begin_nights", "seed": S, "folder": F, "heads": N, "damaged_halves": true}
      draws the layers of a case of ``differential_nights``; answers with the options that name them
  {"do": "write_night", "path": P, "layout": L, "images": [[name, version, damage]…], …}
      replaces what is at a path by images; answers with the path for the command
  {"do": "judge_nights", "output": O, "worlds": [[[image…]…]…], …}
      answers with the world that an output is, or with what is wrong with it
"""

import os
import warnings

import numpy as np
import zarr

from differential_inputs import Layers, Source, lines_first
from differential_nights import Nights
from differential_outputs import Expectation, Output
from differential_parts import Part
from differential_reconstruct import Reconstruction
from peer import serve


class Case:
    """One reduction: what it reads, with which options, and what must come of it."""

    def __init__(self, seed, options, folder, images=None):
        rng = np.random.default_rng(seed)
        self.options = options
        source = Source(options, rng, images)
        self.source = Part(source, options, seed)
        self.layers = Layers(options, rng, len(self.source.channels))
        os.makedirs(folder, exist_ok=True)
        first = None if images is None else int(rng.integers(1, images))
        self.input = source.write(folder, first)
        self.source.choose(folder)
        self.layers.write(folder)
        self.axes = list(self.source.axes)
        self.output_arguments = self.draw_output(rng)
        self.expectation = Expectation(self.source, self.layers, options, self.axes)

    def draw_output(self, rng):
        options = self.options
        arguments = ["--format", options["format"], "--overflow", options["overflow"]]
        if options.get("normalise", "none") != "none":
            arguments += ["--normalise", options["normalise"]]
        if options["dtype"] != "default":
            arguments += ["--dtype", options["dtype"]]
        if options["output-axes"] == "other":
            self.axes = [str(a) for a in rng.permutation(self.axes)]
            if options["format"] == "envi":
                self.axes = lines_first(self.axes, rng)
            arguments += ["--output-axes", ",".join(self.axes)]
        if options["shard"] == "bare":
            arguments += ["--shard-size", "0"]
        elif options["shard"] == "small":
            arguments += ["--shard-size", "%.5fMiB" % rng.choice((0.0002, 0.001, 0.004))]
        if options.get("chunk", "default") != "default":
            lengths = {"n": int(rng.integers(1, 6))}
            if options["chunk"] == "lengths":
                lengths |= {axis: int(rng.integers(1, 12)) for axis in "yx"}
                lengths = {axis: lengths[axis] for axis in rng.permutation(list(lengths))}
                for axis in rng.choice(list(lengths), int(rng.integers(0, 3)), replace=False):
                    del lengths[axis]
            arguments += ["--chunk", ",".join("%s=%d" % item for item in lengths.items())]
        codec = options["output-codec"]
        if codec != "auto" or rng.random() < 0.5:
            arguments += ["--compressor", codec]
        if codec not in ("none", "auto") and rng.random() < 0.5:
            arguments += ["--compression-level", str(int(rng.integers(1, 6)))]
        if options["runner"] == "spark":
            arguments += ["--runner", "spark", "--master", "local[2]"]
        else:
            arguments += ["--runner", "local", "--threads", options["runner"]]
        if rng.random() < 0.5:
            arguments += ["--no-sync"]
        # Nothing is damaged, so that nothing may be taken for it.
        if options["missing-chunks"] != "fail" and rng.random() < 0.5:
            arguments += ["--on-bad-input", "nodata"]
        return arguments

    def commands(self):
        expectation = self.expectation
        return {
            "input": self.input,
            "inputArguments": self.source.arguments(),
            "partArguments": self.source.part_arguments,
            "weights": self.layers.arguments,
            "heads": self.layers.named(self.layers.arguments),
            "otherHeads": self.layers.named(self.layers.other_arguments),
            "outputArguments": self.output_arguments,
            "images": self.source.images,
            "allImages": self.source.source.lengths["n"],
            "exit": expectation.exit,
            "why": expectation.why,
        }


class Peer:
    """Answers requests about one case at a time."""

    def draw(self, seed, options, folder, images=None):
        self.case = Case(seed, options, folder, images)
        return self.case.commands()

    def grow(self, images):
        case = self.case
        self.past = case.expectation
        case.source.grow(images)
        case.expectation = Expectation(case.source, case.layers, case.options, case.axes)
        return case.commands()

    def night(self, begin, end, folder):
        return {"input": self.case.source.source.night(begin, end, folder)}

    def same_images(self, one, other, count):
        """Whether the outputs of two ranges of images are equal, and may be taken for each other."""
        expectation = self.case.expectation
        each = len(expectation.masked) // expectation.images
        first, second = (slice(i * each, (i + count) * each) for i in (one, other))
        masked = expectation.masked
        same = np.array_equal(masked[first], masked[second]) and all(
            np.array_equal(head.values[first][~masked[first]], head.values[second][~masked[second]], equal_nan=True)
            for head in expectation.heads
        )
        return {"same": bool(same)}

    def check_past(self, output, grown=True):
        expectation = self.past if grown else self.case.expectation
        return {"problems": Output(output, expectation, self.case.axes, past=True).problems(False)}

    def check(self, output, clients=False, report=False):
        checked = Output(output, self.case.expectation, self.case.axes)
        problems = checked.problems(clients)
        if report:
            problems += checked.check_report()
        return {"problems": problems}

    def reconstruct(self, output, seed, folder):
        reduced = Output(output, self.case.expectation, self.case.axes)
        self.reconstruction = Reconstruction(reduced, np.random.default_rng(seed), folder)
        return self.reconstruction.commands()

    def check_reconstruction(self, output):
        return {"problems": self.reconstruction.problems(output)}

    def begin_nights(self, **request):
        self.nights = Nights(**request)
        return {"heads": self.nights.arguments}

    def write_night(self, **request):
        return {"input": self.nights.write(**request)}

    def judge_nights(self, **request):
        return self.nights.judge(**request)


def main():
    warnings.filterwarnings("ignore", category=zarr.errors.ZarrUserWarning)
    warnings.filterwarnings("ignore", category=zarr.errors.UnstableSpecificationWarning)
    peer = Peer()
    serve(lambda request: getattr(peer, request.pop("do"))(**request))


if __name__ == "__main__":
    main()
