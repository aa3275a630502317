#!/usr/bin/env python3
"""Times the training step of one network of configs/ or bench/configs/ in one mode and prints JSON.

    python bench/twins.py conv channels_last+fused --threads 2
    python bench/twins.py conv jax --threads 2
    python bench/twins.py conv channels_last+fused --ranks 2

A mode of PyTorch is a sum of channels_last, compile, fused and foreach (how the optimiser is
implemented; PyTorch chooses without either); `eager` adds nothing. Mamba's scan is one of pscan, loop
and block. `jax` is the other library, `jax+unroll` writes four steps of a loop out, and `jax+loop` has a
loop for Mamba's scan. Several ranks are processes under DistributedDataParallel with gloo, each on a core
of its own.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time

import mamba
import recurrent
import transformer

NETWORKS = [
    "mlp", "conv", "lenet", "resnet20", "wgan-gp-mnist", *recurrent.NETWORKS, *transformer.NETWORKS, *mamba.NETWORKS]
TORCH = {"eager", "channels_last", "compile", "fused", "foreach", "pscan", "loop", "block"}
JAX = {"jax", "unroll", "loop"}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("mode")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--rank", type=int, help="set for the processes that this one starts")
    parser.add_argument("--port", type=int, default=29511)
    parser.add_argument("--seconds", type=float, default=3.0)
    arguments = parser.parse_args()
    arguments.mode = set(arguments.mode.split("+"))
    if not (arguments.mode <= TORCH or "jax" in arguments.mode <= JAX):
        parser.error(f"unknown mode {'+'.join(sorted(arguments.mode))}")
    if arguments.ranks > 1 and "jax" in arguments.mode:
        parser.error("several ranks are PyTorch's")
    return arguments


def measure(step, batches, seconds, agree):
    """Milliseconds of each step; what compiles does so first, and a third of the time is for warming up.

    Steps come in turns, after each of which ranks agree whether there is another.
    """
    for batch in batches[:3]:
        step(*batch)
    times = []
    start = time.perf_counter()
    while agree(time.perf_counter() < start + seconds):
        for batch in batches:
            begin = time.perf_counter()
            step(*batch)
            times.append((time.perf_counter() - begin) * 1000)
    return times[len(times) // 3:]


def start_ranks(arguments):
    """Starts a process for each rank, on a core of its own; the first prints."""
    cores = sorted(os.sched_getaffinity(0))
    processes = []
    for rank in range(arguments.ranks):
        command = [sys.executable, *sys.argv, "--rank", str(rank)]
        bind = lambda core=cores[rank % len(cores)]: os.sched_setaffinity(0, {core})
        processes.append(subprocess.Popen(command, preexec_fn=bind))
    sys.exit(max(process.wait() for process in processes))


def join(arguments):
    """Makes this process a rank, and returns how all of them agree on what the first one says."""
    import torch
    import torch.distributed as dist

    dist.init_process_group(
        "gloo", init_method=f"tcp://127.0.0.1:{arguments.port}", rank=arguments.rank,
        world_size=arguments.ranks)

    def agree(value):
        flag = torch.tensor([int(value)])
        dist.broadcast(flag, 0)
        return bool(flag.item())

    return agree


def main():
    arguments = parse()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)  # read when torch is imported
    if arguments.ranks > 1 and arguments.rank is None:
        start_ranks(arguments)
    try:
        agree = join(arguments) if arguments.ranks > 1 else bool
        library = "jax" if "jax" in arguments.mode else "torch"
        name = f"adversarial_{library}" if "gan" in arguments.network else f"{library}_twins"
        make_step = importlib.import_module(name).make_step
        step, batches, parameters = make_step(arguments)
        times = measure(step, batches, arguments.seconds, agree)
    except Exception as error:  # torch.compile fails in many ways where there is no C++ compiler
        print(f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}", file=sys.stderr)
        sys.exit(1)
    if arguments.rank:
        return
    print(json.dumps(
        {"median_ms": statistics.median(times), "min_ms": min(times), "steps": len(times),
         "parameters": parameters}))


if __name__ == "__main__":
    main()
