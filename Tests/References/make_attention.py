#!/usr/bin/env python3
"""Writes the golden files of recurrent layers with additive attention: `python make_attention.py [folder]`,
into `recurrent/` there.

The files are those of `make_goldens.py`. A step is the cell of PyTorch, which reads beside its input the mean of a
memory, weighted as Bahdanau, Cho and Bengio (2015) do.
"""

import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from make_goldens import BATCH, adam, uniform, write_network
from make_graphs import Graph
from make_recurrent import CLASSES, FEATURES, STEPS, UNITS, cross_entropy, draw

MEMORY, SIZE, SCORES = 5, 2, 3  # the steps of the memory, their features, and the hidden layer of scores
CELLS = {"rnn": (1, torch.rnn_tanh_cell), "lstm": (4, torch.lstm_cell), "gru": (3, torch.gru_cell)}


class Attentive(nn.Module):
    def __init__(self, kind):
        super().__init__()
        gates, self.cell = CELLS[kind]
        self.kind = kind
        shapes = {
            "weight_ih": (gates * UNITS, FEATURES + SIZE), "weight_hh": (gates * UNITS, UNITS),
            "bias_ih": (gates * UNITS,), "bias_hh": (gates * UNITS,), "weight_query": (SCORES, UNITS),
            "weight_memory": (SCORES, SIZE), "bias_memory": (SCORES,), "weight_score": (1, SCORES)}
        for name, shape in shapes.items():
            setattr(self, f"{name}_l0", nn.Parameter(torch.zeros(shape)))

    def forward(self, x, memory, lengths):
        keys = functional.linear(memory, self.weight_memory_l0, self.bias_memory_l0)
        hidden = torch.arange(MEMORY) >= lengths[:, None]
        h = c = x.new_zeros(len(x), UNITS)
        outputs = []
        for step in range(STEPS):
            query = functional.linear(h, self.weight_query_l0)
            fits = functional.linear(torch.tanh(keys + query[:, None]), self.weight_score_l0)[..., 0]
            weights = torch.softmax(fits.masked_fill(hidden, -torch.inf), 1)
            context = torch.einsum("ns,nsf->nf", weights, memory)
            read = torch.cat([x[:, step], context], 1)
            tensors = self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0
            if self.kind == "lstm":
                h, c = self.cell(read, (h, c), *tensors)
            else:
                h = self.cell(read, h, *tensors)
            outputs.append(h)
        return torch.stack(outputs, 1)


def network(kind):
    def join(net, x):
        samples, memory, lengths = x.split([STEPS * FEATURES, MEMORY * SIZE, 1], 1)
        hidden = net[f"{kind}1"](
            samples.unflatten(1, (STEPS, FEATURES)), memory.unflatten(1, (MEMORY, SIZE)), lengths[:, 0])
        return net["dense1"](hidden)

    return Graph(join, **{f"{kind}1": Attentive(kind)}, dense1=nn.Linear(UNITS, CLASSES)).double()


def write_case(path, kind, generator):
    net = network(kind)
    draw(net, generator)
    samples = uniform(generator, (BATCH, STEPS, FEATURES))
    memory = uniform(generator, (BATCH, MEMORY, SIZE))
    lengths = torch.from_numpy(generator.integers(1, MEMORY + 1, BATCH).astype(float))
    labels = torch.from_numpy(generator.integers(0, CLASSES, (BATCH, STEPS)))
    inputs = torch.cat([samples.flatten(1), memory.flatten(1), lengths[:, None]], 1)
    write_network(
        path, net, cross_entropy, adam, inputs, labels, stored_inputs=samples,
        fields={"memory": memory, "lengths": lengths})


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = (destination if destination.is_dir() else destination.parent) / "recurrent"
    torch.set_num_threads(1)
    numbers = np.random.default_rng(18)
    for cell in CELLS:
        write_case(destination / f"{cell}_attention.h5", cell, numbers)
