#!/usr/bin/env python3
"""Writes the golden files of attention and Transformers: `python make_transformers.py [folder]`,
into `transformers/` there.

The files are those of `make_goldens.py`. The blocks are those of `transformer_blocks.py`, which is
first compared with PyTorch's own layers and with numbers from elsewhere.
"""

import math
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from make_goldens import BATCH, Golden, initialise, uniform, write_network
from make_graphs import Graph
from make_recurrent import cross_entropy
from transformer_blocks import (
    BLOCKS, HEADS, HIDDEN, NORMS, OTHERS, STEPS, SYMBOLS, WIDTH, WRITTEN, Blocks, attend, waves)

# Checks


def check_known_numbers():
    """Two queries on three keys, worked out elsewhere; the parameters of a block."""

    def tensor(rows):
        return torch.tensor(rows, dtype=torch.float64)[None, :, None]

    q, k = tensor([[1, 0], [0, 1]]), tensor([[1, 2], [0, 1], [1, -1]])
    v = tensor([[1, 2], [3, 4], [5, 6]])
    known = {
        False: [[3, 4], [1.9086690261, 2.9086690261]], True: [[1, 2], [1.6604769013, 2.6604769013]]}
    for causal, wanted in known.items():
        found = attend(q, k, v, 2 ** -0.5, causal)[0]
        assert torch.allclose(found, tensor(wanted), rtol=0, atol=6e-11), found
    assert waves(3, 4)[2].tolist() == [math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)]
    counts = [p.numel() for _, layer in Blocks().layers() for p in layer.parameters()]
    assert sum(counts) == BLOCKS * (4 * WIDTH ** 2 + 9 * WIDTH + 2 * WIDTH * HIDDEN + HIDDEN)


def pytorch_layer(blocks, net, block):
    """PyTorch's own layer with the weights of a block."""
    kind = nn.TransformerDecoderLayer if blocks.memory else nn.TransformerEncoderLayer
    layer = kind(
        WIDTH, HEADS, HIDDEN, 0, blocks.activation, batch_first=True,
        norm_first=blocks.order == "pre").double()

    def load(part, path):
        part.load_state_dict(net[path].state_dict())

    for number in range(1, blocks.sums + 1):
        path = f"{blocks.name}{block}/residual{number}"
        load(getattr(layer, f"norm{number}"), blocks.norm_name(block, number))
        if number == blocks.sums:
            load(layer.linear1, f"{path}/dense1")
            load(layer.linear2, f"{path}/dense2")
            break
        attention = layer.self_attn if number == 1 else layer.multihead_attn
        parts = [net[f"{path}/attention1/{part}"] for part in ("query", "key", "value")]
        attention.in_proj_weight.data = torch.cat([part.weight for part in parts])
        attention.in_proj_bias.data = torch.cat([part.bias for part in parts])
        load(attention.out_proj, f"{path}/attention1/output")
    return layer


def check_pytorch():
    """Equal to PyTorch's layers with either order of norms and sums, and to its grouped heads."""
    torch.manual_seed(1)
    x, memory = torch.randn(3, STEPS, WIDTH).double(), torch.randn(3, WRITTEN, WIDTH).double()
    counts, memory_counts = torch.tensor([6, 2, 4]), torch.tensor([1, 5, 3])
    missing = torch.arange(STEPS) >= counts[:, None]
    missing_memory = torch.arange(WRITTEN) >= memory_counts[:, None]
    later = torch.ones(STEPS, STEPS, dtype=torch.bool).triu(1)
    for order in ("pre", "post"):
        encoder, decoder = Blocks(order=order), Blocks(order=order, causal=True, memory=True)
        for blocks in (encoder, decoder):
            net, wanted = Graph(None, **dict(blocks.layers())).double(), x
            for block in range(1, BLOCKS + 1):
                layer = pytorch_layer(blocks, net, block)
                if blocks is decoder:
                    wanted = layer(
                        wanted, memory, tgt_mask=later, memory_key_padding_mask=missing_memory)
                else:
                    wanted = layer(wanted, src_key_padding_mask=missing)
            if blocks is decoder:
                found = blocks(net, x, None, memory, memory_counts)
            else:
                found, wanted = blocks(net, x, counts)[~missing], wanted[~missing]
            assert torch.allclose(found, wanted, rtol=0, atol=1e-13), order
    q, k = torch.randn(2, STEPS, 4, 3).double(), torch.randn(2, STEPS, 2, 3).double()
    wanted = functional.scaled_dot_product_attention(
        *(x.transpose(1, 2) for x in (q, k, k)), is_causal=True, enable_gqa=True).transpose(1, 2)
    assert torch.allclose(attend(q, k, k, 3 ** -0.5, True)[0], wanted, rtol=0, atol=1e-14)


