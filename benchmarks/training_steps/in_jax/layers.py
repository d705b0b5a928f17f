"""Layers as functions of named weights, with PyTorch's names and formulas; images are (n, h, w, c), as JAX likes them.

A step in JAX is a pure function. So the weights come in as a dict, and what a layer would keep, the running averages of
batch normalisation, is left in `running`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
from jax import lax

Array = jax.Array
IMAGES = ("NHWC", "HWIO", "NHWC")
MOMENTUM, EPSILON = 0.1, 1e-5


@dataclass
class Layers:
    """Layers over these weights."""

    weights: Mapping[str, Array]
    running: dict[str, Array] = field(default_factory=dict)

    def affine(self, name: str, x: Array) -> Array:
        """x W' + b."""
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def conv(self, name: str, x: Array, stride: int = 1, padding: int = 0) -> Array:
        """The convolution of images; a bias where there is one."""
        taps = jnp.transpose(self.weights[f"{name}.weight"], (2, 3, 1, 0))
        pads = ((padding, padding), (padding, padding))
        y = lax.conv_general_dilated(x, taps, (stride, stride), pads, dimension_numbers=IMAGES)
        return y + self.weights[f"{name}.bias"] if f"{name}.bias" in self.weights else y

    def transposed_conv(self, name: str, x: Array, stride: int = 1, padding: int = 0) -> Array:
        """The adjoint of a convolution: zeros between the pixels, and the taps in the opposite order."""
        taps = jnp.transpose(self.weights[f"{name}.weight"][:, :, ::-1, ::-1], (2, 3, 0, 1))
        pad = taps.shape[0] - 1 - padding
        return lax.conv_general_dilated(
            x, taps, (1, 1), ((pad, pad), (pad, pad)), lhs_dilation=(stride, stride), dimension_numbers=IMAGES
        )

    def batch_norm(self, name: str, x: Array) -> Array:
        """Each channel with mean 0 and variance 1 over the batch, then scaled and shifted."""
        axes = tuple(range(x.ndim - 1))
        mean, variance, count = x.mean(axes), x.var(axes), x.size // x.shape[-1]
        for what, now in (("mean", mean), ("var", variance * count / (count - 1))):
            key = f"{name}.running_{what}"
            self.running[key] = self.running.get(key, self.weights[key]) * (1 - MOMENTUM) + now * MOMENTUM
        return self._scaled(name, (x - mean) * lax.rsqrt(variance + EPSILON))

    def layer_norm(self, name: str, x: Array) -> Array:
        """Each row with mean 0 and variance 1, then scaled and shifted."""
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return self._scaled(name, (x - mean) * lax.rsqrt(variance + EPSILON))

    def _scaled(self, name: str, x: Array) -> Array:
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def embedding(self, name: str, at: Array) -> Array:
        """Rows of a table."""
        return self.weights[f"{name}.weight"][at]

    def lstm(self, name: str, x: Array, layers: int) -> Array:
        """Layers of memory cells over (t, n, d), from zeros on; the products with the inputs are made all at once."""
        for layer in range(layers):
            inner = self.weights[f"{name}.weight_hh_l{layer}"].T
            bias = self.weights[f"{name}.bias_ih_l{layer}"] + self.weights[f"{name}.bias_hh_l{layer}"]
            given = x @ self.weights[f"{name}.weight_ih_l{layer}"].T + bias
            zeros = jnp.zeros((x.shape[1], inner.shape[0]), x.dtype)
            _, x = lax.scan(lambda state, now, inner=inner: memory(state, now, inner), (zeros, zeros), given)
        return x

    def attention(self, name: str, x: Array, hidden: Array, heads: int) -> Array:
        """Self-attention of (n, t, d); where `hidden` nothing is looked at."""
        n, t, d = x.shape
        packed = x @ self.weights[f"{name}.in_proj_weight"].T + self.weights[f"{name}.in_proj_bias"]
        q, k, v = jnp.transpose(packed.reshape(n, t, 3, heads, d // heads), (2, 0, 3, 1, 4))
        scores = q @ jnp.swapaxes(k, -1, -2) / jnp.sqrt(d // heads)
        looked = jax.nn.softmax(jnp.where(hidden, -jnp.inf, scores)) @ v
        return self.affine(f"{name}.out_proj", jnp.swapaxes(looked, 1, 2).reshape(n, t, d))


def memory(state: tuple[Array, Array], given: Array, inner: Array) -> tuple[tuple[Array, Array], Array]:
    """One step of an LSTM. Source: Hochreiter & Schmidhuber 1997; Gers et al. 1999."""
    h, c = state
    i, f, g, o = jnp.split(given + h @ inner, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return (h, c), h


def max_pool(x: Array) -> Array:
    """The largest of each 2x2 window."""
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def flat(x: Array) -> Array:
    """Images as rows, channels first, as the weights behind expect them."""
    return jnp.transpose(x, (0, 3, 1, 2)).reshape(len(x), -1)


def channels_last(x: Array) -> Array:
    """(n, c, h, w) as (n, h, w, c)."""
    return jnp.transpose(x, (0, 2, 3, 1))


def cross_entropy(x: Array, y: Array) -> Array:
    """The mean of -log softmax(x)[y]."""
    return -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1).mean()


def binary_cross_entropy(x: Array, y: Array) -> Array:
    """-y log s(x) - (1 - y) log(1 - s(x)) for each logit x."""
    return jnp.maximum(x, 0) - x * y + jnp.log1p(jnp.exp(-jnp.abs(x)))
