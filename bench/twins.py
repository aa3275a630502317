#!/usr/bin/env python3
"""The twins of configs/*.yaml: times the training step of one network in one mode and prints JSON.

    python bench/twins.py conv channels_last+fused --threads 2
    python bench/twins.py conv jax --threads 2

A mode of PyTorch is a sum of channels_last, compile, fused and foreach (how the optimiser is
implemented; PyTorch chooses without either); `eager` adds nothing. `jax` is the other library.
"""

import argparse
import json
import os
import statistics
import sys
import time

NETWORKS = ["mlp", "conv", "lenet", "resnet20"]
PARTS = {"eager", "channels_last", "compile", "fused", "foreach", "jax"}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("mode")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    arguments = parser.parse_args()
    arguments.mode = set(arguments.mode.split("+"))
    if not arguments.mode <= PARTS or len(arguments.mode) > 1 and "jax" in arguments.mode:
        parser.error(f"unknown mode {'+'.join(sorted(arguments.mode))}")
    return arguments


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
        if "jax" in arguments.mode:
            from jax_twins import make_step
        else:
            from torch_twins import make_step
        step, batches, parameters = make_step(arguments)
        times = measure(step, batches, arguments.seconds)
    except Exception as error:  # torch.compile fails in many ways where there is no C++ compiler
        print(f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(
        {"median_ms": statistics.median(times), "min_ms": min(times), "steps": len(times),
         "parameters": parameters}))


if __name__ == "__main__":
    main()
