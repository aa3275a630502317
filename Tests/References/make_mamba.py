#!/usr/bin/env python3
"""Writes the golden files of Mamba: `python make_mamba.py [folder]`, into `mamba/` there.

The files are those of `make_goldens.py`. The scan is a plain loop, which is first compared with numbers from
elsewhere, with a scan that has no loop, and with itself one step at a time.
"""

import math
import pathlib
import sys
import typing

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from make_goldens import BATCH, Golden, initialise, uniform, write_network
from make_graphs import Graph
from make_recurrent import cross_entropy
from transformer_blocks import NORMS

INTERVAL = 16  # steps between two saved states


def scan(u, delta, a, b, c, first):
    """Outputs `[n, T, channels]`, and the states before each step and after the last.

    u and delta are `[n, T, channels]`, a `[states, channels]`, b and c `[n, T, states]`, and the first state
    `[n, states, channels]`.
    """
    states, outputs = [first], []
    for t in range(u.shape[1]):
        decay = torch.exp(delta[:, t, None] * a)
        states.append(decay * states[-1] + (delta[:, t] * u[:, t])[:, None] * b[:, t, :, None])
        outputs.append((c[:, t, :, None] * states[-1]).sum(1))
    return torch.stack(outputs, 1), torch.stack(states, 1)


def saved(states):
    """The states before the steps 0, 16, 32 and so on, and the last one."""
    return torch.cat([states[:, :-1:INTERVAL], states[:, -1:]], 1)


# Checks


def check_known_numbers():
    """Three steps of one channel with two states, worked out elsewhere."""
    u, raw = [1, -0.5, 2], [0.1, -0.3, 0.7]
    b, c, z = [[0.5, -0.2], [1, 0.3], [-0.4, 0.8]], [[1, 0.5], [0.2, -1], [0.7, 0.6]], [0.3, -1, 2]
    known = {
        "delta": [0.7443966601, 0.5543552445, 1.1031860489],
        "states": [
            [0.3721983300, -0.1488793320], [-0.0633710768, -0.1322811147],
            [-0.9035761373, 1.7505336129]],
        "outputs": [1.2977586640, -0.3803931007, 2.4178168716],
        "gated": [0.2236463260, 0.1023034612, 4.2592120712]}
    u, raw, b, c, z = (torch.tensor(x, dtype=torch.float64) for x in (u, raw, b, c, z))
    u, delta = u[None, :, None], functional.softplus(raw)[None, :, None]
    a = -torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    y, states = scan(u, delta, a, b[None], c[None], torch.zeros(1, 2, 1, dtype=torch.float64))
    y = (y + u)[0, :, 0]
    found = {
        "delta": delta[0, :, 0], "states": states[0, 1:, :, 0], "outputs": y,
        "gated": y * functional.silu(z)}
    for name, values in known.items():
        wanted = torch.tensor(values, dtype=torch.float64)
        assert torch.allclose(found[name], wanted, rtol=0, atol=6e-11), (name, found[name])


def check_other_ways(generator):
    """Equal to the sums that the recurrence stands for, and to one step after the other."""
    u, delta, a, b, c, first = draw_operands(generator, 3, 23, 5, 4)
    y, states = scan(u, delta, a, b, c, first)
    # From s to t the state decays by exp(a (delta[s + 1] + ... + delta[t])).
    total = delta.cumsum(1)[:, :, None]
    decay = torch.exp((total[:, :, None] - total[:, None]) * a)
    seen = torch.ones(23, 23, dtype=torch.float64).tril()
    drives = (delta * u)[:, :, None] * b[..., None]
    later = torch.einsum("ts,ntskc,nskc->ntkc", seen, decay, drives)
    assert torch.allclose(states[:, 1:], torch.exp(total * a) * first[:, None] + later, rtol=1e-12, atol=1e-13)
    for t in range(23):
        step = slice(t, t + 1)
        one, after = scan(u[:, step], delta[:, step], a, b[:, step], c[:, step], states[:, t])
        assert torch.equal(one, y[:, step]) and torch.equal(after[:, 1], states[:, t + 1])


# The scan alone


