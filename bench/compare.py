#!/usr/bin/env python3
"""Step times of nn-dist beside its twins in PyTorch and JAX, as a Markdown table. README.md tells why it is fair."""

import argparse
import ctypes.util
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

import mamba
import recurrent
import transformer

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TCMALLOC = ctypes.util.find_library("tcmalloc_minimal") or ctypes.util.find_library("tcmalloc")
PEERS = [
    "eager",
    "fused+tcmalloc",
    "channels_last+fused",
    "channels_last+fused+tcmalloc",
    "channels_last+foreach+tcmalloc",
    "compile+fused+tcmalloc",
    "compile+channels_last+fused+tcmalloc",
    "jax",
    "jax+tcmalloc",
    "jax+unroll",
    "pscan+fused+tcmalloc",
    "compile+pscan+fused+tcmalloc",
    "loop+fused+tcmalloc",
    "block+fused+tcmalloc",
    "jax+loop",
    "jax+loop+tcmalloc",
]
SCANS = {"pscan", "loop", "block"}
CONFIGS = [
    *(ROOT / "configs" / f"{name}.yaml" for name in (
        "mlp", "conv", "lenet", "resnet20", "wgan-gp-mnist", "row-mnist-lstm", "row-mnist-gru", "char-gpt")),
    *sorted((HERE / "configs").glob("*.yaml")),
]
# Made images of the same size where a configuration wants others, and a made text of as many characters.
TEXT = tempfile.TemporaryDirectory()
SETTINGS = {
    name: ["--set", "data.dataset=digits"]
    for name in ("wgan-gp-mnist", "row-mnist-lstm", "row-mnist-gru")
} | {name: ["--set", f"data.from={TEXT.name}"] for name in (*transformer.NETWORKS, *mamba.NETWORKS)}


