"""Mamba in PyTorch: the package mambapy with its parallel scan, with its loop, and with a scan of our own."""

import torch
from mambapy.mamba import MambaConfig, ResidualBlock, RMSNorm
from torch import nn
from torch.nn import functional

from transformer import SYMBOLS

BLOCK = 16  # steps whose states stay in the cache


class BlockScan(torch.autograd.Function):
    """The scan of time first, [T, n, channels], that keeps a state of each block and computes the others again."""

    @staticmethod
    def states(u, delta, a, b, first):
        """The decays and the states of a block."""
        decays = torch.mul(delta[:, :, None], a).exp_()
        states = (delta * u)[:, :, None] * b[..., None]
        for decay, state in zip(decays, states):
            first = state.addcmul_(decay, first)
        return decays, states

    @staticmethod
    def forward(ctx, u, delta, a, b, c):
        state, outputs, kept = u.new_zeros(u.shape[1], *a.shape), [], []
        for parts in zip(*(x.split(BLOCK) for x in (u, delta, b, c))):
            kept.append(state)
            _, states = BlockScan.states(*parts[:2], a, parts[2], state)
            outputs.append(torch.matmul(parts[3][:, :, None], states)[:, :, 0])
            state = states[-1].clone()
        ctx.save_for_backward(u, delta, a, b, c, *kept)
        return torch.cat(outputs)

    @staticmethod
    def backward(ctx, dy):
        u, delta, a, b, c, *kept = ctx.saved_tensors
        parts, da, later = [], torch.zeros_like(a), 0
        blocks = list(zip(*(x.split(BLOCK) for x in (u, delta, b, c, dy)), kept))
        for u_t, delta_t, b_t, c_t, dy_t, first in reversed(blocks):
            decays, states = BlockScan.states(u_t, delta_t, a, b_t, first)
            grads = dy_t[:, :, None] * c_t[..., None]
            grads[-1] += later
            for t in range(len(grads) - 2, -1, -1):
                grads[t].addcmul_(decays[t + 1], grads[t + 1])
            dc = (states * dy_t[:, :, None]).sum(3)
            db = (grads * (delta_t * u_t)[:, :, None]).sum(3)
            drive = torch.matmul(b_t[:, :, None], grads)[:, :, 0]
            later = decays[0] * grads[0]
            grads.mul_(decays)
            grads[0] *= first
            grads[1:] *= states[:-1]
            da += (grads * delta_t[:, :, None]).sum((0, 1))
            parts.append((drive * delta_t, (grads * a).sum(2).addcmul_(drive, u_t), db, dc))
        du, ddelta, db, dc = (torch.cat(x[::-1]) for x in zip(*parts))
        return du, ddelta, da, db, dc


def block_scan(self, x, delta, a, b, c, d):
    """In place of `MambaBlock.selective_scan`."""
    u, delta, b, c = (part.transpose(0, 1).contiguous() for part in (x, delta, b, c))
    return BlockScan.apply(u, delta, a.T.contiguous(), b, c).transpose(0, 1) + d * x


class Mamba(nn.Module):
    """The scores of the next token at each step, one row after the other."""

    def __init__(self, size, mode=(), symbols=SYMBOLS):
        super().__init__()
        config = MambaConfig(
            size.width, size.layers, d_state=size.state, expand_factor=size.expand, d_conv=size.conv,
            pscan="loop" not in mode)
        self.embedding = nn.Embedding(symbols, size.width)
        self.blocks = nn.Sequential(*(ResidualBlock(config) for _ in range(size.layers)))
        if "block" in mode:
            for block in self.blocks:
                block.mixer.selective_scan = block_scan.__get__(block.mixer)
        self.norm, self.dense = RMSNorm(size.width), nn.Linear(size.width, symbols)

    def matrices(self):
        return [p for p in self.parameters() if p.dim() > 1 and not hasattr(p, "_no_weight_decay")]

    def forward(self, tokens):
        return self.dense(self.norm(self.blocks(self.embedding(tokens)))).flatten(0, 1)
