"""Makes models as the Swift package Neuron writes them, and what they compute, by NumPy in float64.

    python numpy_models.py [FOLDER]           writes models/*.smodel
    python numpy_models.py --check FILE...    computes files anew and compares
    python numpy_models.py --predictions MODEL IMAGES.idx PREDICTIONS.json
                                              compares what nn-dist answered with what Neuron makes of an export

Each file carries inputs and outputs under keys that readers ignore, `samples` and `outputs`; maps are [depth][row][column],
as Neuron has them. The arithmetic follows from definitions and shares nothing with nn-dist.
"""

import json
import math
import re
import sys
from pathlib import Path

import numpy as np


# What layers of Neuron 2 compute; x is [depth, rows, columns], and a vector has one row of depth 1.


def tensor(spelled):
    if "value" in spelled:
        return np.array(spelled["value"], dtype=np.float64).reshape(
            (0, 0, 0) if not spelled["value"] else np.shape(spelled["value"]))
    size = spelled["size"]
    return np.array(spelled["storage"], dtype=np.float64).reshape(size["depth"], size["rows"], size["columns"])


def margins(extent, size, stride):
    total = max((math.ceil(extent / stride) - 1) * stride + size - extent, 0)
    return total // 2, total - total // 2


def correlate(x, kernel, strides, is_same):
    """One channel with one filter, which is not flipped."""
    rows, columns = kernel.shape
    if is_same:
        x = np.pad(x, (margins(x.shape[0], rows, strides[0]), margins(x.shape[1], columns, strides[1])))
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[:: strides[0], :: strides[1]]
    return np.einsum("ijkl,kl->ij", windows, kernel)


def conv(layer, x):
    same = "same" in layer["padding"]
    filters = [tensor(f) for f in layer["filters"]]
    return np.array([sum(correlate(x[c], f[c], layer["strides"], same) for c in range(len(x))) for f in filters])


def depthwise(layer, x):
    same = "same" in layer["padding"]
    return np.array([correlate(x[c], tensor(f)[0], layer["strides"], same) for c, f in enumerate(layer["filters"])])