OPERANDS = "u", "delta", "a", "b", "c", "first"


def draw_operands(generator, n, steps, channels, states):
    shapes = [(n, steps, channels)] * 2 + [(states, channels)] + [(n, steps, states)] * 2 + [(n, states, channels)]
    ranges = [(-2, 2), (0.01, 1), (-3, -0.05), (-1, 1), (-1, 1), (-1, 1)]
    return [uniform(generator, shape, *bounds) for shape, bounds in zip(shapes, ranges)]


def write_scans(path, generator):
    cases = {  # n, T, channels, states
        "plain": (2, 4, 3, 2), "one_step": (3, 1, 5, 4), "one_interval": (2, 16, 3, 2),
        "two_intervals": (1, 32, 4, 1), "odd": (2, 37, 19, 5), "extreme": (2, 18, 3, 2)}
    with Golden(path) as golden:
        for name, sizes in cases.items():
            tensors = dict(zip(OPERANDS, draw_operands(generator, *sizes)))
            if name == "extreme":  # a state that is forgotten at once, and one that stays
                tensors["delta"][:, ::5], tensors["delta"][:, 1::5] = 500, 0
            operands = [tensor.requires_grad_() for tensor in tensors.values()]
            y, states = scan(*operands)
            states = saved(states)
            tensors |= {"y": y, "states": states}
            seeds = [uniform(generator, tuple(x.shape)).requires_grad_() for x in (y, states)]
            tensors |= {"y_gradient": seeds[0], "states_gradient": seeds[1]}
            # Of y alone, and of both results.
            gradients = torch.autograd.grad(y, operands, seeds[0], create_graph=True)
            both = torch.autograd.grad([y, states], operands, seeds, retain_graph=True)
            # Half the squares of the gradients are differentiated once more.
            norm = sum(gradient.square().sum() for gradient in gradients) / 2
            second = torch.autograd.grad(norm, [*operands, seeds[0]])
            tensors |= {f"gradient/{part}": x for part, x in zip(OPERANDS, gradients)}
            tensors |= {f"gradient_of_both/{part}": x for part, x in zip(OPERANDS, both)}
            tensors |= {f"second/{part}": x for part, x in zip([*OPERANDS, "y_gradient"], second)}
            for part, tensor in tensors.items():
                golden.put(f"{name}/{part}", tensor)


# Networks


class Numbers(nn.Module):
    """Parameters that belong to no layer within."""

    def __init__(self, **shapes):
        super().__init__()
        for name, shape in shapes.items():
            self.register_parameter(name, nn.Parameter(torch.empty(shape)))


class Mixer(typing.NamedTuple):
    """A mixer of the paper: the names of its layers, and the way through them."""

    width: int
    state: int = 16
    expand: int = 2
    conv: int = 4
    dt_rank: int | None = None

    @property
    def channels(self):
        return self.expand * self.width

    @property
    def rank(self):
        return self.dt_rank or math.ceil(self.width / 16)

    def layers(self, path):
        yield f"{path}/in_proj", nn.Linear(self.width, 2 * self.channels, bias=False)
        yield f"{path}/conv1d", Numbers(weight=(self.channels, self.conv), bias=(self.channels,))
        yield f"{path}/x_proj", nn.Linear(self.channels, self.rank + 2 * self.state, bias=False)
        yield f"{path}/dt_proj", nn.Linear(self.rank, self.channels)
        yield path, Numbers(A_log=(self.channels, self.state), D=(self.channels,))
        yield f"{path}/out_proj", nn.Linear(self.channels, self.width, bias=False)

    def draw(self, net, path, generator):
        """Smaller matrices, as products of three values grow fast; steps of every size, and many time scales."""
        for name in ("in_proj", "conv1d", "x_proj", "dt_proj", "out_proj"):
            net[f"{path}/{name}"].weight.data /= 2
        shape = (self.channels,)
        dt = torch.exp(uniform(generator, shape, math.log(0.02), 0))
        numbers = {"A_log": torch.arange(1, self.state + 1).log() + uniform(generator, (*shape, self.state), -0.2, 0.2),
                   "D": 1 + uniform(generator, shape, -0.2, 0.2)}
        net[f"{path}/dt_proj"].bias.data = (dt + torch.log(-torch.expm1(-dt))).float().double()
        for name, values in numbers.items():
            getattr(net[path], name).data = values.float().double()

    def __call__(self, net, path, x):
        x, z = net[f"{path}/in_proj"](x).chunk(2, -1)
        taps = net[f"{path}/conv1d"]
        x = functional.pad(x.transpose(1, 2), (self.conv - 1, 0))
        x = functional.conv1d(x, taps.weight[:, None], taps.bias, groups=self.channels).transpose(1, 2)
        x = functional.silu(x)
        dt, b, c = net[f"{path}/x_proj"](x).split([self.rank, self.state, self.state], -1)
        delta = functional.softplus(net[f"{path}/dt_proj"](dt))
        numbers = net[path]
        first = x.new_zeros(len(x), self.state, self.channels)
        y, _ = scan(x, delta, -torch.exp(numbers.A_log).T, b, c, first)
        return net[f"{path}/out_proj"]((y + numbers.D * x) * functional.silu(z))


