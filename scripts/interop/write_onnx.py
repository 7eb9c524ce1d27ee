#!/usr/bin/env python3
"""Writes random graphs of one 1x1 convolution and what may follow it, for ONNX Runtime and Pointwise to compute.

    write_onnx.py FOLDER COUNT SEED

Writes FOLDER/N.onnx for N < COUNT and FOLDER/index.json: for each graph the name of its Conv, the
tensor in which the layer should end, the node that should end it (null where nothing follows) and
what was made, for messages.
"""

import json
import math
import random
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """One model under construction."""

    def __init__(self, rng, opset):
        self.rng = rng
        self.opset = opset
        self.nodes = []
        self.initializers = []
        self.names = 0

    def name(self, stem):
        self.names += 1
        return f"{stem}_{self.names}"

    def constant(self, values, stem="c"):
        """Stored as an initializer or by a Constant node."""
        array = np.asarray(values, np.float32)
        name = self.name(stem)
        if self.rng.random() < 0.5:
            self.initializers.append(numpy_helper.from_array(array, name))
        else:
            tensor = numpy_helper.from_array(array, name)
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        return name

    def node(self, op, *inputs, **attributes):
        output = self.name(op.lower())
        label = self.name("n_" + op) if self.rng.random() < 0.7 else ""
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=label, **attributes))
        return output

    def either(self, op, x, y):
        """A commutative operator, its operands in either order."""
        return self.node(op, x, y) if self.rng.random() < 0.5 else self.node(op, y, x)

    def scalar(self, value):
        return self.constant(self.rng.choice([value, [value], [[[value]]]]))


def gate(g, x, inner):
    """0.5 x (1 + inner), multiplied in any order."""
    half = lambda v: g.either("Mul", v, g.scalar(0.5)) if g.rng.random() < 0.5 else g.node("Div", v, g.scalar(2.0))
    one = g.either("Add", inner, g.scalar(1.0))
    order = g.rng.randrange(3)
    if order == 0:
        return g.either("Mul", half(x), one)
    if order == 1:
        return g.either("Mul", x, half(one))
    return half(g.either("Mul", x, one))


def gelu(g, x):
    if g.opset >= 20 and g.rng.random() < 0.4:
        return g.node("Gelu", x)
    scaled = (
        g.node("Div", x, g.scalar(math.sqrt(2)))
        if g.rng.random() < 0.5
        else g.either("Mul", x, g.scalar(math.sqrt(0.5)))
    )
    return gate(g, x, g.node("Erf", scaled))


def gelu_tanh(g, x):
    if g.opset >= 20 and g.rng.random() < 0.4:
        return g.node("Gelu", x, approximate="tanh")
    if g.rng.random() < 0.5:
        cube = g.node("Pow", x, g.scalar(3.0))
    else:
        cube = g.node("Mul", g.node("Mul", x, x), x)
    inner = g.either("Add", x, g.either("Mul", cube, g.scalar(0.044715)))
    return gate(g, x, g.node("Tanh", g.either("Mul", inner, g.scalar(math.sqrt(2 / math.pi)))))


def hardswish(g, x):
    variant = g.rng.randrange(3)
    if variant == 0 and g.opset >= 14:
        return g.node("HardSwish", x)
    if variant == 1:
        return g.either("Mul", x, g.node("HardSigmoid", x, alpha=1 / 6, beta=0.5))
    return g.node("Div", g.either("Mul", x, clip(g, g.either("Add", x, g.scalar(3.0)), 0.0, 6.0)), g.scalar(6.0))


def clip(g, x, low, high):
    if g.opset < 11:
        bounds = {k: v for k, v in (("min", low), ("max", high)) if v is not None}
        return g.node("Clip", x, **bounds)
    scalar = lambda v: "" if v is None else g.constant(v)
    inputs = [x, scalar(low)] + ([] if high is None else [scalar(high)])
    return g.node("Clip", *inputs)


def random_clip(g, x):
    low = g.rng.choice([None, 0.0, g.rng.uniform(-2, 0)])
    high = g.rng.choice([None, 6.0, g.rng.uniform(0, 2)])
    return clip(g, x, low, high)


def prelu(g, x, channels):
    shape = (g.rng.choice([1, channels]), 1, 1)
    slopes = np.array([g.rng.uniform(-0.5, 1) for _ in range(shape[0])], np.float32)
    return g.node("PRelu", x, g.constant(slopes.reshape(shape)))


def batch_norm(g, x, channels):
    vector = lambda low, high: [g.rng.uniform(low, high) for _ in range(channels)]
    inputs = [g.constant(vector(*r)) for r in ((-2, 2), (-1, 1), (-1, 1), (0.01, 3))]
    return g.node("BatchNormalization", x, *inputs, epsilon=g.rng.choice([1e-5, 1e-3]))


