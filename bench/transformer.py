"""The Transformers of configs/char-gpt.yaml and bench/configs: their sizes, and batches of random tokens.

Both have nanoGPT's recipe: no biases but those of norms, one table for the first and the last layer, AdamW with decay of
matrices, and a bound on the norm of the gradient.
"""

import typing

import numpy

SYMBOLS = 66  # the 65 characters of Tiny Shakespeare, and one for others
RATE, BETAS, DECAY, CLIP = 1e-3, (0.9, 0.99), 0.1, 1.0


class Size(typing.NamedTuple):
    blocks: int
    heads: int
    width: int
    steps: int
    samples: int


NETWORKS = {"char-gpt": Size(4, 4, 128, 64, 12), "gpt-384": Size(6, 6, 384, 256, 4)}


def draw(name, count, ranks=1):
    """Inputs and labels of some batches."""
    size, generator = NETWORKS[name], numpy.random.default_rng(1)
    for _ in range(count):
        yield tuple(generator.integers(0, SYMBOLS, (2, size.samples // ranks, size.steps)))


def text():
    """A text of so many characters, each as likely."""
    letters = numpy.random.default_rng(1).integers(0, SYMBOLS - 1, 100_000)
    return "".join(chr(ord("0") + letter) for letter in letters)
