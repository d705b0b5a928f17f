"""Is this gradient right? Central differences against the pullback, along a random cotangent.

Why random: with the cotangent that `f(x).sum().backward()` uses, all ones, a dropped cross term, a transposed or
repeated gradient and a missing chain factor often give the right number by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descend.engine.autodiff import vjp
from descend.engine.errors import GradientError
from descend.engine.modes import no_grad
from descend.engine.ops import concat, reshape
from descend.engine.tensor import Tensor, as_tensor

Array = NDArray[np.float64]
Function = Callable[..., Tensor]
COORDINATES = 200  # up to this many, every coordinate is checked; beyond, random directions
DIRECTIONS = 24


class Mismatch(NamedTuple):
    """Where a gradient disagrees with the central difference."""

    argument: int
    place: tuple[int, ...] | None
    claimed: float
    measured: float


def check_gradients(f: Function, *inputs: Any, order: int = 1, rtol: float = 1e-6, seed: int = 0) -> None:
    """Compare the gradient of f with central differences, in float64, along a random cotangent.

    (u . f(x + h e) - u . f(x - h e)) / 2h  =  (u . J) . e    for a random u and each coordinate direction e
    (random directions e where there are more than 200 coordinates).

    Args:
        f: a function of tensors that returns one tensor; must be smooth around the inputs.
        order: 2 checks the gradient of the gradient too.
        rtol: tolerated error, relative to the largest derivative; rounding of f itself is allowed for.

    Raises: GradientError naming the argument, the place, the claimed and the measured derivative.
    """
    rng = np.random.default_rng(seed)
    points = [np.array(as_tensor(x).numpy(), np.float64) for x in inputs]
    _check(f, points, rng, rtol)
    if order > 1:
        check_gradients(_gradient(f, points, rng), *points, order=order - 1, rtol=10 * rtol, seed=seed + 1)


def _gradient(f: Function, points: list[Array], rng: np.random.Generator) -> Function:
    """The function from the inputs to u . J, all arguments' parts in one vector."""
    u = rng.standard_normal(_value(f, points).shape)

    def gradient(*inputs: Tensor) -> Tensor:
        parts = vjp(f, *inputs)[1](u)
        return concat([reshape(part, (part.size,)) for part in (parts if len(inputs) > 1 else (parts,))])

    return gradient


def _value(f: Function, points: list[Array]) -> Array:
    with no_grad():
        y = f(*[Tensor(x) for x in points])
    if not isinstance(y, Tensor):
        raise GradientError(
            "only a function that returns one tensor can be checked", given=type(y).__name__, needed="a Tensor",
            fix="return the result of tensor operations, not .item() or .numpy()",
        )  # fmt: skip
    return np.asarray(y.numpy(), np.float64)


def _check(f: Function, points: list[Array], rng: np.random.Generator, rtol: float) -> None:
    value = _value(f, points)
    if not np.isfinite(value).all():
        raise GradientError(
            "where a function is not finite its gradient cannot be checked",
            given=f"{value[~np.isfinite(value)][0]} among its values", needed="finite numbers",
            fix="choose other inputs",
        )  # fmt: skip
    u = rng.standard_normal(value.shape)
    pulled = vjp(f, *[Tensor(x) for x in points])[1](u)
    claims = [part.numpy() for part in (pulled if len(points) > 1 else (pulled,))]
    for argument, (x, claim) in enumerate(zip(points, claims, strict=True)):
        if claim.shape != x.shape:
            raise GradientError(
                f"the gradient of argument {argument} has another shape", given=str(claim.shape), needed=str(x.shape),
                fix="a gradient has its input's shape: is it transposed, or a sum left out?",
            )  # fmt: skip
        compared = [_along(f, points, u, argument, e, claim) for e in _directions(x, rng)]
        _judge(compared, rtol, float(np.abs(u * value).sum()))


def _directions(x: Array, rng: np.random.Generator) -> Iterator[tuple[tuple[int, ...] | None, Array]]:
    if x.size > COORDINATES:
        yield from ((None, rng.standard_normal(x.shape) / np.sqrt(x.size)) for _ in range(DIRECTIONS))
        return
    for index in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[index] = 1.0
        yield index, e


def _step(x: Array, e: Array) -> float:
    """The step that balances truncation (h^2) against rounding (1/h)."""
    scale = float(np.abs(x[e != 0]).max()) if e.any() else 1.0
    return float(np.finfo(np.float64).eps ** (1 / 3)) * max(scale, 1e-3)


def _along(
    f: Function,
    points: list[Array],
    u: Array,
    argument: int,
    direction: tuple[tuple[int, ...] | None, Array],
    claim: Array,
) -> tuple[Mismatch, float]:
    index, e = direction
    h = _step(points[argument], e)
    moved = [[x + sign * h * e if i == argument else x for i, x in enumerate(points)] for sign in (1, -1)]
    plus, minus = (_value(f, at) for at in moved)
    measured = float((u * (plus - minus)).sum()) / (2 * h)
    claimed = float(claim[index]) if index is not None else float((claim * e).sum())
    return Mismatch(argument, index, claimed, measured), h


def _judge(compared: list[tuple[Mismatch, float]], rtol: float, magnitude: float) -> None:
    sizes = [abs(number) for m, _ in compared for number in (m.claimed, m.measured) if np.isfinite(number)]
    scale = max(sizes, default=0.0)
    for m, h in compared:
        rounding = 20 * np.finfo(np.float64).eps * magnitude / h
        if not abs(m.claimed - m.measured) <= rtol * scale + rounding:  # `not <=` so that NaN fails
            raise _wrong(m, [pair for pair, _ in compared])


def _wrong(m: Mismatch, compared: list[Mismatch]) -> GradientError:
    where = f"index {m.place}" if m.place is not None else "a random direction"
    return GradientError(
        f"the gradient of argument {m.argument} is wrong at {where}",
        given=f"{m.claimed:.8g} from the gradient rule",
        needed=f"{m.measured:.8g} from central differences", fix=_guess(compared),
    )  # fmt: skip


def _guess(compared: list[Mismatch]) -> str:
    """A wrong factor shows as one ratio everywhere."""
    ratios = [m.claimed / m.measured for m in compared if m.measured and np.isfinite(m.claimed)]
    if ratios and np.ptp(ratios) < 1e-4 * abs(ratios[0]):
        return f"it is {ratios[0]:.6g} times the right value everywhere: look for a lost or doubled factor"
    return "it is wrong by no common factor: look for a lost term, a transposed or a misplaced one"
