"""The networks of configs/wgan-gp-mnist.yaml in JAX, and a cycle of their training: five steps of the critic,
each with a gradient penalty, and one of the generator, in one compiled function that gives its buffers away."""

import os

# One thread for one thread; more take the cores that the process is bound to.
if os.environ.get("OMP_NUM_THREADS") == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import numpy
from jax import numpy as jnp

from adversarial_torch import BATCH, BATCHES, CRITIC_STEPS, NOISE


def dense(sizes, seed):
    generator = numpy.random.default_rng(seed)
    return [
        (jnp.asarray(generator.standard_normal((i, o)) * (2 / i) ** 0.5, jnp.float32), jnp.zeros(o))
        for i, o in zip(sizes, sizes[1:])]


def generate(layers, noise):
    for weight, bias in layers[:-1]:
        noise = jax.nn.relu(noise @ weight + bias)
    return jnp.tanh(noise @ layers[-1][0] + layers[-1][1])


def score(layers, x):
    for weight, bias in layers[:-1]:
        x = jax.nn.leaky_relu(x @ weight + bias, 0.2)
    return (x @ layers[-1][0] + layers[-1][1])[..., 0]


def adam(weights, gradients, state):
    second, step = state
    step = step + 1
    rate = 1e-4 * jnp.sqrt(1 - 0.9 ** step)
    second = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g * g, second, gradients)
    # The first moment is the gradient itself: its factor is 0.
    weights = jax.tree.map(
        lambda w, g, v: w - rate * g / (jnp.sqrt(v) + 1e-8), weights, gradients, second)
    return weights, (second, step)


def critic_loss(critic, generator, real, noise, share):
    made = jax.lax.stop_gradient(generate(generator, noise))
    scores = score(critic, jnp.concatenate([real, made]))
    between = share * real + (1 - share) * made
    slope = jax.grad(lambda x: score(critic, x).sum())(between)
    penalty = (jnp.linalg.norm(slope, axis=1) - 1) ** 2
    return scores[BATCH:].mean() - scores[:BATCH].mean() + 10 * penalty.mean()


def make_step(arguments):
    """A function of the images of a cycle, the images to feed it, and how many parameters it trains."""
    generator = dense([NOISE, 256, 512, 784], 1)
    critic = dense([784, 512, 256, 1], 2)
    numbers = numpy.random.default_rng(3)
    batches = [
        (jnp.asarray(numbers.random((CRITIC_STEPS, BATCH, 784)) * 2 - 1, jnp.float32),)
        for _ in range(BATCHES)]

    def cycle(state, images):
        generator, critic, first, second, key = state
        for real in images:
            key, draw, mix = jax.random.split(key, 3)
            noise = jax.random.normal(draw, (BATCH, NOISE))
            share = jax.random.uniform(mix, (BATCH, 1))
            gradients = jax.grad(critic_loss)(critic, generator, real, noise, share)
            critic, first = adam(critic, gradients, first)
        key, draw = jax.random.split(key)
        noise = jax.random.normal(draw, (BATCH, NOISE))
        gradients = jax.grad(lambda g: -score(critic, generate(g, noise)).mean())(generator)
        generator, second = adam(generator, gradients, second)
        return generator, critic, first, second, key

    compiled = jax.jit(cycle, donate_argnums=0)
    zeros = lambda layers: (jax.tree.map(jnp.zeros_like, layers), jnp.float32(0))
    state = (generator, critic, zeros(critic), zeros(generator), jax.random.key(0))
    count = sum(leaf.size for leaf in jax.tree.leaves((generator, critic)))

    def step(images):
        nonlocal state
        state = compiled(state, images)
        jax.block_until_ready(state)

    return step, batches, count
