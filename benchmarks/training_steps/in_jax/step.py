"""A whole training step in JAX: gradients, Adam and running averages in one compiled function; its state is donated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.training_steps.in_jax.layers import Array, Layers
from benchmarks.training_steps.in_jax.models import PLAYERS, Loss
from benchmarks.training_steps.workload import Workload

Weights = dict[str, Array]
BETAS, EPSILON = (0.9, 0.999), 1e-8


def stepping(name: str, work: Workload, begin: Mapping[str, np.ndarray]) -> Callable[[], float]:
    """The step of a workload from these weights on: it gives the sum of the players' losses."""
    weights = {key: jnp.asarray(array) for key, array in begin.items()}
    zeros = {key: jnp.zeros_like(w) for key, w in weights.items()}
    state = (weights, zeros, {key: jnp.zeros_like(w) for key, w in weights.items()}, jnp.zeros((), jnp.float32))
    players = {beginning: partial(loss, **work.numbers) for beginning, loss in PLAYERS[name].items()}
    whole = jax.jit(partial(stepped, players, work.learning_rate), donate_argnums=0)
    given = tuple(map(jnp.asarray, work.data()))

    def step() -> float:
        nonlocal state
        state, loss = whole(state, given)
        return float(loss)

    return step


State = tuple[Weights, Weights, Weights, Array]
"""Weights and running averages, Adam's two moments, the number of steps taken."""


def stepped(players: Mapping[str, Loss], lr: float, state: State, data: tuple[Array, ...]) -> tuple[State, Array]:
    """The state after a step, and the loss before it."""
    weights, first, second, count = state
    total = jnp.zeros(())
    for beginning, loss in players.items():
        own = {key: w for key, w in weights.items() if key.startswith(beginning) and ".running_" not in key}

        def of(own: Weights, loss: Loss = loss, weights: Weights = weights) -> tuple[Array, Weights]:
            net = Layers({**weights, **own})
            return loss(net, *data), net.running

        (value, running), gradients = jax.value_and_grad(of, has_aux=True)(own)
        moved = {key: adam(own[key], g, first[key], second[key], count + 1, lr) for key, g in gradients.items()}
        weights, first, second = (
            {**before, **{key: parts[i] for key, parts in moved.items()}}
            for i, before in enumerate((weights, first, second))
        )
        weights, total = {**weights, **running}, total + value
    return (weights, first, second, count + 1), total


def adam(w: Array, g: Array, m: Array, v: Array, t: Array, lr: float) -> tuple[Array, Array, Array]:
    """w and the moments after step t. Source: Kingma & Ba 2014, arXiv:1412.6980."""
    m, v = BETAS[0] * m + (1 - BETAS[0]) * g, BETAS[1] * v + (1 - BETAS[1]) * g * g
    size = jnp.sqrt(v / (1 - BETAS[1] ** t)) + EPSILON
    return w - lr * m / (1 - BETAS[0] ** t) / size, m, v