# Attention alone


def write_attention(folder, generator):
    """Operands, results, gradients of the results and what follows for the operands."""
    cases = {  # T, S, heads, groups, size, causal, counts
        "plain": (4, 5, 2, 2, 3, False, None), "causal": (7, 7, 2, 2, 4, True, None),
        "causal_counts": (5, 5, 2, 2, 3, True, [5, 2, 3]), "shared": (5, 5, 4, 2, 3, True, None),
        "one": (1, 9, 4, 1, 2, False, [9, 3, 1]), "nothing": (3, 4, 2, 1, 2, False, [0, 4, 2])}
    with Golden(folder / "attention.h5") as golden:
        for name, (steps, keys, heads, groups, size, causal, counts) in cases.items():
            shapes = {
                "query": (3, steps, heads, size), "key": (3, keys, groups, size),
                "value": (3, keys, groups, size), "output_gradient": (3, steps, heads, size),
                "log_sum_exp_gradient": (3, steps, heads)}
            tensors = {part: uniform(generator, shape, -2, 2) for part, shape in shapes.items()}
            operands = [tensors[part].requires_grad_() for part in ("query", "key", "value")]
            counts = None if counts is None else torch.tensor(counts)
            results = attend(*operands, size ** -0.5, causal, counts)
            torch.autograd.backward(
                results, [tensors["output_gradient"], tensors["log_sum_exp_gradient"]])
            tensors["output"], tensors["log_sum_exp"] = results
            for part in ("query", "key", "value"):
                tensors[f"{part}_gradient"] = tensors[part].grad
            if counts is not None:
                tensors["counts"] = counts
            for part, tensor in tensors.items():
                golden.put(f"{name}/{part}", tensor)
            golden.file[name].attrs.update(causal=int(causal), scale=size ** -0.5)


# Networks


def adamw(parameters):
    """Only matrices decay. A large epsilon keeps rounding small where gradients cancel."""
    groups = [
        {"params": [parameter], "weight_decay": 0.1 if parameter.dim() > 1 else 0}
        for parameter in parameters]
    return torch.optim.AdamW(groups, lr=1e-2, eps=1e-3)


def one(blocks, positions="learned", tied=False, padded=False):
    """One sequence; inputs end with the lengths. Norms before sums need another in the end."""

    def join(net, x):
        x, lengths = x[:, :-1].long(), x[:, -1].long() if padded else None
        x = net["embedding1"](x)
        if positions == "learned":
            x = x + net["positions1"].weight
        elif positions == "sinusoidal":
            x = x + waves(STEPS, WIDTH).to(x.dtype)
        x = blocks(net, x, lengths)
        if blocks.order == "pre":
            x = net[f"{blocks.norm}1"](x)
        return x @ net["embedding1"].weight.T if tied else net["dense1"](x)

    layers = {"embedding1": nn.Embedding(SYMBOLS, WIDTH)}
    if positions == "learned":
        layers["positions1"] = nn.Embedding(STEPS, WIDTH)
    layers |= dict(blocks.layers())
    if blocks.order == "pre":
        layers[f"{blocks.norm}1"] = NORMS[blocks.norm](WIDTH)
    if not tied:
        layers["dense1"] = nn.Linear(WIDTH, SYMBOLS)
    return Graph(join, **layers).double()


