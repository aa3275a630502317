#!/usr/bin/env python3
"""Time to 99.0 % of MNIST's test set: `nn-dist train configs/mnist-conv.yaml` beside its twin in PyTorch, in turn."""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from compare import ROOT, TCMALLOC

HERE = pathlib.Path(__file__).resolve().parent


def measure(command, threads, target, preload=None, log=None):
    """Seconds from the start of the process, and from the start of training, to the first epoch that ends at the
    target, and the last accuracy; infinite where none does. What is printed is rounded, what is logged is not."""
    everywhere = os.sched_getaffinity(0)
    environment = os.environ | ({"LD_PRELOAD": preload} if preload else {})
    os.sched_setaffinity(0, sorted(everywhere)[:threads])
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    os.sched_setaffinity(0, everywhere)
    ready, times, accuracies = started, [], []
    for line in process.stdout:
        now = time.perf_counter()
        if line.startswith(("ready", "writing to")):
            ready = now
        if line.startswith("epoch"):
            times.append(now)
            accuracies.append(float(re.findall(r"accuracy ([0-9.]+)", line)[-1]))
    if process.wait() != 0:
        sys.exit(f"failed: {command}")
    if log:
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        accuracies = [100 * line["metrics"]["accuracy"] for line in lines if line["split"] == "validation"]
    reached = min((t for t, a in zip(times, accuracies) if a >= target), default=float("inf"))
    return reached - started, reached - ready, accuracies[-1]


def main():
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path, help="of the four files of MNIST")
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, len(cores)}))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--target", type=float, default=99.0)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "bin" / "nn-dist")
    arguments = parser.parse_args()
    print("| threads | | start to target, s | training to target, s | last accuracy, % |")
    print("|---|---|---|---|---|")
    for threads in arguments.threads:
        figures = {"nn-dist": [], "PyTorch": []}
        for seed in range(1, arguments.seeds + 1):
            with tempfile.TemporaryDirectory() as folder:
                run = pathlib.Path(folder) / "run"
                figures["nn-dist"].append(measure(
                    [arguments.binary, "train", ROOT / "configs" / "mnist-conv.yaml", "--set", f"seed={seed}", "--set",
                     f"data.from={arguments.folder}", "--run", run, "--workers", str(threads)],
                    threads, arguments.target, log=run / "metrics.jsonl"))
            figures["PyTorch"].append(measure(
                [sys.executable, HERE / "mnist_twin.py", arguments.folder, "--threads", str(threads), "--seed", str(seed)],
                threads, arguments.target, TCMALLOC))
        for name, rows in figures.items():
            medians = [statistics.median(column) for column in zip(*rows)]
            print(f"| {threads} | {name} | {medians[0]:.1f} | {medians[1]:.1f} | {medians[2]:.2f} |", flush=True)


main()
