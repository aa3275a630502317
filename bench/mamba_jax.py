"""Mamba in JAX, with `lax.associative_scan` or with a loop."""

import functools

import jax
from jax import lax, numpy as jnp

from transformer import SYMBOLS


def norm(x, get):
    return x * lax.rsqrt(jnp.square(x).mean(-1, keepdims=True) + 1e-5) * (1 + get(x.shape[-1]))


def dense(x, outputs, get):
    return x @ get(x.shape[-1], outputs, fan_in=x.shape[-1])


def parallel_scan(u, delta, a, b, c):
    """u and delta are [T, n, channels], a [states, channels], b and c [T, n, states]."""
    decays = jnp.exp(delta[:, :, None] * a)
    drives = (delta * u)[:, :, None] * b[..., None]

    def join(first, second):
        return first[0] * second[0], second[0] * first[1] + second[1]

    states = lax.associative_scan(join, (decays, drives))[1]
    return jnp.einsum("tnsc,tns->tnc", states, c)


def loop_scan(u, delta, a, b, c, unroll):
    """Keeps the states; what follows from them is computed again for the gradient."""

    @jax.checkpoint
    def step(state, x):
        u, delta, b, c = x
        state = jnp.exp(delta[:, None] * a) * state + (delta * u)[:, None] * b[..., None]
        return state, (state * c[..., None]).sum(1)

    first = jnp.zeros((u.shape[1], *a.shape), u.dtype)
    return lax.scan(step, first, (u, delta, b, c), unroll=unroll)[1]


def mixer(x, size, get, scan):
    x, z = jnp.split(dense(x, 2 * size.channels, get), 2, -1)
    taps = get(size.conv, size.channels, fan_in=size.conv)
    late = jnp.pad(x, ((size.conv - 1, 0), (0, 0), (0, 0)))
    x = sum(tap * late[k:k + len(x)] for k, tap in enumerate(taps)) + get(size.channels)
    x = jax.nn.silu(x)
    dt, b, c = jnp.split(
        dense(x, size.rank + 2 * size.state, get), (size.rank, size.rank + size.state), -1)
    delta = jax.nn.softplus(dense(dt, size.channels, get) + get(size.channels) - 4)
    a = get(size.state * size.channels).reshape(size.state, size.channels)  # a vector does not decay
    a = -jnp.exp(a + jnp.log(jnp.arange(1, size.state + 1))[:, None])
    y = scan(x, delta, a, b, c) + (1 + get(size.channels)) * x
    return dense(y * jax.nn.silu(z), size.width, get)


def network(size, tokens, get, mode, unroll):
    """The scores of the next token at each step, one row after the other. Within, time is the first axis."""
    scan = functools.partial(loop_scan, unroll=unroll) if "loop" in mode else parallel_scan
    x = get(SYMBOLS, size.width, fan_in=size.width)[tokens.T]
    for _ in range(size.layers):
        x = x + mixer(norm(x, get), size, get, scan)
    return (dense(norm(x, get), SYMBOLS, get) + get(SYMBOLS)).swapaxes(0, 1).reshape(-1, SYMBOLS)
