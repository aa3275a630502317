#!/usr/bin/env python3
"""Writes `lora.h5` with PyTorch in float64: `python make_lora.py [folder]`.

The file is one of those of `make_goldens.py`: a network whose weights stay as they are, beside three of which low-rank
matrices are trained by AdamW (Hu and others 2021).
"""

import math
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from make_goldens import BATCH, Layers, initialise, uniform, write_network

FEATURES, HEADS, STEPS, HIDDEN, CLASSES = 8, 2, 5, 12, 4
RANK, ALPHA = 3, 6


class Matrix(nn.Module):
    """A frozen dense layer; `rank` is that of what is trained beside it, 0 for nothing."""

    def __init__(self, inputs, outputs, rank=0):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False)
        self.rank = rank
        if rank:
            self.lora_a = nn.Parameter(torch.zeros(rank, inputs))
            self.lora_b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x):
        y = functional.linear(x, self.weight, self.bias)
        return y + ALPHA / self.rank * (x @ self.lora_a.T) @ self.lora_b.T if self.rank else y


class Attention(nn.Module):
    """Adapts the matrices for queries and values, as in section 4.2 of the paper."""

    def __init__(self):
        super().__init__()
        self.query, self.value = (Matrix(FEATURES, FEATURES, RANK) for _ in range(2))
        self.key, self.output = (Matrix(FEATURES, FEATURES) for _ in range(2))

    def named_parameters(self, *arguments, **options):
        return ((name.replace(".", "/"), p) for name, p in super().named_parameters(*arguments, **options))

    def forward(self, x):
        q, k, v = (
            m(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for m in (self.query, self.key, self.value))
        scores = q @ k.transpose(2, 3) / math.sqrt(FEATURES // HEADS)
        hidden = torch.ones(STEPS, STEPS, dtype=bool).triu(1)
        y = scores.masked_fill(hidden, -torch.inf).softmax(-1) @ v
        return self.output(y.transpose(1, 2).flatten(2))


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.1)


def cross_entropy(outputs, labels):
    return functional.cross_entropy(outputs.flatten(0, 1), labels.flatten())


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    folder = folder if folder.is_dir() else folder.parent
    torch.set_num_threads(1)
    generator = np.random.default_rng(19)
    network = Layers(
        ("attention1", Attention()), ("dense1", Matrix(FEATURES, HIDDEN, RANK)), nn.Tanh(),
        ("dense2", Matrix(HIDDEN, CLASSES))).double()
    initialise(network, generator)
    inputs = uniform(generator, (BATCH, STEPS, FEATURES))
    labels = torch.from_numpy(generator.integers(0, CLASSES, (BATCH, STEPS)))
    write_network(folder / "lora.h5", network, cross_entropy, adamw, inputs, labels)