def parse():
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser()
    parser.add_argument("--configs", nargs="+", type=pathlib.Path, default=CONFIGS)
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, len(cores)}))
    parser.add_argument("--ranks", nargs="+", type=int, default=[],
                        help="instead of threads: processes of one thread, under mpirun and under DDP")
    parser.add_argument("--peers", nargs="+", default=PEERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a peer's round")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "bin" / "nn-dist")
    parser.add_argument("--peers-only", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, help="JSON file for every round's figures")
    arguments = parser.parse_args()
    if arguments.ranks:
        arguments.threads = [1]
        arguments.peers = [peer for peer in arguments.peers if "jax" not in peer]
    wanted = max(arguments.threads + arguments.ranks)
    if wanted > len(cores):
        parser.error(f"{wanted} cores asked for, {len(cores)} to run on")
    if not arguments.peers_only and not arguments.binary.exists():
        parser.error(f"{arguments.binary} does not exist: run `make build`, or give --peers-only")
    return arguments


def run(command, threads, preload=None):
    """The JSON that a command prints, or None; it may use as many cores as threads."""
    everywhere = os.sched_getaffinity(0)
    environment = os.environ | ({"LD_PRELOAD": preload} if preload else {})
    os.sched_setaffinity(0, sorted(everywhere)[:threads])
    try:
        result = subprocess.run(command, env=environment, capture_output=True, text=True)
    finally:
        os.sched_setaffinity(0, everywhere)
    if result.returncode == 0:
        return json.loads(result.stdout)
    reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
    print(f"{' '.join(map(str, command))}: exit {result.returncode}: {reason}", file=sys.stderr)
    return None


def suits(peer, config):
    """Only images have channels, only Mamba chooses its scan, and only what has a loop can unroll it."""
    parts = set(peer.split("+"))
    if config.stem in mamba.NETWORKS:
        return bool(parts & SCANS) or parts <= {"jax", "tcmalloc"}
    isRecurrent, isTransformer = (config.stem in family.NETWORKS for family in (recurrent, transformer))
    return not (
        parts & SCANS or (isRecurrent or isTransformer) and "channels_last" in parts
        or not isRecurrent and "unroll" in parts)


def run_peer(peer, config, threads, ranks, seconds):
    parts = peer.split("+")
    if "tcmalloc" in parts and not TCMALLOC:
        print(f"{peer}: no libtcmalloc, of libtcmalloc-minimal4", file=sys.stderr)
        return None
    mode = "+".join(part for part in parts if part != "tcmalloc")
    return run(
        [sys.executable, HERE / "twins.py", config.stem, mode, "--threads", str(threads),
         "--ranks", str(ranks), "--seconds", str(seconds)],
        threads * ranks, preload=TCMALLOC if "tcmalloc" in parts else None)


def check_size(arguments, config, twin):
    """A twin of another size would be another network."""
    summary = run([arguments.binary, "summary", config, *SETTINGS.get(config.stem, []), "--json"], 1)
    ours = sum(layer["parameters"] for layer in summary["layers"])
    if ours != twin["parameters"]:
        sys.exit(f"{config}: {ours} parameters, its twin {twin['parameters']}")


def run_product(arguments, config, threads, ranks):
    # A rank alone needs no launcher, but among others it is to be one of them.
    launcher = ["mpirun", "-q", "-np", str(ranks), "--bind-to", "core"] if arguments.ranks else []
    return run(
        [*launcher, arguments.binary, "bench", config, *SETTINGS.get(config.stem, []),
         "--workers", str(threads), "--json"], threads * ranks)


def measure(arguments, config, threads, ranks):
    """The rounds of each contender; all of them run once in every round, so that drift hits all alike."""
    contenders = [] if arguments.peers_only else ["nn-dist"]
    contenders += [peer for peer in arguments.peers if suits(peer, config)]
    rounds = {name: [] for name in contenders}
    for number in range(arguments.rounds):
        print(f"{config.stem}, {ranks} x {threads} threads, round {number + 1}", file=sys.stderr)
        for name in list(rounds):
            if name == "nn-dist":
                result = run_product(arguments, config, threads, ranks)
                if result is None:
                    sys.exit(1)
            else:
                result = run_peer(name, config, threads, ranks, arguments.seconds)
                if result is not None and number == 0 and not arguments.peers_only:
                    check_size(arguments, config, result)
            if result is None:
                del rounds[name]
            else:
                rounds[name].append(result)
    return rounds


def row(config, count, rounds, peers):
    """One line of the table: medians over the rounds of each round's median step."""
    medians = {name: statistics.median(r["median_ms"] for r in each) for name, each in rounds.items()}
    best = min((ms for name, ms in medians.items() if name != "nn-dist"), default=None)
    ours = medians.get("nn-dist")
    cells = [config.stem, str(count), f"{ours:.3f}" if ours else "–"]
    for peer in peers:
        ms = medians.get(peer)
        text = f"{ms:.3f}" if ms else "not available" if suits(peer, config) else "–"
        cells.append(f"**{text}**" if ms and ms == best else text)
    cells.append(f"{best / ours:.2f}" if best and ours else "–")
    return "| " + " | ".join(cells) + " |"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    arguments = parse()
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"The machine is busy (load {load:.2f}): the figures will not be worth much.", file=sys.stderr)
    pathlib.Path(TEXT.name, "tinyshakespeare.txt").write_text(transformer.text())
    results, rows = [], []
    for config in arguments.configs:
        launches = [(1, r) for r in arguments.ranks] or [(t, 1) for t in arguments.threads]
        for threads, ranks in launches:
            rounds = measure(arguments, config, threads, ranks)
            results.append(
                {"config": config.stem, "threads": threads, "ranks": ranks, "rounds": rounds})
            rows.append(row(config, threads * ranks, rounds, arguments.peers))

    headings = ["config", "ranks" if arguments.ranks else "threads", "nn-dist", *arguments.peers, "times as fast as the best peer"]
    print(f"Milliseconds a training step, median of {arguments.rounds} rounds; {processor()}.\n")
    print("| " + " | ".join(headings) + " |")
    print("|" + "---|" * len(headings))
    print("\n".join(rows))
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
