#!/usr/bin/env python3
"""Writes the golden files of recurrent networks: `python make_recurrent.py [folder]`, into `recurrent/` there.

The files are those of `make_goldens.py`. The layers of PyTorch make them where it has the cell; others are
computed by `recurrent_cells.py`, which is first compared with PyTorch and with numbers from elsewhere.
"""

import itertools
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from make_goldens import (
    BATCH, NOISE, PAIRS, Layers, adam, uniform, write_adversaries, write_network)
from make_graphs import Graph
from recurrent_cells import CELLS, Recurrent

STEPS, FEATURES, UNITS, CLASSES = 7, 3, 4, 5
KINDS = {
    "rnn": nn.RNN, "rnn_relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k),
    "lstm": nn.LSTM, "gru": nn.GRU}
BOTH = ("", "_reverse")


def run_pytorch(layer, x, lengths):
    """What `Recurrent.forward` gives, by a layer of PyTorch."""
    packed = nn.utils.rnn.pack_padded_sequence(
        x, lengths, batch_first=True, enforce_sorted=False)
    outputs, last = layer(packed)
    last = last[0] if isinstance(last, tuple) else last
    sequence, _ = nn.utils.rnn.pad_packed_sequence(
        outputs, batch_first=True, total_length=x.shape[1])
    return sequence, torch.cat(list(last[-2 if layer.bidirectional else -1:]), 1)


# Checks


def small_matrix(scale):
    return [[scale * (0.1 * (i + 1) - 0.07 * (j + 1)) for j in range(2)] for i in range(2)]


# A cell: of each gate the scales of W and U and the bias; what h is after three steps.
KNOWN = {
    "rnn": ({"h": (1, 0.5, 0.1)}, [0.0541904590, 0.0478164771]),
    "lstm": (
        {"i": (1, 0.5, 0.1), "f": (-0.8, 0.6, 1), "g": (1.5, -0.4, 0), "o": (0.7, 0.9, -0.1)},
        [0.0014319223, 0.0177154547]),
    "peepholes": (
        {"i": (1, 0.5, 0.1), "f": (-0.8, 0.6, 1), "g": (1.5, -0.4, 0), "o": (0.7, 0.9, -0.1)},
        [0.0014450320, 0.0177672801]),
    "gru": (
        {"r": (1, 0.5, 0.1), "z": (-0.8, 0.6, -0.2), "n": (1.5, -0.4, 0.05)},
        [0.1683878227, 0.1825385877]),
    "gru_before": (
        {"r": (1, 0.5, 0.1), "z": (-0.8, 0.6, -0.2), "n": (1.5, -0.4, 0.05)},
        [0.2903778792, 0.2975774084]),
} | {
    cell: ({"f": (1, 0.5, 0.1), "h": (1.5, -0.4, 0.05)}, last)
    for cell, last in {
        "mgu": [0.0300984716, 0.0496219435], "mgu1": [0.0287117577, 0.0421568671],
        "mgu2": [0.0299092016, 0.0443086959], "mgu3": [0.0286651651, 0.0424972826]}.items()}


def check_known_numbers():
    """Three steps of two units on two features, worked out elsewhere."""
    x = torch.tensor([[[0.5, -1.0], [1.0, 0.25], [-0.75, 0.5]]], dtype=torch.float64)
    for name, (gates, last) in KNOWN.items():
        layer = Recurrent(name, 2, 2).double()
        for parameter, where in layer.cell.gates.items():
            if parameter == "weight_peephole":
                values = [[0.1, 0.2]] * len(where)
            elif parameter == "bias_hh":
                values = [0.3 if "gru" in name and gate == "n" else 0 for gate in where for _ in "12"]
            elif parameter == "bias_ih":
                values = [gates[gate][2] for gate in where for _ in "12"]
            else:
                side = ["weight_ih", "weight_hh"].index(parameter)
                values = [row for gate in where for row in small_matrix(gates[gate][side])]
            getattr(layer, f"{parameter}_l0").data = torch.tensor(values, dtype=torch.float64)
        found = layer(x, torch.tensor([3]))[1][0]
        assert torch.allclose(found, torch.tensor(last, dtype=torch.float64), rtol=0, atol=6e-11), (
            name, found)


def check_pytorch():
    """Equal to PyTorch's layers, in any number of layers and directions and with lengths."""
    torch.manual_seed(1)
    x, lengths = torch.randn(5, 7, 3, dtype=torch.float64), torch.tensor([7, 1, 4, 6, 2])
    for (cell, kind), layers, both in itertools.product(KINDS.items(), (1, 2), (False, True)):
        theirs = kind(3, 4, num_layers=layers, bidirectional=both, batch_first=True).double()
        ours = Recurrent(cell, 3, 4, layers, BOTH if both else ("",)).double()
        ours.load_state_dict(theirs.state_dict())
        assert list(ours.state_dict()) == list(theirs.state_dict())
        for found, wanted in zip(ours(x, lengths), run_pytorch(theirs, x, lengths)):
            assert torch.allclose(found, wanted, rtol=0, atol=1e-14), (cell, layers, both)


# Networks


def run(layer, x, lengths):
    return layer(x, lengths) if isinstance(layer, Recurrent) else run_pytorch(layer, x, lengths)


