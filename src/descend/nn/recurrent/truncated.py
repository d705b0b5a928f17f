"""Truncated backpropagation through time: the state goes on, gradients end at the window's beginning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from descend.engine import Tensor, as_tensor, tree
from descend.nn import checks
from descend.nn.module import Module


def detached(state: Any) -> Any:
    """The same state (a tensor, or tuples of tensors) without history: no gradient goes further back."""
    leaves, rebuild = tree.flatten(state)
    return rebuild([leaf.detach() if isinstance(leaf, Tensor) else leaf for leaf in leaves])


def truncated(layer: Module, x: Any, steps: int, state: Any = None) -> Iterator[tuple[Any, Any]]:
    """Read a long sequence in windows of `steps`: yields (outputs, state) of each window, the state detached.

        for y, state in truncated(lstm, x, 35):
            optimizer.zero_grad(); loss(y).backward(); optimizer.step()

    The state is handed on from window to window; each loss has gradients in its own window only.
    Shapes: x (t, n, d), or (n, t, d) for a layer with batch_first. The last window may be shorter.
    Source: Williams and Peng 1990, "An efficient gradient-based algorithm for on-line training".
    """
    checks.counts("truncated", steps=steps)
    x = as_tensor(x)
    axis = 1 if getattr(layer, "batch_first", False) else 0
    for start in range(0, x.shape[axis], steps):
        window = (slice(None),) * axis + (slice(start, start + steps),)
        y, state = layer(x[window], state)
        state = detached(state)
        yield y, state
