"""The speed of nn-dist sample beside loops of PyTorch, on one core, for the network of configs/char-lstm.yaml or another.

    python bench/sample.py tinyshakespeare.txt
    python bench/sample.py tinyshakespeare.txt --network char-gpt
    python bench/sample.py tinyshakespeare.txt --network char-mamba

Every round runs each contender once. Times are of the processor, so that other programs hardly change them; those of
nn-dist are for all it does after its first character, softmax, drawing, decoding and writing included.
"""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import torch

import sample_mamba
import sample_transformer

EMBEDDING, UNITS = 128, 256

CONFIGURATION = """
name: sampled
data:
  dataset: {text: {training: %s, tokens: characters, length: 64}}
  from: %s
  batch: 32
model: %s
loss: cross_entropy
optimizer: adam
train: {steps: 1}
"""
MODELS = {
    "char-lstm": "[{embedding: {size: 128}}, {lstm: 256}, {dense: tokens}]",
    "char-gpt": """
  - embedding: {size: 128, init: {normal: 0.02}}
  - positions: learned
  - transformer: {blocks: 4, heads: 4, causal: true, bias: false}
  - layernorm: {over: features}
  - dense: {units: tokens, bias: false, weights_of: embedding1}""",
    "char-mamba": """
  - embedding: {size: 128, init: {normal: 0.02}}
  - repeat: {times: 4, layers: [residual: [rmsnorm, mamba]]}
  - rmsnorm
  - dense: {units: tokens, bias: false, weights_of: embedding1}""",
}


class Peer(torch.nn.Module):
    """The network, and its loop with a layer of PyTorch."""

    def __init__(self, symbols, kind):
        super().__init__()
        self.kind = kind
        self.embedding = torch.nn.Embedding(symbols, EMBEDDING)
        self.lstm = (torch.nn.LSTM if kind == "nn.LSTM" else torch.nn.LSTMCell)(EMBEDDING, UNITS)
        self.dense = torch.nn.Linear(UNITS, symbols)

    def sample(self, count, letters):
        token, text = torch.zeros(1, dtype=torch.long), []
        state = (torch.zeros(1, UNITS),) * 2
        for _ in range(count):
            if self.kind == "nn.LSTM":
                h, state = self.lstm(self.embedding(token), state)
            else:
                h, c = self.lstm(self.embedding(token), state)
                state = (h, c)
            token = torch.multinomial(torch.softmax(self.dense(h), 1), 1)[0]
            text.append(letters[token.item()])
        return "".join(text)


@torch.jit.script
def scripted(
    table: torch.Tensor, recurrent: torch.Tensor, dense: torch.Tensor, bias: torch.Tensor, count: int
):
    """The whole loop compiled; the embedding's product with the weights of the input is taken once."""
    token = torch.zeros(1, dtype=torch.long)
    h, c = torch.zeros(1, recurrent.size(0)), torch.zeros(1, recurrent.size(0))
    tokens = []
    for _ in range(count):
        gates = torch.addmm(table[token], h, recurrent)
        i, f, g, o = gates.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        token = torch.multinomial(torch.softmax(torch.addmm(bias, h, dense), 1), 1)[0]
        tokens.append(token)
    return torch.cat(tokens)


def scripted_loop(symbols, letters):
    peer = Peer(symbols, "nn.LSTM")
    weights = dict(peer.lstm.named_parameters())
    table = (
        peer.embedding.weight @ weights["weight_ih_l0"].T + weights["bias_ih_l0"] + weights["bias_hh_l0"]
    ).contiguous()
    recurrent = weights["weight_hh_l0"].T.contiguous()
    dense, bias = peer.dense.weight.T.contiguous(), peer.dense.bias[None].contiguous()

    def sample(count, _):
        return "".join(letters[token] for token in scripted(table, recurrent, dense, bias, count).tolist())

    return sample


def recurrent_peers(symbols, letters):
    peers = {kind: Peer(symbols, kind).sample for kind in ["nn.LSTM", "nn.LSTMCell"]}
    return peers | {"torch.jit": scripted_loop(symbols, letters)}


def processor_time(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def time_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=pathlib.Path, help="a text file to take the characters from")
    parser.add_argument("--network", choices=MODELS, default="char-lstm")
    parser.add_argument("--program", default="bin/nn-dist", help="nn-dist")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--length", type=int, default=100_000, help="characters of nn-dist; PyTorch writes a tenth")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    program, text = str(pathlib.Path(arguments.program).resolve()), arguments.text.resolve()
    letters = sorted(set(text.read_text()))
    symbols = len(letters)
    if arguments.network == "char-lstm":
        peers = recurrent_peers(symbols, letters)
    else:
        family = sample_transformer if arguments.network == "char-gpt" else sample_mamba
        peers = family.peers(symbols)
    rates = {name: [] for name in ["nn-dist", *peers]}
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        configuration = pathlib.Path(folder, "sampled.yaml")
        configuration.write_text(CONFIGURATION % (text.name, text.parent, MODELS[arguments.network]))
        environment = {**os.environ, "NN_DIST_CACHE": folder}
        subprocess.run(
            [program, "train", configuration, "--run", f"{folder}/run"],
            check=True, env=environment, stdout=subprocess.DEVNULL,
        )

        def seconds(length):
            return time_of([program, "sample", f"{folder}/run", "--prompt", "", "--length", str(length)])

        for peer in peers.values():
            peer(200, letters)
        for number in range(arguments.rounds):
            rates["nn-dist"].append(arguments.length / (seconds(arguments.length + 1) - seconds(1)))
            for name, peer in peers.items():
                count = arguments.length // 10
                rates[name].append(count / processor_time(lambda: peer(count, letters)))
            print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    fastest = max(medians[name] for name in peers)
    for name, median in medians.items():
        print(f"{name:12} {median:10,.0f} characters/s")
    print(f"nn-dist is {medians['nn-dist'] / fastest:.2f} times as fast as the fastest loop of PyTorch")


if __name__ == "__main__":
    main()