def two():
    """An encoder and a decoder; inputs are the samples, what was written before and the lengths."""
    encoder, decoder = Blocks("encoder"), Blocks("decoder", causal=True, memory=True)

    def join(net, x):
        x, written, lengths = x.long().split([STEPS, WRITTEN, 1], 1)
        lengths = lengths[:, 0]
        x = net["letters"](x) + net["positions1"].weight
        memory = net["memory"](encoder(net, x, lengths))
        y = net["written"](written) + net["positions2"].weight
        return net["dense1"](net["layernorm2"](decoder(net, y, None, memory, lengths)))

    return Graph(
        join, letters=nn.Embedding(SYMBOLS, WIDTH), positions1=nn.Embedding(STEPS, WIDTH),
        **dict(encoder.layers()), memory=nn.LayerNorm(WIDTH),
        written=nn.Embedding(OTHERS, WIDTH), positions2=nn.Embedding(WRITTEN, WIDTH),
        **dict(decoder.layers()), layernorm2=nn.LayerNorm(WIDTH),
        dense1=nn.Linear(WIDTH, OTHERS)).double()


def draw(generator, symbols, steps):
    return generator.integers(0, symbols, (BATCH, steps))


def write_one(path, generator, network, padded=False):
    initialise(network, generator)
    samples, labels = draw(generator, SYMBOLS, STEPS), draw(generator, SYMBOLS, STEPS)
    lengths = generator.integers(1, STEPS + 1, BATCH) if padded else np.full(BATCH, STEPS)
    labels[np.arange(STEPS) >= lengths[:, None]] = -1
    inputs = np.hstack([samples, lengths[:, None]]).astype(float)
    write_network(
        path, network, cross_entropy, adamw, torch.from_numpy(inputs), torch.from_numpy(labels),
        stored_inputs=samples.astype(float),
        fields={"lengths": lengths.astype(float)} if padded else {})


def write_two(path, generator, network):
    initialise(network, generator)
    samples, previous, labels = (
        draw(generator, symbols, steps) for symbols, steps in
        ((SYMBOLS, STEPS), (OTHERS, WRITTEN), (OTHERS, WRITTEN)))
    lengths = generator.integers(1, STEPS + 1, BATCH)
    inputs = np.hstack([samples, previous, lengths[:, None]]).astype(float)
    write_network(
        path, network, cross_entropy, adamw, torch.from_numpy(inputs), torch.from_numpy(labels),
        stored_inputs=samples.astype(float),
        fields={"previous": previous.astype(float), "lengths": lengths.astype(float)})


def write_networks(folder, generator):
    cases = {
        "gpt": one(Blocks(causal=True)),
        "gpt_rotary": one(Blocks(causal=True, rotary=True), positions=None),
        "gpt_kv_heads": one(Blocks(causal=True, kv_heads=1)),
        "gpt_rmsnorm": one(Blocks(causal=True, norm="rmsnorm")),
        "gpt_swiglu": one(Blocks(causal=True, activation="swiglu")),
        "gpt_post": one(Blocks(causal=True, order="post", activation="relu")),
        "gpt_tied": one(Blocks(causal=True, bias=False), tied=True),
        "gpt_sinusoidal": one(Blocks(causal=True), positions="sinusoidal")}
    for name, network in cases.items():
        write_one(folder / f"{name}.h5", generator, network)
    write_one(folder / "encoder.h5", generator, one(Blocks(), padded=True), padded=True)
    write_two(folder / "encoder_decoder.h5", generator, two())


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = (destination if destination.is_dir() else destination.parent) / "transformers"
    destination.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    check_known_numbers()
    check_pytorch()
    numbers = np.random.default_rng(19)
    write_attention(destination, numbers)
    write_networks(destination, numbers)
