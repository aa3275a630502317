"""Transformers in JAX."""

import jax
from jax import numpy as jnp

from transformer import SYMBOLS


def norm(x, get):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * (1 + get(x.shape[-1])) + get(x.shape[-1])


def dense(x, outputs, get):
    return x @ get(x.shape[-1], outputs, fan_in=x.shape[-1])


def attention(x, heads, get):
    samples, steps, width = x.shape
    q, k, v = (
        part.reshape(samples, steps, heads, width // heads)
        for part in jnp.split(dense(x, 3 * width, get), 3, -1))
    scores = jnp.einsum("bqhd,bkhd->bhqk", q * (width // heads) ** -0.5, k)
    seen = jnp.tril(jnp.ones((steps, steps), bool))
    y = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(jnp.where(seen, scores, -jnp.inf)), v)
    return dense(y.reshape(x.shape), width, get)


def network(size, tokens, get):
    """The scores of the next token at each step, one row after the other."""
    table = get(SYMBOLS, size.width, fan_in=size.width)
    x = table[tokens] + get(size.steps, size.width, fan_in=size.width)
    for _ in range(size.blocks):
        x = x + attention(norm(x, get), size.heads, get)
        x = x + dense(jax.nn.gelu(dense(norm(x, get), 4 * size.width, get), approximate=False), size.width, get)
    return (norm(x, get) @ table.T).reshape(-1, SYMBOLS)
