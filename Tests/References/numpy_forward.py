"""Compares what nn-dist answers with what NumPy makes of the weights in its checkpoint.

    python numpy_forward.py CHECKPOINT.h5 SAMPLES.h5 ARRAY PREDICTIONS.json

The network is that of PredictionTests.numpyAgrees: conv, relu, maxpool, conv, tanh, flatten, dense, sigmoid, dense,
with the cross entropy of a softmax. All arithmetic is in float64, by the definitions.
"""

import json
import re
import sys

import h5py
import numpy as np


def convolution(x, weight, bias):
    """3x3 with same padding; x is [n, h, w, c], the weight [out, in, 3, 3]."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = x.shape[1:3]
    y = np.zeros(x.shape[:3] + (weight.shape[0],))
    for row in range(3):
        for column in range(3):
            part = padded[:, row : row + height, column : column + width, :]
            y += part @ weight[:, :, row, column].T
    return y + bias


def max_pooling(x):
    """2x2; a row or column that is left over is dropped."""
    height, width = x.shape[1] // 2, x.shape[2] // 2
    x = x[:, : 2 * height, : 2 * width, :]
    return x.reshape(len(x), height, 2, width, 2, -1).max(axis=(2, 4))


def forward(weights, x):
    def layer(name):
        return (np.float64(weights[f"{name}/weight"]), np.float64(weights[f"{name}/bias"]))

    x = max_pooling(np.maximum(convolution(x, *layer("conv1")), 0))
    x = np.tanh(convolution(x, *layer("conv2")))
    x = x.transpose(0, 3, 1, 2).reshape(len(x), -1)  # flattened as C, H, W
    weight, bias = layer("dense1")
    x = 1 / (1 + np.exp(-(x @ weight.T + bias)))
    weight, bias = layer("dense2")
    scores = x @ weight.T + bias
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def main(checkpoint, samples, array, predictions):
    with h5py.File(samples) as file:
        x = np.float64(file[array][()])[..., np.newaxis]
    with h5py.File(checkpoint) as file:
        coding = file["coding"].asstr()[()]
        scale, mean, deviation = (
            float(re.search(rf"{name}: ([-+.e0-9]+)", coding)[1]) for name in ("scale", "mean", "deviation"))
        expected = forward(file["weights"], (x * scale - mean) / deviation)
    with open(predictions) as file:
        found = np.array([sample["probabilities"] for sample in json.load(file)["predictions"]])
    error = np.abs(found - expected).max()
    print(f"{len(found)} samples, largest difference {error:.2e}")
    if found.shape != expected.shape or not error < 1e-5:
        sys.exit("the answers are not those of NumPy")


main(*sys.argv[1:])
