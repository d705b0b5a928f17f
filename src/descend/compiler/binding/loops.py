"""Fused loops as `kernels.loop` wants them described."""

from __future__ import annotations

import math

from descend.compiler.binding.call import Call
from descend.compiler.graph import Equation, Literal, Shape, Value
from descend.compiler.passes.fuse import REDUCTIONS, extent, form_of
from descend.kernels.expression import KINDS
from descend.kernels.loop import Constant, Has, Input, Loop, Result, Step


def loop_call(equation: Equation) -> Call | None:
    """A group of elementwise operations and reductions as one nest of loops."""
    loop, lengths = described(equation)
    return Call("loop", loop.source(), (*lengths, *equation.inputs, *equation.outputs))


def described(equation: Equation) -> tuple[Loop, list[int]]:
    """A fused loop as a description for `kernels.loop`, and the lengths of its axes."""
    body = equation.body
    space = extent(body.equations[0])
    reduced = {e.output: _without(space, e.attributes["axes"]) for e in body.equations if e.name in REDUCTIONS}
    read = [_has(x.shape, space) for x in body.inputs]
    written = [reduced.get(x, (True,) * len(space)) for x in body.outputs]
    axes = _merged_axes(space, [*read, *written])
    inputs = tuple(Input(KINDS[x.dtype.name], _cut(has, axes)) for x, has in zip(body.inputs, read, strict=True))
    number: dict[Value, int] = {x: i for i, x in enumerate(body.inputs)}
    steps: list[Step] = []
    reductions: dict[Value, tuple[int, str]] = {}
    for e in body.equations:
        if e.name in REDUCTIONS:
            reductions[e.output] = number[e.inputs[0]], e.name
        else:
            steps.append(Step(str(form_of(e)), tuple(_operand(x, number) for x in e.inputs)))
            number[e.output] = len(body.inputs) + len(steps) - 1
    results = tuple(
        _result(x, _cut(has, axes), number, reductions) for x, has in zip(body.outputs, written, strict=True)
    )
    return Loop(len(axes), inputs, tuple(steps), results), [math.prod(space[i] for i in group) for group in axes]


def _has(shape: Shape, space: Shape) -> Has:
    """Which axes of the space an array has that is broadcast to it."""
    missing = len(space) - len(shape)
    return (*[False] * missing, *[n == m for n, m in zip(shape, space[missing:], strict=True)])


def _without(space: Shape, axes: tuple[int, ...]) -> Has:
    return tuple(i not in axes for i in range(len(space)))


def _merged_axes(space: Shape, patterns: list[Has]) -> list[list[int]]:
    """The axes of the space in groups that every operand has or lacks together; axes of length 1 are left out."""
    groups: list[list[int]] = []
    for axis in (i for i, n in enumerate(space) if n != 1):
        if groups and all(has[axis] == has[groups[-1][-1]] for has in patterns):
            groups[-1].append(axis)
        else:
            groups.append([axis])
    return groups


def _cut(has: Has, axes: list[list[int]]) -> Has:
    return tuple(has[group[0]] for group in axes)


def _operand(x: Value, number: dict[Value, int]) -> int | Constant:
    return Constant(x.array.reshape(-1)[0].item(), KINDS[x.dtype.name]) if isinstance(x, Literal) else number[x]


def _result(x: Value, has: Has, number: dict[Value, int], reductions: dict[Value, tuple[int, str]]) -> Result:
    value, reduce = reductions.get(x) or (number[x], "")
    return Result(value, KINDS[x.dtype.name], has, "" if all(has) else reduce)
