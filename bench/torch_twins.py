"""The networks of configs/*.yaml in PyTorch, and their training step, in one process or in several under DDP."""

import warnings

import torch
import torch.distributed
from torch import nn
from torch.nn import functional

import mamba
import recurrent
import transformer
import transformer_torch

BATCH = 64
BATCHES = 32


class Residual(nn.Module):
    """Two convolutions around which their input goes: every other pixel and channels of zeros, where
    shapes differ."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.layers = nn.Sequential(
            *convolution(inputs, outputs, stride), nn.ReLU(), *convolution(outputs, outputs, 1))
        self.stride, self.missing = stride, outputs - inputs

    def forward(self, x):
        way = x
        if self.missing:
            way = functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.missing))
        return functional.relu(self.layers(x) + way)


def convolution(inputs, outputs, stride):
    return [nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs)]


class Recurrent(nn.Module):
    """Scores of each step for tokens, of the last one for rows of an image."""

    def __init__(self, size):
        super().__init__()
        self.embedding = nn.Embedding(recurrent.SYMBOLS, size.embedding) if size.embedding else None
        self.layers = getattr(nn, size.kind)(size.embedding or 28, size.units, size.layers)
        self.dense = nn.Linear(size.units, size.outputs)

    def forward(self, x):
        if self.embedding is None:
            return self.dense(self.layers(x)[0][-1])
        return self.dense(self.layers(self.embedding(x))[0]).flatten(0, 1)


def make_network(name, mode):
    if name in mamba.NETWORKS:
        import mamba_torch  # of a package that others do without

        return mamba_torch.Mamba(mamba.NETWORKS[name], mode)
    if name in recurrent.NETWORKS:
        return Recurrent(recurrent.NETWORKS[name])
    if name in transformer.NETWORKS:
        return transformer_torch.Transformer(transformer.NETWORKS[name])
    if name == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    if name == "conv":
        return nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(1568, 128), nn.ReLU(), nn.Linear(128, 10))
    if name == "lenet":
        return nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))
    widths = [16, 16, 16, 32, 32, 32, 64, 64, 64]
    return nn.Sequential(
        *convolution(3, 16, 1), nn.ReLU(),
        *[Residual(i, o, o // i) for i, o in zip([16, *widths], widths)],
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def make_batches(name, ranks, layout):
    for family in (recurrent, transformer, mamba):
        if name in family.NETWORKS:
            return [
                (torch.from_numpy(inputs), torch.from_numpy(labels.flatten()))
                for inputs, labels in family.draw(name, BATCHES, ranks)
            ]
    shape = (3, 32, 32) if name == "resnet20" else (1, 28, 28)
    return [
        (torch.rand(BATCH // ranks, *shape).contiguous(memory_format=layout),
         torch.randint(0, 10, (BATCH // ranks,)))
        for _ in range(BATCHES)
    ]


def make_step(arguments):
    """A function of (inputs, labels) that does one training step, the batches to feed it, and how many
    parameters it trains. Of several ranks each gets its share of the batch."""
    torch.manual_seed(1)
    ranks = arguments.ranks
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)

    layout = torch.channels_last if "channels_last" in arguments.mode else torch.contiguous_format
    network = make_network(arguments.network, arguments.mode).to(memory_format=layout)
    batches = make_batches(arguments.network, ranks, layout)
    implementation = {part: True for part in ("fused", "foreach") if part in arguments.mode}
    clips = arguments.network in {**transformer.NETWORKS, **mamba.NETWORKS}
    if clips:
        optimizer = transformer_torch.adamw(network, **implementation)
    else:
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, **implementation)

    if ranks > 1:
        warnings.simplefilter("ignore", FutureWarning)  # what replaces broadcast_buffers does more
        network = torch.nn.parallel.DistributedDataParallel(
            network, static_graph=True, gradient_as_bucket_view=True, broadcast_buffers=False)

    def loss_of(inputs, labels):
        return functional.cross_entropy(network(inputs), labels)

    if "compile" in arguments.mode:
        loss_of = torch.compile(loss_of)

    def step(inputs, labels):
        optimizer.zero_grad()
        loss_of(inputs, labels).backward()
        if clips:
            nn.utils.clip_grad_norm_(network.parameters(), transformer.CLIP)
        optimizer.step()

    return step, batches, sum(p.numel() for p in network.parameters())
