"""How PyTorch writes with the Transformer of configs/char-gpt.yaml, a token at a time, with keys and values kept."""

from typing import List

import torch
from torch.nn import functional

import transformer
from transformer_torch import Transformer

SIZE = transformer.NETWORKS["char-gpt"]


def norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor):
    return torch.layer_norm(x, [x.size(1)], weight, bias, 1e-5)


def read(
    tokens: torch.Tensor, place: int, ends: List[torch.Tensor], blocks: List[List[torch.Tensor]],
    heads: int,
):
    """The probabilities of the token behind some that stand from a place on, several only from the first one."""
    count, end = tokens.size(0), place + tokens.size(0)
    x = ends[0][tokens] + ends[1][place:end]
    for block in blocks:
        q, k, v = torch.mm(norm(x, block[0], block[1]), block[2]).view(1, count, 3 * heads, -1).transpose(1, 2).chunk(3, 1)
        block[8][:, :, place:end] = k
        block[9][:, :, place:end] = v
        y = functional.scaled_dot_product_attention(
            q, block[8][:, :, :end], block[9][:, :, :end], is_causal=count > 1)
        x = x + torch.mm(y.transpose(1, 2).reshape(count, -1), block[3])
        hidden = functional.gelu(torch.mm(norm(x, block[4], block[5]), block[6]))
        x = x + torch.mm(hidden, block[7])
    return torch.softmax(functional.linear(norm(x[-1:], ends[2], ends[3]), ends[0]), 1)


def write(count: int, ends: List[torch.Tensor], blocks: List[List[torch.Tensor]], heads: int):
    """When the context is full, its last half is read again from the first position on."""
    tokens = [torch.zeros(1, dtype=torch.long)]
    place, context = 0, ends[1].size(0)
    for _ in range(count):
        if place == context:
            place = context // 2
            probabilities = read(torch.cat(tokens[-place:]), 0, ends, blocks, heads)
        else:
            probabilities = read(tokens[-1], place, ends, blocks, heads)
            place += 1
        tokens.append(torch.multinomial(probabilities, 1)[0])
    return torch.cat(tokens[1:])


def peers(symbols):
    """Functions of a number of characters and the letters, by name. Weights are transposed once, which is faster."""
    network = Transformer(SIZE, symbols)
    ends = [network.embedding.weight, network.positions, network.norm.weight, network.norm.bias]
    blocks = [
        [block.norm1.weight, block.norm1.bias, block.qkv.weight.T.contiguous(), block.output.weight.T.contiguous(),
         block.norm2.weight, block.norm2.bias, block.up.weight.T.contiguous(), block.down.weight.T.contiguous(),
         *torch.zeros(2, 1, SIZE.heads, SIZE.steps, SIZE.width // SIZE.heads)]
        for block in network.blocks]

    def writer(loop):
        return lambda count, letters: "".join(letters[token] for token in loop(count, ends, blocks, SIZE.heads).tolist())

    return {"PyTorch": writer(write), "torch.jit": writer(torch.jit.script(write))}
