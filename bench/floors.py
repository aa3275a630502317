#!/usr/bin/env python3
"""The least time of a training step of each recurrent network, as a Markdown table: its matrix products at the
peak of a core, which `nn-dist bench` measures.

    python bench/floors.py 117

The second floor takes the product of an embedding with the first weights once a symbol, not once a token.
"""

import argparse

from recurrent import NETWORKS, SYMBOLS


def product(rows, inputs, outputs, gradients=2):
    """The operations of a product and of the gradients of its operands."""
    return 2 * rows * inputs * outputs * (1 + gradients)


def operations(size, folds):
    steps, samples = size.shape
    rows, width = steps * samples, size.gates * size.units
    if size.embedding:
        total = product(SYMBOLS if folds else rows, size.embedding, width)
    else:
        total = product(rows, 28, width, gradients=1)
    # The states of each layer, and the inputs of all but the first.
    total += (2 * size.layers - 1) * product(rows, size.units, width)
    return total + product(rows if size.embedding else samples, size.units, size.outputs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peak", type=float, help="GFLOP/s of a core")
    peak = parser.parse_args().peak
    print("| network | GFLOP | floor, ms | GFLOP with the fold | floor, ms |\n|---|---|---|---|---|")
    for name, size in NETWORKS.items():
        plain, folded = (operations(size, folds) / 1e9 for folds in (False, True))
        print(
            f"| {name} | {plain:.2f} | {plain / peak * 1e3:.1f} "
            f"| {folded:.2f} | {folded / peak * 1e3:.1f} |")


if __name__ == "__main__":
    main()
