"""The network of bench/configs/mamba.yaml: its sizes, its optimizer, and batches of random tokens."""

import typing

import numpy

from transformer import SYMBOLS


class Size(typing.NamedTuple):
    layers: int = 2
    width: int = 128
    state: int = 16
    expand: int = 2
    conv: int = 4
    steps: int = 256
    samples: int = 8

    @property
    def channels(self):
        return self.expand * self.width

    @property
    def rank(self):
        return -(-self.width // 16)


NETWORKS = {"mamba": Size()}


def draw(name, count, ranks=1):
    """Inputs and labels of a few batches; the slowest peer takes seconds for each."""
    size, generator = NETWORKS[name], numpy.random.default_rng(1)
    for _ in range(min(count, 4)):
        yield tuple(generator.integers(0, SYMBOLS, (2, size.samples // ranks, size.steps)))
