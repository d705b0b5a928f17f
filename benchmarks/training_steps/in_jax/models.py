"""The networks: for each the losses of its players, as functions of the layers and the batch.

The names of the weights are those of the modules in the files beside this package.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from benchmarks.training_steps.in_jax.layers import (
    Array,
    Layers,
    binary_cross_entropy,
    channels_last,
    cross_entropy,
    flat,
    max_pool,
)

Loss = Callable[..., Array]


def small(net: Layers, x: Array, y: Array) -> Array:
    x = jnp.tanh(net.affine("2", jnp.tanh(net.affine("0", x))))
    return ((net.affine("4", x) - y) ** 2).mean()


def mlp(net: Layers, x: Array, y: Array) -> Array:
    x = jax.nn.relu(net.affine("2", jax.nn.relu(net.affine("0", x))))
    return cross_entropy(net.affine("4", x), y)


def lenet(net: Layers, x: Array, y: Array) -> Array:
    x = channels_last(x)
    for name in ("0", "3"):
        x = max_pool(jax.nn.relu(net.conv(name, x, padding=2)))
    return cross_entropy(net.affine("9", jax.nn.relu(net.affine("7", flat(x)))), y)


def vgg(net: Layers, x: Array, y: Array) -> Array:
    x, last = channels_last(x), number_of(net, "bias") - 1
    for stage in range(0, last, 7):  # convolution, normalisation, relu, twice, and a pooling
        for name in (stage, stage + 3):
            x = jax.nn.relu(net.batch_norm(f"{name + 1}", net.conv(f"{name}", x, padding=1)))
        x = max_pool(x)
    return cross_entropy(net.affine(f"{last + 1}", flat(x)), y)


def resnet(net: Layers, x: Array, y: Array) -> Array:
    last = number_of(net, "bias")
    x = jax.nn.relu(net.batch_norm("1", net.conv("0", channels_last(x), padding=1)))
    for i in range(3, last - 2):
        x = block(net, f"{i}", x)
    return cross_entropy(net.affine(f"{last}", x.mean((1, 2))), y)


def block(net: Layers, name: str, x: Array) -> Array:
    narrows = f"{name}.shortcut.0.weight" in net.weights
    y = jax.nn.relu(net.batch_norm(f"{name}.bn1", net.conv(f"{name}.conv1", x, 1 + narrows, 1)))
    y = net.batch_norm(f"{name}.bn2", net.conv(f"{name}.conv2", y, 1, 1))
    shortcut = net.batch_norm(f"{name}.shortcut.1", net.conv(f"{name}.shortcut.0", x, 2)) if narrows else x
    return jax.nn.relu(y + shortcut)


def number_of(net: Layers, what: str) -> int:
    """The number of the last layer that has this weight."""
    return max(int(name.split(".")[0]) for name in net.weights if name.endswith(what))


def lstm(net: Layers, x: Array, y: Array) -> Array:
    x = net.lstm("lstm", x, 2)
    return cross_entropy(net.affine("head", x.reshape(-1, x.shape[-1])), y)


def vae(net: Layers, x: Array, noise: Array) -> Array:
    h = jax.nn.relu(net.affine("encoder.0", x))
    mean, log_variance = net.affine("mean", h), net.affine("log_variance", h)
    h = jax.nn.relu(net.affine("decoder.0", mean + noise * jnp.exp(0.5 * log_variance)))
    divergence = 0.5 * (mean**2 + jnp.exp(log_variance) - 1 - log_variance).sum()
    return (binary_cross_entropy(net.affine("decoder.2", h), x).sum() + divergence) / len(x)


def transformer(net: Layers, x: Array, place: Array, hidden: Array, y: Array, heads: int) -> Array:
    x = net.embedding("tokens", x) + net.embedding("places", place)
    for i in range(len({name.split(".")[2] for name in net.weights if name.startswith("body.layers")})):
        name = f"body.layers.{i}"
        x = x + net.attention(f"{name}.self_attn", net.layer_norm(f"{name}.norm1", x), hidden, heads)
        h = jax.nn.gelu(net.affine(f"{name}.linear1", net.layer_norm(f"{name}.norm2", x)), approximate=False)
        x = x + net.affine(f"{name}.linear2", h)
    return cross_entropy(net.affine("head", net.layer_norm("body.norm", x)).reshape(len(y), -1), y)


def generated(net: Layers, noise: Array) -> Array:
    x = channels_last(noise)
    for i, (stride, padding) in enumerate(((1, 0), (2, 1), (2, 1))):
        x = net.transposed_conv(f"0.{3 * i}", x, stride, padding)
        x = jax.nn.relu(net.batch_norm(f"0.{3 * i + 1}", x))
    return jnp.tanh(net.transposed_conv("0.9", x, 2, 1))


def judged(net: Layers, x: Array) -> Array:
    x = jax.nn.leaky_relu(net.conv("1.0", x, 2, 1), 0.2)
    for name in (2, 5):
        x = jax.nn.leaky_relu(net.batch_norm(f"1.{name + 1}", net.conv(f"1.{name}", x, 2, 1)), 0.2)
    return net.conv("1.8", x).reshape(-1, 1)


def discriminator(net: Layers, images: Array, noise: Array, real: Array, made: Array) -> Array:
    drawn = jax.lax.stop_gradient(generated(Layers(net.weights), noise))  # the generator's averages: at its own turn
    right = binary_cross_entropy(judged(net, channels_last(images)), real).mean()
    return right + binary_cross_entropy(judged(net, drawn), made).mean()


def generator(net: Layers, images: Array, noise: Array, real: Array, made: Array) -> Array:  # noqa: ARG001
    return binary_cross_entropy(judged(net, generated(net, noise)), real).mean()


PLAYERS: dict[str, dict[str, Loss]] = {
    **{loss.__name__: {"": loss} for loss in (small, mlp, lenet, vgg, resnet, lstm, vae, transformer)},
    "dcgan": {"1.": discriminator, "0.": generator},
}
"""By workload: how the names of each player's weights begin, and the player's loss."""
