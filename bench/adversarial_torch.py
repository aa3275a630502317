"""The networks of configs/wgan-gp-mnist.yaml in PyTorch, and a cycle of their training: five steps of the
critic, each with a gradient penalty, and one of the generator."""

import torch
from torch import nn

BATCH = 64
BATCHES = 16
NOISE = 64
CRITIC_STEPS = 5


def make_step(arguments):
    """A function of the images of a cycle, the images to feed it, and how many parameters it trains."""
    if arguments.ranks > 1:
        raise NotImplementedError("DistributedDataParallel has no gradient penalties")
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    generator = nn.Sequential(
        nn.Linear(NOISE, 256), nn.ReLU(), nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 784), nn.Tanh())
    critic = nn.Sequential(
        nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
    implementation = {part: True for part in ("fused", "foreach") if part in arguments.mode}
    optimizers = [
        torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.0, 0.9), **implementation)
        for network in (critic, generator)]
    batches = [(torch.rand(CRITIC_STEPS, BATCH, 784) * 2 - 1,) for _ in range(BATCHES)]

    def critic_loss(real):
        with torch.no_grad():
            made = generator(torch.randn(BATCH, NOISE))
        # Both kinds of samples in one pass.
        scores = critic(torch.cat([real, made]))
        share = torch.rand(BATCH, 1)
        between = (share * real + (1 - share) * made).requires_grad_()
        slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        penalty = (slope.norm(2, dim=1) - 1).square()
        return scores[BATCH:].mean() - scores[:BATCH].mean() + 10 * penalty.mean()

    def generator_loss():
        return -critic(generator(torch.randn(BATCH, NOISE))).mean()

    if "compile" in arguments.mode:
        raise NotImplementedError("torch.compile does not differentiate twice")

    def step(images):
        for real in images:
            optimizers[0].zero_grad()
            critic_loss(real).backward()
            optimizers[0].step()
        optimizers[1].zero_grad()
        for parameter in critic.parameters():
            parameter.requires_grad_(False)
        generator_loss().backward()
        optimizers[1].step()
        for parameter in critic.parameters():
            parameter.requires_grad_(True)

    count = sum(p.numel() for network in (generator, critic) for p in network.parameters())
    return step, batches, count
