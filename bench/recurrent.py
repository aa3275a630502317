"""The recurrent networks of bench/configs and configs/row-mnist-*.yaml: their sizes, and random batches."""

import typing

import numpy

SYMBOLS = 65


class Size(typing.NamedTuple):
    kind: str
    units: int
    layers: int = 1
    embedding: int = 0  # 0: steps are rows of an image

    @property
    def gates(self):
        return {"LSTM": 4, "GRU": 3, "RNN": 1}[self.kind]

    @property
    def shape(self):
        """Steps and samples of a batch."""
        return (64, 32) if self.embedding else (28, 64)

    @property
    def outputs(self):
        return SYMBOLS if self.embedding else 10


NETWORKS = {
    "char-lstm": Size("LSTM", 256, embedding=128),
    "char-lstm2": Size("LSTM", 128, layers=2, embedding=64),
    "char-gru": Size("GRU", 256, embedding=128),
    "char-rnn": Size("RNN", 256, embedding=128),
    "row-mnist-lstm": Size("LSTM", 128),
    "row-mnist-gru": Size("GRU", 128),
}


def draw(name, count, ranks=1):
    """Inputs and labels of some batches; the first axis is time, as the libraries like it best."""
    size, generator = NETWORKS[name], numpy.random.default_rng(1)
    steps, samples = size.shape[0], size.shape[1] // ranks
    for _ in range(count):
        if size.embedding:
            yield tuple(generator.integers(0, SYMBOLS, (2, steps, samples)))
        else:
            rows = generator.random((steps, samples, 28), numpy.float32)
            yield rows, generator.integers(0, 10, samples)
