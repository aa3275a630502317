#!/usr/bin/env python3
"""Trains the network of configs/shakespeare.yaml in PyTorch: `shakespeare_twin.py tinyshakespeare.txt`.

States go from batch to batch, as with `carry: true`. Prints the seconds and the nats a character over the whole
validation text after each epoch."""

import argparse
import math
import pathlib
import time

import torch
from torch import nn
from torch.nn import functional

LENGTH, BATCH, RATE = 100, 50, 0.003


class Writer(nn.Module):
    def __init__(self, symbols):
        super().__init__()
        self.embedding = nn.Embedding(symbols, 64)
        self.lstm = nn.LSTM(64, 512, batch_first=True)
        self.dense = nn.Linear(512, symbols)
        nn.init.kaiming_normal_(self.dense.weight, nonlinearity="relu")
        nn.init.zeros_(self.dense.bias)

    def forward(self, tokens, states=None):
        x = functional.dropout(self.embedding(tokens), 0.1, self.training)
        x, states = self.lstm(x, states)
        return self.dense(functional.dropout(x, 0.4, self.training)), states


def nats(network, text):
    """The state goes on over the whole text."""
    network.eval()
    with torch.inference_mode():
        scores, _ = network(text[None, :-1])
        loss = functional.cross_entropy(scores[0], text[1:]).item()
    network.train()
    return loss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    characters = arguments.file.read_text()
    symbols = sorted(set(characters))
    text = torch.tensor([symbols.index(c) for c in characters])
    cut = round(0.9 * len(text))
    training, validation = text[:cut], text[cut:]
    # Each position of a batch reads its own stretch of the text.
    stretch = (len(training) - 1) // BATCH // LENGTH * LENGTH
    inputs = training[:BATCH * stretch].view(BATCH, stretch)
    targets = training[1:BATCH * stretch + 1].view(BATCH, stretch)
    network = Writer(len(symbols) + 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, fused=True)
    steps = arguments.epochs * (stretch // LENGTH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))
    started = time.perf_counter()
    for epoch in range(1, arguments.epochs + 1):
        states = None
        for start in range(0, stretch, LENGTH):
            scores, states = network(inputs[:, start:start + LENGTH], states)
            states = tuple(state.detach() for state in states)
            loss = functional.cross_entropy(
                scores.flatten(0, 1), targets[:, start:start + LENGTH].flatten())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5)
            optimizer.step()
            schedule.step()
        spent = time.perf_counter() - started
        print(f"epoch {epoch}  {spent:.0f} s  validation {nats(network, validation):.4f} nats", flush=True)


if __name__ == "__main__":
    main()