def transposed(layer, x):
    rows, columns = layer["strides"]
    depth, height, width = x.shape
    spread = np.zeros((depth, (height - 1) * rows + 1, (width - 1) * columns + 1))
    spread[:, ::rows, ::columns] = x
    missing = (height * rows - spread.shape[1], width * columns - spread.shape[2])
    spread = np.pad(spread, ((0, 0),) + tuple((math.ceil(m / 2), m // 2) for m in missing))
    filters = [tensor(f) for f in layer["filters"]]
    return np.array([sum(correlate(spread[c], f[c], (1, 1), True) for c in range(depth)) for f in filters])


def statistics(numbers, depth):
    if isinstance(numbers, dict):
        return tensor(numbers).reshape(depth, -1).mean(axis=1)
    numbers = np.array(numbers, dtype=np.float64)
    return numbers if numbers.ndim == 1 else numbers.reshape(depth, -1).mean(axis=1)


def batch_norm(layer, x):
    gamma, beta, mean, variance = (
        statistics(layer[key], len(x))[:, None, None] for key in ("gamma", "beta", "movingMean", "movingVariance"))
    return (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta


def layer_norm(layer, x):
    return (x - x.mean()) / np.sqrt(x.var() + layer["epsilon"]) * tensor(layer["gamma"]) + tensor(layer["beta"])


def instance_norm(layer, x):
    gamma, beta = (tensor(layer[key]).reshape(-1, 1, 1) for key in ("gamma", "beta"))
    mean, variance = x.mean(axis=(1, 2), keepdims=True), x.var(axis=(1, 2), keepdims=True)
    return (x - mean) / np.sqrt(variance + layer["epsilon"]) * gamma + beta


def dense(layer, x):
    y = tensor(layer["weights"])[0] @ x.reshape(-1)
    if layer["biasEnabled"]:
        y = y + tensor(layer["biases"]).reshape(-1)
    return y.reshape(1, 1, -1)


def pool(x, rows, columns, reduce):
    depth, height, width = x.shape
    x = np.pad(x, ((0, 0), (0, -height % rows), (0, -width % columns)))
    x = x.reshape(depth, x.shape[1] // rows, rows, x.shape[2] // columns, columns)
    return reduce(reduce(x, 4), 2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def leaky_relu(layer, x):
    if layer.get("type") == {"geLu": {}}:
        return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2
    return np.where(x < 0, layer["limit"] * x, x)


def reshape(layer, x):
    size = layer["reshapeSize"]
    return x.reshape(size["depth"], size["rows"], size["columns"])


def res_net(layer, x):
    way = x
    if layer["filterCount"] != len(x) or layer["stride"] != 1:
        way = sequential(layer["shortcutSequential"], x)
    return np.maximum(sequential(layer["innerBlockSequential"], x) + way, 0)


def avg_pool(layer, x):
    size = layer.get("kernelSize", {"rows": 2, "columns": 2})
    return pool(x, size["rows"], size["columns"], lambda y, axis: y.mean(axis=axis))


KINDS = {
    "dense": dense, "conv2d": conv, "depthwiseConv2d": depthwise, "transConv2d": transposed, "batchNormalize": batch_norm,
    "layerNormalize": layer_norm, "instanceNorm": instance_norm, "resNet": res_net, "avgPool": avg_pool, "reshape": reshape,
    "leakyRelu": leaky_relu,
    "relu": lambda layer, x: np.maximum(x, 0),
    "sigmoid": lambda layer, x: sigmoid(x),
    "tanh": lambda layer, x: np.tanh(x),
    "swish": lambda layer, x: x * sigmoid(x),
    "mish": lambda layer, x: x * np.tanh(np.log1p(np.exp(x))),
    "selu": lambda layer, x: 1.0507 * np.where(x > 0, x, 1.6733 * (np.exp(x) - 1)),
    "prelu": lambda layer, x: np.where(x <= 0, layer.get("alpha", 0.25) * x, x),
    "softmax": lambda layer, x: softmax(x),
    "maxPool": lambda layer, x: pool(x, 2, 2, lambda y, axis: y.max(axis=axis)),
    "globalAvgPool": lambda layer, x: x.mean(axis=(1, 2)).reshape(1, 1, -1),
    "flatten": lambda layer, x: x.reshape(1, 1, -1),
    "dropout": lambda layer, x: x * (1 - layer["chance"]),
}


def sequential(model, x):
    for entry in model["layers"]:
        x = KINDS[entry["type"]](entry["layer"][0], x)
    return x


# What lobes of Neuron up to 1.6 compute.


def effective(weights, layout):
    """The file's weights as releases 1.5 and 1.6 multiply with them."""
    weights = np.array(weights, dtype=np.float64)
    nodes, inputs = weights.shape
    if layout == "natural":
        return weights
    return weights.ravel().reshape(inputs, nodes).T.ravel().reshape(inputs, nodes).T


ACTIVATIONS = {
    "reLu": lambda x: np.maximum(x, 0), "sigmoid": sigmoid, "leakyRelu": lambda x: np.where(x < 0, 0.1 * x, x),
    "swish": lambda x: x * sigmoid(x), "tanh": np.tanh, "softmax": softmax, "none": lambda x: x,
}


def lobe_norm(layer, x, stored):
    parameters = layer.get("batchNormalizerParams") or layer
    mean, variance = (parameters["movingMean"], parameters["movingVariance"]) if stored else (x.mean(), x.var())
    return parameters["gamma"] * (x - mean) / np.sqrt(variance + 5e-5) + parameters["beta"]


def brain(model, x, layout, norm_first, stored=False, output_layout=None, norm_of_output=True, norm_of_input=True):
    """The last three are what releases do otherwise at the ends: 1.6 has no norm of the input layer."""
    last = len(model["layers"]) - 1
    for place, layer in enumerate(model["layers"]):
        has_norm = layer.get("normalize", False)
        if place == last and not norm_of_output or place == 0 and not norm_of_input:
            has_norm = False
        if has_norm and norm_first:
            x = lobe_norm(layer, x, stored)
        if place > 0:
            x = effective(layer["weights"], (output_layout if place == last else None) or layout) @ x
            if layer["activation"] != "softmax":
                bias = np.array(layer["bias"], dtype=np.float64)
                x = x + bias * np.array(layer.get("biasWeights", np.ones(len(bias))))
            x = ACTIVATIONS[layer["activation"]](x)
        if has_norm and not norm_first:
            x = lobe_norm(layer, x, stored)
    return x


def compute(model, sample):
    if "layer" in model["layers"][0]:
        return sequential(model, sample)
    how = model["how"]
    return brain(
        model, sample, how["layout"], how["norm"] == "first", how["statistics"] == "stored",
        how.get("outputLayout"), how.get("normOfOutput", True), not how["release"].startswith("1.6"))


# The models.


class Maker:
    def __init__(self, seed, spelling="storage"):
        self.random = np.random.RandomState(seed)
        self.spelling = spelling
        self.number = 0

    def numbers(self, *shape, low=-1.0, high=1.0):
        return np.float32(self.random.uniform(low, high, shape))

    def tensor(self, values):
        values = np.float32(values)
        if self.spelling == "value":
            return {"label": "", "id": "00000000-0000-0000-0000-000000000000", "context": {}, "value": floats(values)}
        self.number += 1
        depth, rows, columns = values.shape
        size = {"rows": rows, "columns": columns, "depth": depth}
        if self.spelling == "batch":
            size["batchCount"] = 1
        return {"label": "", "id": self.number, "context": {}, "storage": floats(values.ravel()), "size": size}

    def size(self, depth, rows, columns):
        return {"rows": rows, "columns": columns, "depth": depth}

    def dense(self, inputs, units, bias=True):
        return {"type": "dense", "layer": [{
            "weights": self.tensor(self.numbers(1, units, inputs)), "biases": self.tensor(self.numbers(1, 1, units)),
            "biasEnabled": bias, "inputSize": self.size(1, 1, inputs), "outputSize": self.size(1, 1, units), "type": "dense"}]}

    def conv(self, depth, filters, rows, columns, strides=(1, 1), padding="same", type="conv2d", size=None):
        own = 1 if type == "depthwiseConv2d" else depth
        layer = {
            "filterSize": [rows, columns], "strides": list(strides), "padding": {padding: padding}, "biasEnabled": False,
            "filterCount": filters, "filters": [self.tensor(self.numbers(own, rows, columns)) for _ in range(filters)]}
        if size:
            layer["inputSize"] = self.size(*size)
        return {"type": type, "layer": [layer]}

    def norm(self, depth):
        return {"type": "batchNormalize", "layer": [{
            "gamma": floats(self.numbers(depth)), "beta": floats(self.numbers(depth)), "momentum": 0.9,
            "movingMean": floats(self.numbers(depth)), "movingVariance": floats(self.numbers(depth, low=0.1, high=2))}]}

    def layer_norm(self, gamma, beta, epsilon):
        return {"type": "layerNormalize", "layer": [{
            "gamma": self.tensor(gamma), "beta": self.tensor(beta), "epsilon": epsilon}]}

    def lobe(self, inputs, nodes, activation, bias=0.5, norm=None, type="hidden", **more):
        layer = {
            "activation": activation, "nodes": nodes, "type": type, "bias": [bias] * nodes,
            "biasWeights": floats(self.numbers(nodes)), "weights": floats(self.numbers(nodes, inputs)), "normalize": norm is not None}
        return {**layer, **(norm or {}), **more}

    def input(self, nodes, norm=None):
        zeros = [0] * nodes
        return {
            "activation": "none", "nodes": nodes, "type": "input", "bias": zeros, "biasWeights": zeros,
            "weights": [[0]] * nodes, "normalize": norm is not None, **(norm or {})}

    def parameters(self):
        gamma, beta, mean = (float(number) for number in self.numbers(3))
        return {"gamma": gamma + 2, "beta": beta, "movingMean": mean, "movingVariance": 1.5, "momentum": 0.9, "learningRate": 0.01}


def floats(values):
    """Numbers as Python writes float32: the shortest decimals that name them."""
    return [floats(value) if np.ndim(value) else float(str(value)) for value in values]


def plain(kind, **keys):
    return {"type": kind, "layer": [keys]}


ADAM = {"adam": {"b1": 0.9, "b2": 0.999, "eps": 1e-08}}


def sequential_models():
    m = Maker(1, "batch")
    yield "dense", {"layers": [
        m.dense(6, 5), plain("leakyRelu", limit=0.2), m.dense(5, 7), plain("prelu", alpha=-0.3), m.dense(7, 4, bias=False),
        plain("mish"), m.dense(4, 3), plain("softmax")]}, (1, 1, 6)

    m = Maker(2, "value")
    statistics = m.norm(3)
    statistics["layer"][0]["movingMean"] = floats(m.numbers(3, 4, 5))
    statistics["layer"][0]["movingVariance"] = m.tensor(m.numbers(3, 4, 5, low=0.1, high=2))
    yield "conv", {"layers": [
        m.conv(2, 3, 3, 2, strides=(2, 1), size=(2, 7, 5)), statistics, plain("relu"),
        m.conv(3, 3, 2, 3, padding="valid", type="depthwiseConv2d"), plain("tanh"), plain("maxPool"), plain("dropout", chance=0.25),
        plain("flatten"), m.dense(12, 3), plain("sigmoid")]}, (2, 7, 5)

    m = Maker(3)
    spread = lambda depth: np.repeat(m.numbers(depth, 1, 1), 6, axis=2).reshape(depth, 3, 2)
    yield "norms", {"layers": [
        m.conv(1, 4, 3, 3, padding="valid", size=(1, 8, 6)),
        {"type": "instanceNorm", "layer": [{
            "gamma": m.tensor(m.numbers(1, 1, 4)), "beta": m.tensor(m.numbers(1, 1, 4)), "epsilon": 1e-5}]},
        plain("leakyRelu", limit=0.01, type={"geLu": {}}), plain("avgPool"), m.layer_norm(spread(4), spread(4), 1e-6),
        plain("swish"), plain("reshape", reshapeSize=m.size(2, 4, 3)), m.norm(2), plain("flatten"), m.dense(24, 5),
        m.layer_norm(m.numbers(1, 1, 5), m.numbers(1, 1, 5), 1e-4), plain("selu"), m.norm(1), m.dense(5, 2)]}, (1, 8, 6)

    m = Maker(4)
    yield "transposed", {"layers": [
        m.dense(3, 12), plain("reshape", reshapeSize=m.size(2, 2, 3)),
        m.conv(2, 3, 3, 3, strides=(2, 2), type="transConv2d"), plain("relu"),
        m.conv(3, 2, 4, 4, strides=(2, 2), type="transConv2d"), plain("swish"),
        m.conv(2, 2, 2, 2, strides=(3, 3), type="transConv2d"), plain("tanh"),
        m.conv(2, 2, 4, 4, type="transConv2d"), plain("sigmoid"), plain("globalAvgPool"), m.dense(2, 4)]}, (1, 1, 3)

    m = Maker(5, "batch")
    block = lambda depth, filters, stride: plain(
        "resNet", filterCount=filters, stride=stride,
        innerBlockSequential={"layers": [
            m.conv(depth, filters, 3, 3, strides=(stride, stride)), m.norm(filters), plain("relu"),
            m.conv(filters, filters, 3, 3), m.norm(filters)]},
        shortcutSequential={"layers": [m.conv(depth, filters, 1, 1, strides=(stride, stride))]})
    yield "residual", {"layers": [
        m.conv(1, 2, 3, 3, size=(1, 6, 5)), block(2, 2, 1), block(2, 4, 2), plain("globalAvgPool"), m.dense(4, 3),
        plain("softmax")]}, (1, 6, 5)


def brain_models():
    def model(m, layers, inputs, release, layout, norm="first", statistics="vector", ends=None, **more):
        how = {"release": release, "layout": layout, "norm": norm, "statistics": statistics, **(ends or {})}
        return {"layers": layers, "learningRate": 0.01, "how": how, **more}, (inputs,)

    m = Maker(10)
    layers = [m.input(4)]
    for width, inputs, activation in ((5, 4, "leakyRelu"), (3, 5, "swish"), (2, 3, "none")):
        layer = m.lobe(inputs, width, activation)
        del layer["biasWeights"], layer["normalize"]
        layers.append(layer)
    yield "release-1.1", *model(m, layers, 4, "1.1", "natural")

    m = Maker(11)
    norm = lambda: {key: m.parameters()[key] for key in ("beta", "gamma")}
    yield "release-1.4", *model(m, [
        m.input(4, norm()), m.lobe(4, 3, "tanh", norm=norm()), m.lobe(3, 5, "sigmoid"),
        m.lobe(5, 2, "none", type="output")], 4, "1.4.2", "natural", "last")

    m = Maker(12)
    norm = lambda: {"batchNormalizerParams": m.parameters()}
    yield "release-1.5", *model(m, [
        m.input(3), m.lobe(3, 4, "reLu", norm=norm()), m.lobe(4, 2, "none", type="output")], 3, "1.5", "permuted", "last",
        optimizer=ADAM)

    m = Maker(13)
    yield "release-1.6", *model(m, [
        m.input(5), m.lobe(5, 4, "reLu"), m.lobe(4, 6, "swish", norm=norm()), m.lobe(6, 3, "softmax", type="output")], 5,
        "1.6", "permuted", optimizer=ADAM)

    m = Maker(13)
    yield "release-1.6-stored", *model(m, [
        m.input(5), m.lobe(5, 4, "reLu"), m.lobe(4, 6, "swish", norm=norm()), m.lobe(6, 3, "softmax", type="output")], 5,
        "1.6", "permuted", statistics="stored", optimizer=ADAM)

    # A norm in the input layer, a hidden one and the output layer, and no two layers as wide.
    def normalised(m, norm):
        return [
            m.input(4, norm()), m.lobe(4, 3, "tanh", norm=norm()), m.lobe(3, 5, "leakyRelu"),
            m.lobe(5, 2, "none", norm=norm(), type="output")]

    for seed, release, layout, place, ends in (
            (14, "1.4.2", "natural", "last", {"normOfOutput": False}),
            (15, "1.4.3", "natural", "first", {}),
            (16, "2022-01", "permuted", "last", {"normOfOutput": False, "outputLayout": "natural"})):
        m = Maker(seed)
        norm = lambda: {key: m.parameters()[key] for key in ("beta", "gamma")}
        yield f"release-{release}-norms", *model(m, normalised(m, norm), 4, release, layout, place, ends=ends)

    for seed, release, place in ((17, "1.5.1", "last"), (18, "1.6.1", "first")):
        m = Maker(seed)
        norm = lambda: {"batchNormalizerParams": m.parameters()}
        layers = normalised(m, norm)
        for layer in layers:
            layer["bias"] = [0.0 if layer["normalize"] else 0.5] * layer["nodes"]
        yield f"release-{release}-norms", *model(m, layers, 4, release, "permuted", place)

    for seed, release, layout in ((19, "1.4.4", "natural"), (20, "1.6.0", "permuted")):
        m = Maker(seed)
        yield f"release-{release}-plain", *model(
            m, [m.input(3), m.lobe(3, 4, "sigmoid"), m.lobe(4, 2, "sigmoid", type="output")], 3, release, layout)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(99)
    for name, model, shape in [*sequential_models(), *brain_models()]:
        samples = [np.float64(np.float32(random.uniform(-1, 1, shape))) for _ in range(3)]
        model["samples"] = [sample.ravel().tolist() for sample in samples]
        model["outputs"] = [compute(model, sample).ravel().tolist() for sample in samples]
        (folder / f"{name}.smodel").write_text(json.dumps(model, separators=(",", ":")) + "\n")


def check(files):
    for file in files:
        model = json.loads(Path(file).read_text())
        shape = (len(model["samples"][0]),)
        if "layer" in model["layers"][0]:
            size = model["layers"][0]["layer"][0]["inputSize"]
            shape = (size["depth"], size["rows"], size["columns"])
        found = [compute(model, np.array(sample).reshape(shape)).ravel() for sample in model["samples"]]
        print(file, "largest difference", max(np.abs(np.array(found) - np.array(model["outputs"])).max(), 0))


def compare(path, images, predictions):
    """The export of a classifier: its file tells what to do to the pixels, a softmax is left to the app."""
    model = json.loads(Path(path).read_text())
    scale, mean, deviation = (
        float(re.search(rf"{name}: ([-+.e0-9]+)", model["coding"])[1]) for name in ("scale", "mean", "deviation"))
    pixels = np.frombuffer(Path(images).read_bytes()[16:], dtype=np.uint8).reshape(-1, 28, 28)
    expected = []
    for image in (pixels * scale - mean) / deviation:
        if "layer" in model["layers"][0]:
            scores = sequential(model, image[np.newaxis])
        else:
            scores = brain(model, image.ravel(), "permuted", norm_first=True, norm_of_input=False)
        expected.append(softmax(scores.ravel()))
    found = [sample["probabilities"] for sample in json.loads(Path(predictions).read_text())["predictions"]]
    difference = np.abs(np.array(found) - np.array(expected)).max()
    print(f"{len(found)} samples, largest difference {difference:.2e}")
    sys.exit(int(difference > 1e-5))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2:])
    elif sys.argv[1:2] == ["--predictions"]:
        compare(*sys.argv[2:])
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "models")
