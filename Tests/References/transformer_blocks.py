"""Attention and the blocks of a Transformer as they stand on paper.

Layers have the names of nn-dist.
"""

import torch
from torch import nn
from torch.nn import functional

STEPS, WRITTEN, WIDTH, HEADS, HIDDEN, BLOCKS = 6, 5, 8, 2, 12, 2
SYMBOLS, OTHERS = 11, 7
NORMS = {"layernorm": nn.LayerNorm, "rmsnorm": lambda width: nn.RMSNorm(width, eps=1e-5)}


def attend(q, k, v, scale, causal=False, counts=None):
    """Outputs, and the logarithms of the sums of exponentials.

    q is [n, T, heads, size]; k and v are [n, S, groups, size]. Query i reads key j where j < counts
    and, if it is causal, j <= i; one that reads none has 0 and -1e30.
    """
    k, v = (x.repeat_interleave(q.shape[2] // x.shape[2], 2) for x in (k, v))
    scores = torch.einsum("nthd,nshd->nths", q, k) * scale
    steps, place = torch.arange(q.shape[1])[:, None, None], torch.arange(k.shape[1])
    hidden = (place > steps) & causal
    if counts is not None:
        hidden = hidden | (place >= counts[:, None, None, None])
    hidden = hidden.expand(scores.shape)
    empty = hidden.all(-1, keepdim=True)
    scores = scores.masked_fill(hidden & ~empty, -torch.inf)
    weights = scores.softmax(-1).masked_fill(empty, 0)
    sums = scores.logsumexp(-1).masked_fill(empty[..., 0], -1e30)
    return torch.einsum("nths,nshd->nthd", weights, v), sums


def turn(x):
    """Features i and i + size / 2 as a complex number, whose angle grows with the step."""
    a, b = x.double().chunk(2, -1)
    size = a.shape[-1]
    steps, rates = torch.arange(x.shape[1]), 10000.0 ** (-torch.arange(size).double() / size)
    angles = steps[:, None, None] * rates
    z = torch.complex(a, b) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([z.real, z.imag], -1).to(x.dtype)


def waves(steps, width):
    """The sine and the cosine of each pair of features, in turn."""
    rates = 10000.0 ** (-torch.arange(0, width, 2).double() / width)
    angles = torch.arange(steps)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], 2).flatten(1)


class Blocks:
    """The blocks of one `transformer`: their layers by name, and the way through them."""

    def __init__(
        self, name="block", kv_heads=HEADS, causal=False, rotary=False, memory=False,
        norm="layernorm", activation="gelu", order="pre", bias=True,
    ):
        self.name, self.kv_heads, self.causal, self.rotary = name, kv_heads, causal, rotary
        self.memory, self.norm, self.activation = memory, norm, activation
        self.order, self.bias = order, bias

    @property
    def sums(self):
        return 3 if self.memory else 2

    def norm_name(self, block, number):
        """Before the layers that are added, or behind the sum."""
        inside = f"residual{number}/{self.norm}1" if self.order == "pre" else f"{self.norm}{number}"
        return f"{self.name}{block}/{inside}"

    def layers(self):
        for block in range(1, BLOCKS + 1):
            for number in range(1, self.sums + 1):
                path = f"{self.name}{block}/residual{number}"
                if self.order == "pre":
                    yield self.norm_name(block, number), NORMS[self.norm](WIDTH)
                if number < self.sums:
                    rows = self.kv_heads * WIDTH // HEADS
                    parts = {"query": WIDTH, "key": rows, "value": rows, "output": WIDTH}
                    for part, rows in parts.items():
                        yield f"{path}/attention1/{part}", nn.Linear(WIDTH, rows, bias=self.bias)
                else:
                    wide = HIDDEN * (2 if self.activation == "swiglu" else 1)
                    yield f"{path}/dense1", nn.Linear(WIDTH, wide, bias=self.bias)
                    yield f"{path}/dense2", nn.Linear(HIDDEN, WIDTH, bias=self.bias)
                if self.order == "post":
                    yield self.norm_name(block, number), NORMS[self.norm](WIDTH)

    def attention(self, net, path, x, source, counts, own):
        q, k, v = (
            net[f"{path}/{part}"](y).unflatten(2, (-1, WIDTH // HEADS))
            for part, y in (("query", x), ("key", source), ("value", source)))
        if self.rotary and own:
            q, k = turn(q), turn(k)
        y, _ = attend(q, k, v, (WIDTH // HEADS) ** -0.5, self.causal and own, counts)
        return net[f"{path}/output"](y.flatten(2))

    def feed_forward(self, net, path, x):
        x = net[f"{path}/dense1"](x)
        if self.activation == "swiglu":
            a, b = x.chunk(2, -1)
            x = functional.silu(a) * b
        else:
            x = getattr(functional, self.activation)(x)
        return net[f"{path}/dense2"](x)

    def __call__(self, net, x, counts=None, memory=None, memory_counts=None):
        for block in range(1, BLOCKS + 1):
            for number in range(1, self.sums + 1):
                path = f"{self.name}{block}/residual{number}"
                norm = net[self.norm_name(block, number)]
                y = norm(x) if self.order == "pre" else x
                if number == 1:
                    y = self.attention(net, f"{path}/attention1", y, y, counts, True)
                elif number < self.sums:
                    y = self.attention(net, f"{path}/attention1", y, memory, memory_counts, False)
                else:
                    y = self.feed_forward(net, path, y)
                x = x + y if self.order == "pre" else norm(x + y)
        return x