def network(mixer, inputs, outputs, tokens=True):
    """Two blocks between an embedding and a score for each step; or one between dense layers, of the mean."""
    blocks = ["block1/", "block2/"] if tokens else [""]

    def join(net, x):
        x = net["embedding1"](x.long()) if tokens else net["dense1"](x)
        for block in blocks:
            x = x + mixer(net, f"{block}residual1/mamba1", net[f"{block}residual1/rmsnorm1"](x))
        x = net["rmsnorm1"](x)
        return net["dense1"](x) if tokens else net["dense2"](x.mean(1))

    start = {"embedding1": nn.Embedding(inputs, mixer.width)} if tokens else {"dense1": nn.Linear(inputs, mixer.width)}
    layers = {}
    for block in blocks:
        layers[f"{block}residual1/rmsnorm1"] = NORMS["rmsnorm"](mixer.width)
        layers |= dict(mixer.layers(f"{block}residual1/mamba1"))
    end = {"dense1" if tokens else "dense2": nn.Linear(mixer.width, outputs)}
    return Graph(join, **start, **layers, rmsnorm1=NORMS["rmsnorm"](mixer.width), **end).double()


def write_case(path, generator, mixer, steps, inputs, outputs, tokens=True):
    net = network(mixer, inputs, outputs, tokens)
    initialise(net, generator)
    for name in net.names:
        if name.endswith("mamba1"):
            mixer.draw(net, name, generator)
    # Matrices decay, but not A_log. A large epsilon keeps rounding small where gradients cancel.
    decays = [
        0.1 if tensor.dim() > 1 and not name.endswith("A_log") else 0 for name, tensor in net.named_parameters()]

    def adamw(parameters):
        groups = [{"params": [p], "weight_decay": decay} for p, decay in zip(parameters, decays, strict=True)]
        return torch.optim.AdamW(groups, lr=1e-2, eps=1e-3)

    if tokens:
        samples = torch.from_numpy(generator.integers(0, inputs, (BATCH, steps)))
    else:  # whole numbers over 64, which compress well
        samples = torch.from_numpy(generator.integers(-64, 64, (BATCH, steps, inputs)) / 64)
    labels = torch.from_numpy(generator.integers(0, outputs, (BATCH, steps) if tokens else BATCH))
    write_network(path, net, cross_entropy, adamw, samples.double(), labels)


def write_networks(folder, generator):
    two = Mixer(8, state=4, dt_rank=2)
    write_case(folder / "two.h5", generator, two, 19, 5, 5)
    wide = Mixer(7, state=16, expand=3, conv=2, dt_rank=3)
    write_case(folder / "wide.h5", generator, wide, 40, 6, 6)
    write_case(folder / "classifier.h5", generator, Mixer(6), 18, 3, 4, tokens=False)


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = (destination if destination.is_dir() else destination.parent) / "mamba"
    destination.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    numbers = np.random.default_rng(20)
    check_known_numbers()
    check_other_ways(numbers)
    write_scans(destination / "scan.h5", numbers)
    write_networks(destination, numbers)
