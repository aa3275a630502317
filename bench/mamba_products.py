#!/usr/bin/env python3
"""The time of the matrix products of a training step of Mamba alone, forward and both gradients, in PyTorch.

    OMP_NUM_THREADS=1 python bench/mamba_products.py
"""

import argparse
import statistics
import time

import torch

import mamba


def products(size):
    """The inputs and outputs of each product."""
    layer = [
        (size.width, 2 * size.channels), (size.channels, size.rank + 2 * size.state),
        (size.rank, size.channels), (size.channels, size.width)]
    return layer * size.layers + [(size.width, mamba.SYMBOLS)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    size = mamba.NETWORKS["mamba"]
    rows, shapes = size.samples * size.steps, products(size)
    operands = [
        (torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(rows, outputs))
        for inputs, outputs in shapes]

    def step():
        for x, weight, dy in operands:
            x @ weight.T, dy @ weight, dy.T @ x

    times = []
    for _ in range(rounds + 5):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    operations = 6 * rows * sum(inputs * outputs for inputs, outputs in shapes)
    for name, seconds in ("median", statistics.median(times[5:])), ("least", min(times)):
        print(f"{name}: {seconds * 1e3:.2f} ms, {operations / seconds / 1e9:.1f} GFLOP/s")


if __name__ == "__main__":
    main()
