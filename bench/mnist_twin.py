#!/usr/bin/env python3
"""Trains the network of configs/mnist-conv.yaml in PyTorch as tuned as it gets: all data are tensors in memory.

Prints a line when training begins and one after each epoch; `accuracy.py` notes when they come."""

import argparse
import gzip
import math
import pathlib

import numpy
import torch
from torch.nn import functional

from torch_twins import make_network

BATCH = 64


def read(folder, name):
    """The elements of an IDX file, gzipped or not."""
    path = next(p for p in (folder / f"{name}.gz", folder / name) if p.exists())
    data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    return numpy.frombuffer(data, numpy.uint8, offset=16 if "images" in name else 8)


def split(folder, name, statistics=None):
    images = torch.from_numpy(read(folder, f"{name}-images-idx3-ubyte").copy()).reshape(-1, 1, 28, 28).float() / 255
    mean, deviation = statistics or (images.mean(), images.std())
    images = ((images - mean) / deviation).contiguous(memory_format=torch.channels_last)
    labels = torch.from_numpy(read(folder, f"{name}-labels-idx1-ubyte").astype(numpy.int64))
    return images, labels, (mean, deviation)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.003)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)

    images, labels, statistics = split(arguments.folder, "train")
    test_images, test_labels, _ = split(arguments.folder, "t10k", statistics)
    network = make_network("conv").to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=arguments.rate, fused=True)
    perEpoch = math.ceil(len(images) / BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, arguments.epochs * perEpoch)

    print("ready", flush=True)
    for epoch in range(arguments.epochs):
        for indices in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            functional.cross_entropy(network(images[indices]), labels[indices]).backward()
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            correct = sum(
                int((network(x).argmax(1) == y).sum())
                for x, y in zip(test_images.split(1000), test_labels.split(1000)))
        print(f"epoch {epoch + 1} accuracy {100 * correct / len(test_images):.2f}", flush=True)


main()
