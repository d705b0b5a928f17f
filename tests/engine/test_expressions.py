"""Random expressions: values, gradients and second derivatives against PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import Tensor, check_gradients, no_grad, ops


class Step(NamedTuple):
    """One operation on (2, 3) matrices, in descend and in PyTorch."""

    ours: Callable[[Any, Any], Any]
    theirs: Callable[[Any, Any], Any]


def _assigned(a: Any, b: Any) -> Any:
    y = a * 1.0
    y[0] = b[1]
    y[:, 1] = y[:, 1] + b[:, 0]
    return y


def both(f: Callable[[Any, Any], Any]) -> Step:
    """A step that is written the same way in both."""
    return Step(f, f)


STEPS = {
    "add": both(lambda a, b: a + b),
    "sub": both(lambda a, b: 1.5 - a - b),
    "mul": both(lambda a, b: a * b),
    "div": both(lambda a, b: a / (1 + b * b)),
    "neg": both(lambda a, b: -a),
    "pow": both(lambda a, b: (1 + a * a) ** 0.5),
    "square": both(lambda a, b: a**2 - b),
    "tanh": both(lambda a, b: a.tanh()),
    "sigmoid": both(lambda a, b: a.sigmoid()),
    "relu": both(lambda a, b: a.relu() * b),
    "exp": both(lambda a, b: (-(a * a)).exp()),
    "log": both(lambda a, b: (a * a + 1).log()),
    "abs": both(lambda a, b: abs(a) + b),
    "row": both(lambda a, b: a + b[0]),
    "column": both(lambda a, b: a * b[:, 1:2]),
    "number": both(lambda a, b: a * b[1, 2]),
    "rows exchanged": both(lambda a, b: a[[1, 0]] + b[[1, 1]]),
    "reshaped": both(lambda a, b: a.reshape(3, 2).T + b),
    "products": both(lambda a, b: a @ b.T @ a * 0.1),
    "sum": both(lambda a, b: a - a.sum(0, keepdims=True) * b),
    "mean": both(lambda a, b: a - b.mean(1, keepdims=True)),
    "assigned": both(_assigned),
    "detached": both(lambda a, b: a * b.detach()),
    "max": Step(lambda a, b: a - b.max(1, keepdims=True), lambda a, b: a - b.amax(1, keepdim=True)),
    "softmax": Step(lambda a, b: ops.softmax(a) * b, lambda a, b: torch.softmax(a, -1) * b),
    "log_softmax": Step(lambda a, b: ops.log_softmax(a, 0), lambda a, b: torch.log_softmax(a, 0)),
    "where": Step(lambda a, b: ops.where(a > b, a, b * b), lambda a, b: torch.where(a > b, a, b * b)),
    "concat": Step(lambda a, b: ops.concat([a, b], 1)[:, 1:4], lambda a, b: torch.cat([a, b], 1)[:, 1:4]),
    "stack": Step(lambda a, b: ops.stack([a, b]).mean(0), lambda a, b: torch.stack([a, b]).mean(0)),
    "padded": Step(lambda a, b: ops.pad(a, ((0, 1), (0, 0)))[1:] + b, lambda a, b: F.pad(a, (0, 0, 0, 1))[1:] + b),
    "sin": Step(lambda a, b: ops.sin(a) * ops.cos(b), lambda a, b: torch.sin(a) * torch.cos(b)),
}  # fmt: skip

programs = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=8
)


def run(program: list[tuple[str, int, int]], leaves: list[Any], which: int) -> Any:
    """Apply each step to two of the values there are; their sum is the result, so that all of them count."""
    values = list(leaves)
    for name, i, j in program:
        values.append(STEPS[name][which](values[i % len(values)], values[j % len(values)]))
    return sum(values[len(leaves) :]) * 0.5


def drawn(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((2, 3)) for _ in range(3)]


def close(found: Any, wanted: Any) -> None:
    wanted = wanted.detach().clone().numpy(force=True)
    np.testing.assert_allclose(
        found.numpy(), wanted, rtol=1e-8, atol=1e-8 * max(1.0, float(np.abs(wanted).max(initial=0)))
    )


@given(programs, st.integers(0, 2**32 - 1))
def test_values_and_gradients_of_two_orders(program: list[tuple[str, int, int]], seed: int) -> None:
    arrays, u = drawn(seed)[:2], drawn(seed)[2]
    ours = [Tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y, wanted = run(program, ours, 0), run(program, theirs, 1)
    close(y, wanted)

    y.backward(u, create_graph=True)
    first = torch.autograd.grad(wanted, theirs, torch.tensor(u), create_graph=True, materialize_grads=True)
    gradients = [x.grad if x.grad is not None else Tensor(np.zeros((2, 3))) for x in ours]
    for mine, other in zip(gradients, first, strict=True):
        close(mine, other)

    total, total_wanted = sum((g * g).sum() for g in gradients), sum((g * g).sum() for g in first)
    for x in ours:
        x.grad = None
    if total.requires_grad:
        total.backward()
        second = torch.autograd.grad(total_wanted, theirs, allow_unused=True, materialize_grads=True)
        for x, other in zip(ours, second, strict=True):
            close(x.grad if x.grad is not None else Tensor(np.zeros((2, 3))), other)


@given(programs, st.integers(0, 2**32 - 1))
def test_no_grad_gives_the_same_values(program: list[tuple[str, int, int]], seed: int) -> None:
    ours = [Tensor(x, requires_grad=True) for x in drawn(seed)]
    y = run(program, ours, 0)
    with no_grad():
        assert run(program, ours, 0).tolist() == y.tolist()


def test_every_step_has_right_gradients() -> None:
    a, b = drawn(0)[:2]
    for step in set(STEPS) - {"detached"}:
        check_gradients(STEPS[step].ours, a, b, order=2)
