"""Writes text_metrics.json: a network of one table, and its metrics on a text, with NumPy alone.

The scores of the next character are a row of the table. Characters are numbered from 1 by their
bytes; 0 is an unknown one, which counts as one byte.
"""

import json
import pathlib

import numpy

LENGTH = 6


def metrics(text, symbols, table):
    numbers = {symbol: number + 1 for number, symbol in enumerate(symbols)}
    tokens = [numbers.get(symbol, 0) for symbol in text]
    count = (len(tokens) - 1) // LENGTH * LENGTH
    inputs, targets = tokens[:count], tokens[1 : count + 1]
    scores = table[inputs]
    greatest = scores.max(axis=1)
    nats = greatest + numpy.log(numpy.exp(scores - greatest[:, None]).sum(axis=1))
    nats -= scores[numpy.arange(count), targets]
    size = [len(symbol.encode()) if symbol in numbers else 1 for symbol in text[1 : count + 1]]
    return {
        "loss": nats.mean(),
        "perplexity": numpy.exp(nats.mean()),
        "bits_per_byte": nats.sum() / numpy.log(2) / sum(size),
        "accuracy": (scores.argmax(axis=1) == targets).mean(),
        "unknown_symbols": tokens.count(0),
    }


def main():
    draw = numpy.random.default_rng(5)
    symbols = sorted(" abé€😀", key=lambda symbol: symbol.encode())
    table = draw.normal(size=(len(symbols) + 1, len(symbols) + 1)).round(3)
    text, other = ("".join(draw.choice(list(letters), 400)) for letters in (symbols, symbols + ["z"]))
    pathlib.Path(__file__).with_name("text_metrics.json").write_text(
        json.dumps(
            {
                "length": LENGTH, "table": table.tolist(), "text": text, "other": other,
                "text_metrics": metrics(text, symbols, table),
                "other_metrics": metrics(other, symbols, table),
            },
            indent=1, ensure_ascii=False,
        )
        + "\n")


if __name__ == "__main__":
    main()
