#!/usr/bin/env python3
"""The PyTorch twins of configs/*.yaml: times the training step of one network in one mode and prints JSON.

    python bench/twins.py conv channels_last+fused --threads 2

A mode is a sum of channels_last, compile, fused and foreach (how the optimiser is implemented;
PyTorch chooses without either). `eager` adds nothing.
"""

import argparse
import json
import os
import statistics
import sys
import time

BATCH = 64
BATCHES = 32
PARTS = {"eager", "channels_last", "compile", "fused", "foreach"}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=["mlp", "conv"])
    parser.add_argument("mode")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    arguments = parser.parse_args()
    arguments.mode = set(arguments.mode.split("+"))
    if not arguments.mode <= PARTS:
        parser.error(f"unknown mode {'+'.join(sorted(arguments.mode - PARTS))}")
    return arguments


def make_network(name):
    from torch import nn

    if name == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1568, 128), nn.ReLU(), nn.Linear(128, 10))


def make_step(arguments):
    """A function of (images, labels) that does one training step, and the batches to feed it."""
    import torch
    from torch.nn import functional

    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)

    layout = torch.channels_last if "channels_last" in arguments.mode else torch.contiguous_format
    network = make_network(arguments.network).to(memory_format=layout)
    batches = [
        (torch.rand(BATCH, 1, 28, 28).contiguous(memory_format=layout), torch.randint(0, 10, (BATCH,)))
        for _ in range(BATCHES)
    ]
    implementation = {part: True for part in ("fused", "foreach") if part in arguments.mode}
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, **implementation)

    def loss_of(images, labels):
        return functional.cross_entropy(network(images), labels)

    if "compile" in arguments.mode:
        loss_of = torch.compile(loss_of)

    def step(images, labels):
        optimizer.zero_grad()
        loss_of(images, labels).backward()
        optimizer.step()

    return step, batches


def measure(step, batches, seconds):
    """Milliseconds of each step; what compiles does so first, and a third of the time is for warming up."""
    for batch in batches[:3]:
        step(*batch)
    times = []
    start = time.perf_counter()
    end = start
    while end < start + seconds:
        begin = time.perf_counter()
        step(*batches[len(times) % len(batches)])
        end = time.perf_counter()
        times.append((end - begin) * 1000)
    return times[len(times) // 3:]


def main():
    arguments = parse()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)  # read when torch is imported
    try:
        times = measure(*make_step(arguments), arguments.seconds)
    except Exception as error:  # torch.compile fails in many ways where there is no C++ compiler
        print(f"{type(error).__name__}: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(
        {"median_ms": statistics.median(times), "min_ms": min(times), "steps": len(times)}))


if __name__ == "__main__":
    main()
