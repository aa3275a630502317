"""How PyTorch writes with the network of configs/char-mamba.yaml, a token at a time, with states kept."""

from typing import List

import torch
from torch.nn import functional

import mamba
import mamba_torch

SIZE = mamba.Size(layers=4)


def norm(x: torch.Tensor, weight: torch.Tensor):
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-5) * weight


def read(token: torch.Tensor, table: torch.Tensor, last: torch.Tensor, blocks: List[List[torch.Tensor]]):
    """The probabilities of the next token. The two tensors at the end of a block are its past inputs and its state."""
    x = table[token]
    for block in blocks:
        wide, z = torch.mm(norm(x, block[0]), block[1]).chunk(2, 1)
        block[10][:-1] = block[10][1:].clone()
        block[10][-1:] = wide
        u = functional.silu((block[10] * block[2]).sum(0, keepdim=True) + block[3])
        dt, b, c = torch.mm(u, block[4]).split([block[5].size(0), block[7].size(0), block[7].size(0)], 1)
        delta = functional.softplus(torch.addmm(block[6], dt, block[5]))
        block[11].mul_(torch.exp(block[7] * delta)).addmm_(b.t(), delta * u)
        y = torch.addcmul(torch.mm(c, block[11]), block[8], u)
        x = torch.addmm(x, y * functional.silu(z), block[9])
    return torch.softmax(functional.linear(norm(x, last), table), 1)


def write(count: int, table: torch.Tensor, last: torch.Tensor, blocks: List[List[torch.Tensor]]):
    tokens = [torch.zeros(1, dtype=torch.long)]
    for _ in range(count):
        tokens.append(torch.multinomial(read(tokens[-1], table, last, blocks), 1)[0])
    return torch.cat(tokens[1:])


def state(block):
    """The matrices are transposed once, which is faster; then what a block carries."""
    mixer = block.mixer
    weights = [
        block.norm.weight, mixer.in_proj.weight.T, mixer.conv1d.weight[:, 0].T, mixer.conv1d.bias,
        mixer.x_proj.weight.T, mixer.dt_proj.weight.T, mixer.dt_proj.bias, -torch.exp(mixer.A_log).T, mixer.D,
        mixer.out_proj.weight.T]
    carried = [torch.zeros(SIZE.conv, SIZE.channels), torch.zeros(SIZE.state, SIZE.channels)]
    return [weight.contiguous() for weight in weights] + carried


def package(network):
    """The steps of mambapy."""
    def loop(count):
        caches = [(None, torch.zeros(1, SIZE.channels, SIZE.conv - 1)) for _ in network.blocks]
        token, tokens = torch.zeros(1, dtype=torch.long), []
        for _ in range(count):
            x = network.embedding(token)
            for number, block in enumerate(network.blocks):
                x, caches[number] = block.step(x, caches[number])
            scores = functional.linear(network.norm(x), network.embedding.weight)
            token = torch.multinomial(torch.softmax(scores, 1), 1)[0]
            tokens.append(token)
        return torch.cat(tokens)

    return loop


def peers(symbols):
    """Functions of a number of characters and the letters, by name."""
    network = mamba_torch.Mamba(SIZE, symbols=symbols)
    torch.nn.init.normal_(network.embedding.weight, std=0.02)
    scripted = torch.jit.script(write)

    def writer(loop):
        return lambda count, letters: "".join(letters[token] for token in loop(count).tolist())

    def ours(loop):
        return writer(lambda count: loop(
            count, network.embedding.weight, network.norm.weight, [state(block) for block in network.blocks]))

    return {"mambapy": writer(package(network)), "PyTorch": ours(write), "torch.jit": ours(scripted)}
