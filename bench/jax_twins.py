"""The networks of configs/*.yaml in JAX, and their training step: one compiled function that gives its
buffers away, Adam included."""

import os

# One thread for one thread; more take the cores that the process is bound to.
if os.environ.get("OMP_NUM_THREADS") == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import numpy
from jax import lax, numpy as jnp

import mamba
import mamba_jax
import recurrent
import recurrent_jax
import transformer
import transformer_jax

BATCH = 64
BATCHES = 32


class Parameters:
    """Makes parameters in the order in which a network asks for them, and later hands them out again."""

    def __init__(self, values=None):
        self.values = values
        self.made = []
        self.averages = {}

    def __call__(self, *shape, fan_in=None):
        if self.values is not None:
            self.made.append(None)
            return self.values[len(self.made) - 1]
        generator = numpy.random.default_rng(len(self.made))
        scale = 0 if fan_in is None else (2 / fan_in) ** 0.5
        self.made.append(jnp.asarray(scale * generator.standard_normal(shape), jnp.float32))
        return self.made[-1]


def dense(x, outputs, get):
    return x @ get(x.shape[1], outputs, fan_in=x.shape[1]) + get(outputs)


def convolution(x, filters, get, kernel=3, stride=1, padding=None, bias=True):
    padding = kernel // 2 if padding is None else padding
    weight = get(kernel, kernel, x.shape[3], filters, fan_in=kernel * kernel * x.shape[3])
    y = lax.conv_general_dilated(
        x, weight, (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return y + get(filters) if bias else y


def windows(x):
    """2x2 windows that do not overlap, as axes of their own: faster here than a sliding window."""
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c)


def norm(x, get):
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    get.averages[len(get.averages)] = (mean, variance)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * (1 + get(x.shape[3])) + get(x.shape[3])


def residual(x, filters, get):
    stride = filters // x.shape[3]
    y = jax.nn.relu(norm(convolution(x, filters, get, stride=stride, bias=False), get))
    y = norm(convolution(y, filters, get, bias=False), get)
    if stride > 1:
        x = jnp.pad(x[:, ::stride, ::stride], [(0, 0)] * 3 + [(0, filters - x.shape[3])])
    return jax.nn.relu(y + x)


def network(name, x, get, mode):
    unroll = 4 if "unroll" in mode else 1
    if name in recurrent.NETWORKS:
        return recurrent_jax.network(recurrent.NETWORKS[name], x, get, unroll)
    if name in transformer.NETWORKS:
        return transformer_jax.network(transformer.NETWORKS[name], x, get)
    if name in mamba.NETWORKS:
        return mamba_jax.network(mamba.NETWORKS[name], x, get, mode, unroll)
    if name == "mlp":
        return dense(jax.nn.relu(dense(x.reshape(len(x), -1), 128, get)), 10, get)
    if name == "conv":
        for filters in (16, 32):
            x = windows(jax.nn.relu(convolution(x, filters, get))).max((2, 4))
        return dense(jax.nn.relu(dense(x.reshape(len(x), -1), 128, get)), 10, get)
    if name == "lenet":
        for filters, padding in ((6, 2), (16, 0)):
            x = windows(jnp.tanh(convolution(x, filters, get, kernel=5, padding=padding))).mean((2, 4))
        x = x.reshape(len(x), -1)
        for units in (120, 84):
            x = jnp.tanh(dense(x, units, get))
        return dense(x, 10, get)
    x = jax.nn.relu(norm(convolution(x, 16, get, bias=False), get))
    for filters in (16, 16, 16, 32, 32, 32, 64, 64, 64):
        x = residual(x, filters, get)
    return dense(x.mean((1, 2)), 10, get)


def make_batches(name):
    for family in (recurrent, transformer, mamba):
        if name in family.NETWORKS:
            return [
                (jnp.asarray(inputs), jnp.asarray(labels.flatten(), jnp.int32))
                for inputs, labels in family.draw(name, BATCHES)
            ]
    shape = (32, 32, 3) if name == "resnet20" else (28, 28, 1)
    generator = numpy.random.default_rng(1)
    return [
        (jnp.asarray(generator.random((BATCH, *shape)), jnp.float32),
         jnp.asarray(generator.integers(0, 10, BATCH), jnp.int32))
        for _ in range(BATCHES)
    ]


def make_step(arguments):
    """A function of (inputs, labels) that does one training step, the batches to feed it, and how many
    parameters it trains."""
    name = arguments.network
    mode = arguments.mode
    batches = make_batches(name)
    get = Parameters()
    network(name, batches[0][0], get, mode)
    weights = get.made
    averages = [(jnp.zeros_like(mean), jnp.ones_like(variance)) for mean, variance in get.averages.values()]

    def loss_of(weights, inputs, labels):
        get = Parameters(weights)
        scores = jax.nn.log_softmax(network(name, inputs, get, mode))
        loss = -jnp.take_along_axis(scores, labels[:, None], 1).mean()
        return loss, list(get.averages.values())

    clips = name in {**transformer.NETWORKS, **mamba.NETWORKS}
    beta, decay = (transformer.BETAS[1], transformer.DECAY) if clips else (0.999, 0)

    def update(state, inputs, labels):
        weights, first, second, averages, step = state
        (loss, seen), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, inputs, labels)
        if clips:
            norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in gradients))
            gradients = [g * jnp.minimum(1, transformer.CLIP / (norm + 1e-6)) for g in gradients]
        step = step + 1
        rate = 1e-3 * jnp.sqrt(1 - beta ** step) / (1 - 0.9 ** step)
        first = [0.9 * m + 0.1 * g for m, g in zip(first, gradients)]
        second = [beta * v + (1 - beta) * g * g for v, g in zip(second, gradients)]
        weights = [w * (1 - 1e-3 * decay) if w.ndim > 1 else w for w in weights]
        weights = [w - rate * m / (jnp.sqrt(v) + 1e-8) for w, m, v in zip(weights, first, second)]
        averages = [
            tuple(0.9 * old + 0.1 * new for old, new in zip(pair, found)) for pair, found in zip(averages, seen)]
        return (weights, first, second, averages, step), loss

    compiled = jax.jit(update, donate_argnums=0)
    zeros = lambda: [jnp.zeros_like(weight) for weight in weights]
    state = (weights, zeros(), zeros(), averages, jnp.float32(0))
    count = sum(weight.size for weight in weights)

    def step(inputs, labels):
        nonlocal state
        state, loss = compiled(state, inputs, labels)
        jax.block_until_ready(state)

    return step, batches, count
