"""Transformers in PyTorch as nanoGPT has them: one product for queries, keys and values, and PyTorch's own attention."""

import torch
from torch import nn
from torch.nn import functional

import transformer


class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        width = size.width
        self.heads = size.heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def split(self, x):
        """Queries, keys and values, [samples, heads, steps, width of a head]."""
        parts = self.qkv(self.norm1(x)).chunk(3, -1)
        return (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)

    def merge(self, x, y):
        """The block's output, of its input and what attention makes of it."""
        x = x + self.output(y.transpose(1, 2).flatten(2))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))

    def forward(self, x):
        return self.merge(x, functional.scaled_dot_product_attention(*self.split(x), is_causal=True))


class Transformer(nn.Module):
    """The scores of the next token at each step, one row after the other."""

    def __init__(self, size, symbols=transformer.SYMBOLS):
        super().__init__()
        self.embedding = nn.Embedding(symbols, size.width)
        self.positions = nn.Parameter(torch.empty(size.steps, size.width))
        self.blocks = nn.ModuleList(Block(size) for _ in range(size.blocks))
        self.norm = nn.LayerNorm(size.width)
        self.size = size
        for parameter in self.matrices():
            nn.init.normal_(parameter, std=0.02)
        for block in self.blocks:
            for layer in (block.output, block.down):
                nn.init.normal_(layer.weight, std=0.02 / (2 * size.blocks) ** 0.5)

    def matrices(self):
        return [p for p in self.parameters() if p.dim() > 1]

    def forward(self, tokens):
        x = self.embedding(tokens) + self.positions
        for block in self.blocks:
            x = block(x)
        return functional.linear(self.norm(x), self.embedding.weight).flatten(0, 1)


def adamw(network, **implementation):
    matrices = network.matrices()
    others = [p for p in network.parameters() if all(p is not matrix for matrix in matrices)]
    groups = [
        {"params": matrices, "weight_decay": transformer.DECAY}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=transformer.RATE, betas=transformer.BETAS, **implementation)