def network(kind, layer, last, entries=0):
    """A recurrent layer and a dense one on each step or on the last state; inputs end with the lengths."""

    def join(net, x):
        x, lengths = x[:, :-1], x[:, -1].long()
        x = net["embedding1"](x.long()) if entries else x.unflatten(1, (STEPS, FEATURES))
        return net["dense1"](run(net[f"{kind}1"], x, lengths)[last])

    embedding = {"embedding1": nn.Embedding(entries, FEATURES)} if entries else {}
    width = UNITS * sum(name.startswith("weight_ih_l0") for name, _ in layer.named_parameters())
    return Graph(join, **embedding, **{f"{kind}1": layer}, dense1=nn.Linear(width, CLASSES)).double()


def draw(network, generator):
    for parameter in network.parameters():
        parameter.data = uniform(generator, tuple(parameter.shape), -0.5, 0.5)


def cross_entropy(scores, labels):
    """The class of each sample or step; steps after the end have -1, which does not count."""
    return functional.cross_entropy(scores.flatten(0, -2), labels.flatten(), ignore_index=-1)


def write_case(path, kind, layer, generator, last=False, padded=False, entries=0):
    """Inputs are whole numbers over 64, which compress well; there are some after the end too."""
    net = network(kind, layer, last, entries)
    draw(net, generator)
    if entries:
        inputs = generator.integers(0, entries, (BATCH, STEPS)).astype(float)
    else:
        inputs = generator.integers(-64, 64, (BATCH, STEPS, FEATURES)) / 64
    lengths = generator.integers(1, STEPS + 1, BATCH) if padded else np.full(BATCH, STEPS)
    labels = generator.integers(0, CLASSES, BATCH if last else (BATCH, STEPS))
    if not last:
        labels[np.arange(STEPS) >= lengths[:, None]] = -1
    write_network(
        path, net, cross_entropy, adam,
        torch.from_numpy(np.hstack([inputs.reshape(BATCH, -1), lengths[:, None]])),
        torch.from_numpy(labels), stored_inputs=inputs,
        fields={"lengths": lengths.astype(float)} if padded else {})


def write_pytorch(folder, generator):
    cases = {  # layers, directions, last, padded
        "": (1, 1, False, False), "_last": (1, 1, True, True), "_both": (1, 2, False, True),
        "_layers": (2, 1, True, False), "_both_last": (1, 2, True, True),
        "_layers_both": (2, 2, False, True)}
    for (name, kind), (suffix, case) in itertools.product(KINDS.items(), cases.items()):
        if name == "rnn_relu" and suffix not in ("", "_layers_both"):
            continue
        layers, directions, last, padded = case
        layer = kind(
            FEATURES, UNITS, num_layers=layers, bidirectional=directions == 2, batch_first=True)
        write_case(
            folder / f"{name}{suffix}.h5", name.split("_")[0], layer, generator, last, padded)
    layer = nn.LSTM(FEATURES, UNITS, batch_first=True)
    write_case(folder / "lstm_tokens.h5", "lstm", layer, generator, padded=True, entries=6)


def write_others(folder, generator):
    """Cells that PyTorch lacks, the backward direction alone and first states that are learned."""
    for name, cell in CELLS.items():
        if name not in KINDS:
            kind = next(k for k in ("gru", "mgu", "lstm") if k in name or k == "lstm")
            stem = name if kind in name else f"lstm_{name}"
            layer = Recurrent(name, FEATURES, UNITS)
            write_case(folder / f"{stem}.h5", kind, layer, generator, padded=True)
    for kind in KINDS:
        if kind != "rnn_relu":
            layer = Recurrent(kind, FEATURES, UNITS, backward=True)
            write_case(folder / f"{kind}_backward.h5", kind, layer, generator, True, True)
            layer = Recurrent(kind, FEATURES, UNITS, 1, BOTH, learned=True)
            write_case(folder / f"{kind}_learned.h5", kind, layer, generator, padded=True)
    layer = Recurrent("peepholes", FEATURES, UNITS, 2, BOTH, learned=True)
    write_case(folder / "lstm_peepholes_layers.h5", "lstm", layer, generator, True, True)


def write_critics(folder, generator):
    """WGAN-GP, whose penalty is a derivative of the derivative of the loop."""
    for kind in ("lstm", "gru"):
        def join(net, x, kind=kind):
            return net["dense1"](run(net[f"{kind}1"], x, torch.full((len(x),), STEPS))[1])

        critic = Graph(
            join, **{f"{kind}1": KINDS[kind](FEATURES, UNITS, batch_first=True)},
            dense1=nn.Linear(UNITS, 1))
        maker = Layers(
            ("dense1", nn.Linear(NOISE, STEPS * FEATURES)), nn.Tanh(),
            nn.Unflatten(1, (STEPS, FEATURES)))
        networks = nn.ModuleDict({"generator": maker, "critic": critic}).double()
        draw(networks, generator)
        real = uniform(generator, (PAIRS, STEPS, FEATURES))
        write_adversaries(folder / f"wgan_gp_{kind}.h5", networks, real, real, generator)


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = (destination if destination.is_dir() else destination.parent) / "recurrent"
    destination.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    check_known_numbers()
    check_pytorch()
    numbers = np.random.default_rng(14)
    write_pytorch(destination, numbers)
    write_others(destination, numbers)
    write_critics(destination, numbers)
