"""Recurrent layers in JAX: a loop of the products that need the state, and nothing else in it."""

import jax
from jax import lax, numpy as jnp

sigmoid = jax.nn.sigmoid


def lstm(state, z, product):
    i, f, g, o = jnp.split(z + product, 4, -1)
    c = sigmoid(f) * state[1] + sigmoid(i) * jnp.tanh(g)
    return sigmoid(o) * jnp.tanh(c), c


def gru(state, z, product):
    """The last quarter of z is the bias inside the reset, so that its gradient is that of the product."""
    z, inside = jnp.split(z, [product.shape[-1]], -1)
    (xr, xz, xn), (hr, hz, hn) = jnp.split(z, 3, -1), jnp.split(product, 3, -1)
    n = jnp.tanh(xn + sigmoid(xr + hr) * (hn + inside))
    return (n + sigmoid(xz + hz) * (state[0] - n),)


def rnn(state, z, product):
    return (jnp.tanh(z + product),)


CELLS = {"LSTM": lstm, "GRU": gru, "RNN": rnn}


def loop(kind, unroll):
    """A function of (recurrent weights, sums of all steps) to all outputs."""

    def run(weights, z):
        def body(state, z):
            state = CELLS[kind](state, z, state[0] @ weights)
            return state, state[0]

        first = (jnp.zeros((z.shape[1], len(weights))),) * (2 if kind == "LSTM" else 1)
        return lax.scan(body, first, z, unroll=unroll)[1]

    def forward(weights, z):
        outputs, pull = jax.vjp(lambda z: run(weights, z), z)
        return outputs, (outputs, pull)

    def backward(saved, gradient):
        """The gradient of the weights is one product after the loop, where `scan` would add one each step."""
        outputs, pull = saved
        dz, = pull(gradient)
        units = outputs.shape[-1]
        products = jnp.concatenate([dz[..., :2 * units], dz[..., 3 * units:]], -1) if kind == "GRU" else dz
        return jnp.einsum("tbi,tbj->ij", outputs[:-1], products[1:]), dz

    lifted = jax.custom_vjp(run)
    lifted.defvjp(forward, backward)
    return lifted


def network(size, x, get, unroll):
    """The scores of each step for tokens, of the last one for rows of an image."""
    if size.embedding:
        x = get(65, size.embedding, fan_in=size.embedding)[x]
    width = size.gates * size.units
    for _ in range(size.layers):
        z = x @ get(x.shape[-1], width, fan_in=x.shape[-1])
        weights, bias, inner = get(size.units, width, fan_in=size.units), get(width), get(width)
        if size.kind == "GRU":
            inside = jnp.broadcast_to(inner[2 * size.units:], (*z.shape[:2], size.units))
            z = jnp.concatenate([z + bias + inner.at[2 * size.units:].set(0), inside], -1)
        else:
            z = z + bias + inner
        x = loop(size.kind, unroll)(weights, z)
    x = x if size.embedding else x[-1]
    return x.reshape(-1, size.units) @ get(size.units, size.outputs, fan_in=size.units) + get(size.outputs)