def affine(g, x, channels):
    op = g.rng.choice(["Mul", "Add", "Sub", "Div"])
    shape = g.rng.choice([(), (1,), (channels, 1, 1), (1, channels, 1, 1)])
    values = np.array([g.rng.choice([-1, 1]) * g.rng.uniform(0.3, 2) for _ in range(int(np.prod(shape)))], np.float32)
    c = g.constant(values.reshape(shape))
    if op == "Div":
        return g.node(op, x, c)
    return g.either(op, x, c) if op != "Sub" else g.node(op, *g.rng.choice([(x, c), (c, x)]))


ACTIVATIONS = {
    "none": lambda g, x, c: x,
    "relu": lambda g, x, c: g.node("Relu", x),
    "leakyrelu": lambda g, x, c: g.node("LeakyRelu", x, **g.rng.choice([{}, {"alpha": g.rng.uniform(-0.2, 0.9)}])),
    "prelu": prelu,
    "sigmoid": lambda g, x, c: g.node("Sigmoid", x),
    "tanh": lambda g, x, c: g.node("Tanh", x),
    "hardsigmoid": lambda g, x, c: g.node(
        "HardSigmoid", x, **g.rng.choice([{}, {"alpha": g.rng.uniform(0.1, 0.6), "beta": g.rng.uniform(0, 1)}])
    ),
    "hardswish": lambda g, x, c: hardswish(g, x),
    "silu": lambda g, x, c: g.either("Mul", x, g.node("Sigmoid", x)),
    "gelu": lambda g, x, c: gelu(g, x),
    "gelu_tanh": lambda g, x, c: gelu_tanh(g, x),
    "elu": lambda g, x, c: g.node("Elu", x, **g.rng.choice([{}, {"alpha": g.rng.uniform(0.1, 2)}])),
    "softplus": lambda g, x, c: g.node("Softplus", x),
    "clip": lambda g, x, c: random_clip(g, x),
}


def end(g, x, channels):
    """What is no part of a layer, and the node that begins it."""
    first = len(g.nodes)
    variant = g.rng.randrange(6)
    if variant == 0:
        out = g.node("Softmax", x, axis=1)
    elif variant == 1:
        out = g.node("Add", x, x)
    elif variant == 2:
        out = g.node("Mul", x, g.node("Tanh", g.node("Softplus", x)))  # Mish
    elif variant == 3:
        out = g.node("Concat", g.node("Abs", x), g.node("Neg", x), axis=1)
    elif variant == 4:
        width = np.array([g.rng.uniform(0.5, 2) for _ in range(9)], np.float32)
        name = g.name("width")  # along x, not along channels
        g.initializers.append(numpy_helper.from_array(width, name))
        out = g.node("Mul", x, name)
    else:
        out = g.node("GlobalAveragePool", x)
    begun = [n for n in g.nodes[first:] if x in n.input]
    return out, [n.name or n.output[0] for n in begun]


def graph(rng, number):
    opset = rng.choice([9, 11, 12, 13, 14, 17, 20])
    g = Graph(rng, opset)
    channels_in, channels = rng.randint(1, 70), rng.choice([1, 2, 3, 7, 8, 9, 16, 17, 33])
    weights = np.array([rng.gauss(0, 1) for _ in range(channels * channels_in)], np.float32)
    inputs = ["input", g.constant((weights / math.sqrt(channels_in)).reshape(channels, channels_in, 1, 1), "w")]
    if rng.random() < 0.7:
        inputs.append(g.constant([rng.gauss(0, 1) for _ in range(channels)], "b"))
    x = g.node("Conv", *inputs)
    conv = x
    kinds = list(ACTIVATIONS)
    kind = kinds[number % len(kinds)]
    made = [f"opset {opset}", f"{channels_in} to {channels}"]
    if rng.random() < 0.3:
        x = g.node("Identity", x)
    for _ in range(rng.choice([0, 0, 1, 2])):
        op, fold = rng.choice([("BatchNormalization", batch_norm), ("affine", affine)])
        made.append(op)
        x = fold(g, x, channels)
    x = ACTIVATIONS[kind](g, x, channels)
    made.append(kind)
    layer_end, ended, outputs = x, [], []
    if rng.random() < 0.4:
        out, ended = end(g, x, channels)
        made.append("then " + ", ".join(ended))
        outputs.append(helper.make_tensor_value_info(out, TensorProto.FLOAT, [None] * 4))
    outputs.append(helper.make_tensor_value_info(layer_end, TensorProto.FLOAT, [None] * 4))
    model = helper.make_model(
        helper.make_graph(
            g.nodes,
            "g",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, channels_in, 8, 9])],
            outputs,
            g.initializers,
        ),
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=7 if opset < 17 else 9,
    )
    onnx.checker.check_model(model)
    entry = {
        "conv": conv,
        "output": layer_end,
        "ends": ended,
        "in": channels_in,
        "activation": kind,
        "made": ", ".join(made),
    }
    return model, entry


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    index = []
    for number in range(count):
        model, entry = graph(rng, number)
        onnx.save(model, f"{folder}/{number}.onnx")
        index.append(entry)
    with open(f"{folder}/index.json", "w", encoding="utf-8") as file:
        json.dump(index, file)


if __name__ == "__main__":
    main()
