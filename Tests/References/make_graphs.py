#!/usr/bin/env python3
"""Writes the golden files of graph models and of layers that need more cases: `python make_graphs.py [folder]`.

The files are those of `make_goldens.py`; fields of the data beside samples and targets are in `fields/`.
"""

import itertools
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from make_goldens import (
    BATCH, Golden, Layers, adam, channels_first, initialise, pixels, uniform, write_network)


class Graph(nn.Module):
    """Modules by the names that nn-dist gives them, in its order; `join` is the forward pass."""

    def __init__(self, join, **layers):
        super().__init__()
        self.names, self.join = list(layers), join
        for name, layer in layers.items():
            self.add_module(name, layer)

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return (self[name] for name in self.names)

    def __getitem__(self, name):
        return getattr(self, name)

    def forward(self, x):
        return self.join(self, x)


# Norms and pools


class ChannelNorm(nn.RMSNorm):
    """The features of each place of a map."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class SidePool(nn.MaxPool2d):
    """A row above and a column on the right that never win."""

    def forward(self, x):
        return super().forward(functional.pad(x, (0, 1, 1, 0), value=-torch.inf))


def norms():
    return Layers(
        ("conv1", nn.Conv2d(3, 8, 3, padding=1)), ("groupnorm1", nn.GroupNorm(4, 8)), nn.ReLU(),
        SidePool(3, 2, ceil_mode=True), ("rmsnorm1", ChannelNorm(8, eps=1e-3)),
        ("conv2", nn.Conv2d(8, 6, 3, padding=1)), ("groupnorm2", nn.GroupNorm(1, 6, eps=1e-2)),
        nn.MaxPool2d((3, 2), (2, 3), padding=(1, 0), ceil_mode=True), nn.Flatten(),
        ("dense1", nn.Linear(36, 12)), ("groupnorm3", nn.GroupNorm(3, 12)), nn.Tanh(),
        ("rmsnorm2", nn.RMSNorm(12, eps=1e-5)), nn.GroupNorm(2, 12, affine=False),
        ("dense2", nn.Linear(12, 10)))


class Steps(nn.Module):
    """A layer of [samples, channels, steps] on [samples, steps, channels]."""

    def __init__(self, layer):
        super().__init__()
        for name, parameter in layer.named_parameters():
            self.register_parameter(name, parameter)
        self.layer = [layer]

    def forward(self, x):
        parameters = dict(self.named_parameters())
        y = torch.func.functional_call(self.layer[0], parameters, (x.transpose(1, 2),))
        return y.transpose(1, 2)


def step_norms():
    return Layers(
        ("conv1", Steps(nn.Conv1d(4, 6, 3, padding=1))), ("groupnorm1", Steps(nn.GroupNorm(3, 6))),
        nn.Tanh(), Steps(nn.MaxPool1d(4, 3, padding=2, ceil_mode=True)),
        ("rmsnorm1", nn.RMSNorm(6, eps=1e-5)), ("dense1", nn.Linear(6, 5)))


def cross_entropy_of_steps(scores, labels):
    return functional.cross_entropy(scores.flatten(0, 1), labels.flatten())


def write_norms(folder):
    generator = np.random.default_rng(11)
    network, images = norms().double(), pixels(generator, (BATCH, 9, 8, 3))
    initialise(network, generator)
    labels = torch.from_numpy(generator.integers(0, 10, BATCH))
    write_network(
        folder / "norms.h5", network, nn.CrossEntropyLoss(), adam, channels_first(images), labels,
        stored_inputs=images)

    network, inputs = step_norms().double(), uniform(generator, (BATCH, 12, 4))
    initialise(network, generator)
    labels = torch.from_numpy(generator.integers(0, 5, (BATCH, 5)))
    write_network(folder / "step_norms.h5", network, cross_entropy_of_steps, adam, inputs, labels)


def write_pools(folder):
    """Max-pooling of lines of whole numbers with `ceil_mode`, wherever PyTorch allows it.

    `cases` holds extent, size, stride, padding and the number of outputs, `outputs` those of all cases.
    """
    generator = np.random.default_rng(12)
    line = torch.from_numpy(generator.integers(-9, 10, 9)).double()
    cases, outputs = [], []
    for extent, size, stride in itertools.product(range(1, 10), range(1, 6), range(1, 6)):
        for padding in range(size // 2 + 1):
            try:
                output = functional.max_pool1d(
                    line[None, None, :extent], size, stride, padding, ceil_mode=True).flatten()
            except RuntimeError:
                continue
            cases.append([extent, size, stride, padding, len(output)])
            outputs += output.tolist()
    with Golden(folder / "pools.h5") as golden:
        golden.put("line", line)
        golden.put("cases", np.array(cases, float))
        golden.put("outputs", outputs)


# Graph models


def unet():
    def join(net, x):
        one = net["one"](x).relu()
        two = net["two"](functional.max_pool2d(one, 2)).relu()
        low = net["conv3"](functional.max_pool2d(two, 2)).relu()
        up = net["up1"](low)
        x = net["conv4"](torch.cat([up, two], 1)).relu()
        up = net["up2"](x)
        return net["conv6"](net["conv5"](torch.cat([one, up], 1)).relu())

    return Graph(
        join, one=nn.Conv2d(1, 4, 3, padding=1), two=nn.Conv2d(4, 6, 3, padding=1),
        conv3=nn.Conv2d(6, 8, 3, padding=1), up1=nn.ConvTranspose2d(8, 6, 2, stride=2),
        conv4=nn.Conv2d(12, 6, 3, padding=1), up2=nn.ConvTranspose2d(6, 4, 2, stride=2),
        conv5=nn.Conv2d(8, 4, 3, padding=1), conv6=nn.Conv2d(4, 3, 1))


def cross_entropy_of_pixels(scores, labels):
    return functional.cross_entropy(scores, labels, ignore_index=-1)


def siamese():
    def encode(net, x):
        x = net["left1/batchnorm1"](net["left1/conv1"](x)).relu()
        x = functional.max_pool2d(x, 2).flatten(1)
        return net["left1/batchnorm2"](net["left1/dense1"](x)).tanh()

    def join(net, x):
        left, right = encode(net, x[:, 0]), encode(net, x[:, 1])
        return net["dense1"]((left - right).square())

    return Graph(
        join, **{
            "left1/conv1": nn.Conv2d(1, 4, 3, padding=1, bias=False),
            "left1/batchnorm1": nn.BatchNorm2d(4),
            "left1/dense1": nn.Linear(64, 6, bias=False),
            "left1/batchnorm2": nn.BatchNorm1d(6, momentum=0.3), "dense1": nn.Linear(6, 2)})


def gate():
    def join(net, x):
        x = net["body"](x)
        gate = net["gate"](x.mean((2, 3))).sigmoid()
        return net["dense2"]((x * gate[:, :, None, None]).relu().flatten(1))

    return Graph(
        join, body=nn.Conv2d(3, 6, 3, padding=1), gate=nn.Linear(6, 6), dense2=nn.Linear(150, 5))


def two_outputs():
    def join(net, x):
        x = net["dense1"](x).tanh()
        return torch.cat([net["kind"](x), net["size"](x)], 1)

    return Graph(join, dense1=nn.Linear(8, 12), kind=nn.Linear(12, 4), size=nn.Linear(12, 2))


def weighted_sum(outputs, targets):
    kinds, sizes = targets[:, 0].long(), targets[:, 1:]
    return (functional.cross_entropy(outputs[:, :4], kinds)
            + 0.25 * functional.mse_loss(outputs[:, 4:], sizes))


def second_input():
    def join(net, x):
        samples, other = x[:, :6], x[:, 6:]
        one = net["dense1"](samples).tanh()
        two = net["dense2"](other).tanh()
        return net["dense3"](torch.cat([one, two, other], 1))

    return Graph(
        join, dense1=nn.Linear(6, 7), dense2=nn.Linear(4, 5), dense3=nn.Linear(16, 3))


def write_graphs(folder):
    generator = np.random.default_rng(13)
    network, images = unet().double(), pixels(generator, (BATCH, 8, 8, 1))
    initialise(network, generator)
    labels = torch.from_numpy(generator.integers(-1, 3, (BATCH, 8, 8)))
    write_network(
        folder / "unet.h5", network, cross_entropy_of_pixels, adam, channels_first(images), labels,
        stored_inputs=images)

    network, pairs = siamese().double(), pixels(generator, (BATCH, 2, 8, 8, 1))
    initialise(network, generator)
    labels = torch.from_numpy(generator.integers(0, 2, BATCH))
    write_network(
        folder / "siamese.h5", network, nn.CrossEntropyLoss(), adam, pairs.movedim(-1, 2), labels,
        stored_inputs=pairs[:, 0], fields={"second": pairs[:, 1]})

    network, images = gate().double(), pixels(generator, (BATCH, 5, 5, 3))
    initialise(network, generator)
    targets = uniform(generator, (BATCH, 5))
    write_network(
        folder / "gate.h5", network, nn.MSELoss(), adam, channels_first(images), targets,
        stored_inputs=images)

    network, inputs = two_outputs().double(), uniform(generator, (BATCH, 8))
    initialise(network, generator)
    kinds = torch.from_numpy(generator.integers(0, 4, BATCH))
    sizes = uniform(generator, (BATCH, 2))
    write_network(
        folder / "two_outputs.h5", network, weighted_sum, adam, inputs,
        torch.cat([kinds[:, None].double(), sizes], 1), stored_targets=kinds,
        fields={"extent": sizes})

    network, inputs = second_input().double(), uniform(generator, (BATCH, 10))
    initialise(network, generator)
    targets = uniform(generator, (BATCH, 3))
    write_network(
        folder / "second_input.h5", network, nn.HuberLoss(delta=0.5), adam, inputs, targets,
        stored_inputs=inputs[:, :6], fields={"other": inputs[:, 6:].reshape(BATCH, 2, 2)})


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = destination if destination.is_dir() else destination.parent
    torch.set_num_threads(1)
    write_norms(destination)
    write_pools(destination)
    write_graphs(destination)
