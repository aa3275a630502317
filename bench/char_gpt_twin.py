#!/usr/bin/env python3
"""Trains the network of configs/char-gpt.yaml in PyTorch: `char_gpt_twin.py tinyshakespeare.txt --seed 1`.

Samples are the windows that nn-dist cuts, in a new order in each epoch. Prints the seconds and the nats a character over
the whole validation text, window by window, after each 500 steps and in the end."""

import argparse
import math
import pathlib
import time

import torch
from torch import nn
from torch.nn import functional

import transformer
from transformer_torch import Transformer, adamw

SIZE = transformer.NETWORKS["char-gpt"]
STEPS, WARMUP, LOWEST = 2000, 100, 0.1


def windows(text):
    count = (len(text) - 1) // SIZE.steps
    inputs, targets = (text[start:start + count * SIZE.steps].view(count, SIZE.steps) for start in (0, 1))
    held = round(0.1 * count)
    return inputs[:-held], targets[:-held], inputs[-held:], targets[-held:]


def order(samples):
    """The samples of each batch, epoch after epoch; the last batch of an epoch may be short."""
    while True:
        yield from torch.randperm(samples).split(SIZE.samples)


def rate(step):
    """The share of the rate after so many steps: a warm-up, then half a cosine."""
    if step < WARMUP:
        return (step + 1) / WARMUP
    progress = (step - WARMUP) / (STEPS - WARMUP)
    return LOWEST + (1 - LOWEST) * 0.5 * (1 + math.cos(math.pi * progress))


def nats(network, inputs, targets):
    with torch.inference_mode():
        total = sum(
            functional.cross_entropy(network(x), y.flatten(), reduction="sum").item()
            for x, y in zip(inputs.split(64), targets.split(64)))
    return total / targets.numel()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=STEPS, help="end after so many of the 2000 steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    characters = arguments.file.read_text()
    symbols = sorted(set(characters))
    numbers = {symbol: number for number, symbol in enumerate(symbols, 1)}
    inputs, targets, *validation = windows(torch.tensor([numbers[c] for c in characters]))
    network = Transformer(SIZE, len(symbols) + 1)
    optimizer = adamw(network, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    started = time.perf_counter()
    for step, samples in zip(range(1, arguments.steps + 1), order(len(inputs))):
        loss = functional.cross_entropy(network(inputs[samples]), targets[samples].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), transformer.CLIP)
        optimizer.step()
        schedule.step()
        if step == 1:
            print(f"step 1  loss {loss.item():.4f}", flush=True)
        if step % 500 == 0 or step == arguments.steps:
            spent = time.perf_counter() - started
            print(f"step {step}  {spent:.0f} s  validation {nats(network, *validation):.4f} nats", flush=True)


if __name__ == "__main__":
    main()
